"""What proposals would do for the survey's needs, as it was computed."""

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assembly_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(80), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_id"], ["assembly_process.id"], name=op.f("fk_assembly_score_process_id_assembly_process")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["survey_round.id"], name=op.f("fk_assembly_score_round_id_survey_round")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assembly_score")),
        sa.UniqueConstraint("process_id", name=op.f("uq_assembly_score_process_id")),
    )
    op.create_index(op.f("ix_assembly_score_round_id"), "assembly_score", ["round_id"])


def downgrade() -> None:
    op.drop_table("assembly_score")
