"""Sums of budget lines by year, when they are out of date, and what a line is called in every year."""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from budget_model.spending.trends import series_key

revision = "0080a"
down_revision = "0080"
branch_labels = None
depends_on = None
ROWS_AT_ONCE = 5_000


def upgrade() -> None:
    op.create_table(
        "budget_line_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_budget_line_change_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line_change")),
    )
    op.create_index("ix_budget_line_change_site_id_year", "budget_line_change", ["site_id", "year", "id"])
    op.create_table(
        "budget_line_sum",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("stamp", sa.String(length=60), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_budget_line_sum_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line_sum")),
        sa.UniqueConstraint("site_id", "year", name=op.f("uq_budget_line_sum_site_id_year")),
    )
    op.add_column("budget_line", sa.Column("series", sa.String(length=32), nullable=True))
    _fill_series()
    with op.batch_alter_table("budget_line") as batch:
        batch.alter_column("series", existing_type=sa.String(length=32), nullable=False)
    op.create_index("ix_budget_line_site_id_series", "budget_line", ["site_id", "series"])
    years = sa.text(
        "INSERT INTO budget_line_change (site_id, year, at) SELECT DISTINCT site_id, year, :at FROM budget_line"
    )
    op.get_bind().execute(years.bindparams(sa.bindparam("at", datetime.now(UTC), sa.DateTime(timezone=True))))


def _fill_series() -> None:
    """Each line's series, in parts so that a large store needs little memory."""
    bind, last = op.get_bind(), 0
    read = sa.text("SELECT id, code, labels FROM budget_line WHERE id > :last ORDER BY id LIMIT :number")
    write = sa.text("UPDATE budget_line SET series = :series WHERE id = :id")
    while rows := bind.execute(read, {"last": last, "number": ROWS_AT_ONCE}).all():
        bind.execute(write, [{"id": row[0], "series": _series(row[1], row[2])} for row in rows])
        last = rows[-1][0]


def _series(code, labels) -> str:
    found = json.loads(labels) if isinstance(labels, str) else labels
    return hashlib.sha256(series_key(code, found).encode()).hexdigest()[:32]


def downgrade() -> None:
    op.drop_index("ix_budget_line_site_id_series", "budget_line")
    with op.batch_alter_table("budget_line") as batch:
        batch.drop_column("series")
    op.drop_table("budget_line_sum")
    op.drop_table("budget_line_change")
