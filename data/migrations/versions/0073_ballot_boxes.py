"""Votes on the site: ballot boxes, codes printed beforehand, ballots."""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLES = ("ballot_box", "ballot_code_batch", "ballot_code", "ballot", "wrong_code")


def upgrade() -> None:
    _add_box()
    _add_codes()
    _add_ballots()
    op.create_table(
        "wrong_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("address", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrong_code")),
    )
    op.create_index(op.f("ix_wrong_code_at"), "wrong_code", ["at"])
    op.create_index(op.f("ix_wrong_code_address"), "wrong_code", ["address"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _add_box() -> None:
    op.create_table(
        "ballot_box",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("asks", sa.JSON(), nullable=False),
        sa.Column("envelope", sa.String(40), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("projects", sa.JSON(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.String(80), nullable=False),
        sa.Column("statistics", sa.JSON(), nullable=True),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        _key("ballot_box", "process_id", "assembly_process.id"),
        _key("ballot_box", "area_id", "area.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_box")),
    )
    op.create_index(op.f("ix_ballot_box_process_id"), "ballot_box", ["process_id"])
    op.create_index(op.f("ix_ballot_box_area_id"), "ballot_box", ["area_id"])


def _add_codes() -> None:
    op.create_table(
        "ballot_code_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("sex", sa.String(1), nullable=False),
        sa.Column("age", sa.String(10), nullable=False),
        sa.Column("zone", sa.String(40), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("key_check", sa.String(16), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.String(80), nullable=False),
        _key("ballot_code_batch", "box_id", "ballot_box.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot_code_batch")),
    )
    op.create_index(op.f("ix_ballot_code_batch_box_id"), "ballot_code_batch", ["box_id"])
    op.create_table(
        "ballot_code",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        _key("ballot_code", "batch_id", "ballot_code_batch.id"),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_ballot_code")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_ballot_code_batch_id"), "ballot_code", ["batch_id"])


def _add_ballots() -> None:
    op.create_table(
        "ballot",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("vote", sa.String(), nullable=False),
        sa.Column("points", sa.String(), nullable=False),
        sa.Column("sex", sa.String(1), nullable=False),
        sa.Column("age", sa.String(10), nullable=False),
        sa.Column("zone", sa.String(40), nullable=False),
        _key("ballot", "box_id", "ballot_box.id"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ballot")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_ballot_box_id"), "ballot", ["box_id"])


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}_{target.partition('.')[0]}"))
