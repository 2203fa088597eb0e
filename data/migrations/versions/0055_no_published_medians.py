"""Medians that came out as published figures of 0 are taken back; they are no figures for the public."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    indicator = sa.table("indicator", sa.column("id"), sa.column("definition", sa.JSON))
    figure = sa.table("published_figure", sa.column("indicator_id"))
    connection = op.get_bind()
    rows = connection.execute(sa.select(indicator.c.id, indicator.c.definition)).all()
    for identifier, definition in rows:
        if isinstance(definition, dict) and definition.get("median") is not None:
            connection.execute(sa.delete(figure).where(figure.c.indicator_id == identifier))


def downgrade() -> None:
    """What was wrong stays away."""
