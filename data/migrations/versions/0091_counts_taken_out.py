"""A signed count is taken out by two people: who asked first, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None
COLUMNS = {"leaving_by": 80, "leaving_reason": 400}


def upgrade() -> None:
    for name, length in COLUMNS.items():
        op.add_column("ballot_tally", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    with op.batch_alter_table("ballot_tally") as batch:
        for name, length in COLUMNS.items():
            batch.alter_column(name, existing_type=sa.String(length), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("ballot_tally") as batch:
        for name in COLUMNS:
            batch.drop_column(name)
