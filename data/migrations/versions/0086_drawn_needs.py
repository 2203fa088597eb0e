"""What each proposal meets in every draw, so that the sum of a list has an interval of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0084"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("assembly_score") as batch:
        batch.add_column(sa.Column("drawn", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("assembly_score") as batch:
        batch.drop_column("drawn")
