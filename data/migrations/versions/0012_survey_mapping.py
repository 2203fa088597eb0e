"""Column mappings that sites keep for the next round."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_mapping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.String(length=80), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_survey_mapping_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_mapping")),
        sa.UniqueConstraint("site_id", "form_id", name=op.f("uq_survey_mapping_site_id_form_id")),
    )
    with op.batch_alter_table("survey_mapping") as batch:
        batch.create_index(op.f("ix_survey_mapping_site_id"), ["site_id"], unique=False)


def downgrade() -> None:
    op.drop_table("survey_mapping")
