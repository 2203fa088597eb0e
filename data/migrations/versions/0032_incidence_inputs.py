"""What sites know of the users of their programmes."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incidence_input",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_incidence_input_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidence_input")),
    )
    with op.batch_alter_table("incidence_input") as batch:
        batch.create_index(op.f("ix_incidence_input_site_id"), ["site_id"], unique=False)


def downgrade() -> None:
    op.drop_table("incidence_input")
