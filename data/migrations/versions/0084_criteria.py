"""The municipality's own criteria of a process, and the points of its proposals."""

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("assembly_process") as batch:
        batch.add_column(sa.Column("criteria", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "assembly_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("proposal_code", sa.String(length=40), nullable=False),
        sa.Column("criterion", sa.String(length=40), nullable=False),
        sa.Column("points", sa.String(length=20), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_id"], ["assembly_process.id"], name=op.f("fk_assembly_mark_process_id_assembly_process")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assembly_mark")),
        sa.UniqueConstraint(
            "process_id", "proposal_code", "criterion", name=op.f("uq_assembly_mark_process_id_proposal_code_criterion")
        ),
    )
    op.create_index(op.f("ix_assembly_mark_process_id"), "assembly_mark", ["process_id"])


def downgrade() -> None:
    op.drop_table("assembly_mark")
    with op.batch_alter_table("assembly_process") as batch:
        batch.drop_column("criteria")
