"""Rounds that are known by published estimates only: numbers of people may be unknown."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _allow_unknown(True)


def downgrade() -> None:
    """A round without answers cannot be told in the older tables: it goes, with its figures."""
    rounds = sa.table("survey_round", sa.column("id"), sa.column("bank_path"))
    without = sa.select(rounds.c.id).where(rounds.c.bank_path == "")
    for name in ("estimate", "published_figure", "round_event"):
        table = sa.table(name, sa.column("round_id"))
        op.execute(sa.delete(table).where(table.c.round_id.in_(without)))
    op.execute(sa.delete(rounds).where(rounds.c.bank_path == ""))
    _allow_unknown(False)


def _allow_unknown(is_allowed: bool) -> None:
    with op.batch_alter_table("survey_round") as batch:
        batch.alter_column("household_count", existing_type=sa.Integer(), nullable=is_allowed)
        batch.alter_column("person_count", existing_type=sa.Integer(), nullable=is_allowed)
    with op.batch_alter_table("estimate") as batch:
        batch.alter_column("n", existing_type=sa.Integer(), nullable=is_allowed)
        batch.alter_column("population", existing_type=sa.Float(), nullable=is_allowed)
