"""People whose sector an extract hides are no area: those that earlier imports made are removed with their figures.

The people stay in their round and count in the site. Whatever hung on such an area by its id hangs on the site from now
on, figures excepted: those of the site are there already.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

HIDDEN_AREA = "not-shown"
FIGURES = ("estimate", "sex_contrast", "need", "published_figure")
area = sa.table("area", *(sa.column(name) for name in ("id", "site_id", "parent_id", "level", "code")))
audit_entry = sa.table(
    "audit_entry",
    sa.column("at", sa.DateTime(timezone=True)),
    *(sa.column(name) for name in ("actor", "site_id", "action", "subject")),
    sa.column("detail", sa.JSON),
)


def upgrade() -> None:
    connection = op.get_bind()
    hidden = connection.execute(sa.select(area.c.id, area.c.site_id).where(area.c.code == HIDDEN_AREA)).all()
    for area_id, site_id in hidden:
        root = connection.scalar(sa.select(area.c.id).where(area.c.site_id == site_id, area.c.level == 0))
        removed = {name: _remove(connection, name, area_id) for name in FIGURES}
        sessions = sa.table("focus_group_session", sa.column("area_id"))
        connection.execute(sessions.update().where(sessions.c.area_id == area_id).values(area_id=root))
        connection.execute(area.update().where(area.c.parent_id == area_id).values(parent_id=root))
        connection.execute(area.delete().where(area.c.id == area_id))
        _record(connection, site_id, removed)


def _remove(connection: sa.Connection, name: str, area_id: int) -> int:
    table = sa.table(name, sa.column("area_id"))
    return connection.execute(table.delete().where(table.c.area_id == area_id)).rowcount


def _record(connection: sa.Connection, site_id: int, removed: dict[str, int]) -> None:
    connection.execute(
        audit_entry.insert().values(
            at=datetime.now(UTC),
            actor="migration 0042",
            site_id=site_id,
            action="areas.remove",
            subject=f"area {HIDDEN_AREA}: people whose sector is not shown are no area",
            detail={"figures": removed},
        )
    )


def downgrade() -> None:
    """Nothing: an area of hidden people was never one, and its figures can be run again."""
