"""Notes pinned to points in time of the trends of sites."""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budget_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_note")),
    )
    op.create_table(
        "budget_note_site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["budget_note.id"], name=op.f("fk_budget_note_site_note_id_budget_note")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_budget_note_site_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_note_site")),
        sa.UniqueConstraint("note_id", "site_id", name=op.f("uq_budget_note_site_note_id_site_id")),
    )
    op.create_index(op.f("ix_budget_note_site_note_id"), "budget_note_site", ["note_id"])
    op.create_index(op.f("ix_budget_note_site_site_id"), "budget_note_site", ["site_id"])
    op.create_table(
        "budget_note_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(length=20), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["note_id"], ["budget_note.id"], name=op.f("fk_budget_note_version_note_id_budget_note")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_note_version")),
        sa.UniqueConstraint("note_id", "version", name=op.f("uq_budget_note_version_note_id_version")),
    )
    op.create_index(op.f("ix_budget_note_version_note_id"), "budget_note_version", ["note_id"])


def downgrade() -> None:
    op.drop_table("budget_note_version")
    op.drop_table("budget_note_site")
    op.drop_table("budget_note")
