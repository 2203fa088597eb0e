"""Tags of a year by their state, counted in an index."""

from alembic import op

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_line_tag_site_id_year_state", "line_tag", ["site_id", "year", "state"])


def downgrade() -> None:
    op.drop_index("ix_line_tag_site_id_year_state", "line_tag")
