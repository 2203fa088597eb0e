"""Where a proposal lies, its photo, and the key that lets a form sent twice count once."""

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080a"
branch_labels = None
depends_on = None

DEGREES = sa.Numeric(9, 6).with_variant(sa.BigInteger(), "sqlite")
NAMES = ("longitude", "latitude", "photo_sha256", "photo_text", "sent_key")
KEY = "uq_assembly_proposal_process_id_sent_key"


def upgrade() -> None:
    with op.batch_alter_table("assembly_proposal") as batch:
        batch.add_column(sa.Column("longitude", DEGREES, nullable=True))
        batch.add_column(sa.Column("latitude", DEGREES, nullable=True))
        batch.add_column(sa.Column("photo_sha256", sa.String(64), nullable=True))
        batch.add_column(sa.Column("photo_text", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("sent_key", sa.String(64), nullable=True))
    with op.batch_alter_table("assembly_proposal") as batch:
        batch.alter_column("photo_text", server_default=None)
        batch.create_unique_constraint(KEY, ["process_id", "sent_key"])
    op.create_table(
        "assembly_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(
            ["process_id"], ["assembly_process.id"], name=op.f("fk_assembly_photo_process_id_assembly_process")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assembly_photo")),
        sa.UniqueConstraint("process_id", "sha256", name=op.f("uq_assembly_photo_process_id_sha256")),
    )


def downgrade() -> None:
    op.drop_table("assembly_photo")
    with op.batch_alter_table("assembly_proposal") as batch:
        batch.drop_constraint(KEY, type_="unique")
        for name in reversed(NAMES):
            batch.drop_column(name)
