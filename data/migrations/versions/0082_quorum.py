"""Processes of the participatory budget: the quorum that was announced."""

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("assembly_process") as batch:
        batch.add_column(sa.Column("quorum", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("assembly_process") as batch:
        batch.drop_column("quorum")
