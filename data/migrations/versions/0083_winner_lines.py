"""Winners of the participatory budget and the budget lines that carry them out."""

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
SHARE = sa.Numeric(9, 6).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "winner_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("proposal_code", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("line_code", sa.String(length=200), nullable=False),
        sa.Column("share", SHARE, nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_id"], ["assembly_process.id"], name=op.f("fk_winner_line_process_id_assembly_process")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_winner_line")),
        sa.UniqueConstraint(
            "process_id",
            "proposal_code",
            "year",
            "line_code",
            name=op.f("uq_winner_line_process_id_proposal_code_year_line_code"),
        ),
    )
    op.create_index(op.f("ix_winner_line_process_id"), "winner_line", ["process_id"])


def downgrade() -> None:
    op.drop_table("winner_line")
