"""Focus groups: versions of sessions, priorities, and their share in the weights of the model."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SHARE = sa.Numeric(9, 6).with_variant(sa.BigInteger(), "sqlite")
TABLES = ("focus_group_session", "focus_group_priority", "priority_mix")


def upgrade() -> None:
    add_table(
        "focus_group_session",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("composition", sa.String(length=10), nullable=False),
        sa.Column("facilitator", sa.String(length=200), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("participants", sa.JSON(), nullable=False),
        sa.Column("findings", sa.String(), nullable=False),
        sa.Column("quotes", sa.JSON(), nullable=False),
        sa.Column("hints_accepted", sa.Integer(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("site_id", "code", "version", name=op.f("uq_focus_group_session_site_id_code_version")),
        refers={"site_id": "site", "area_id": "area"},
    )
    add_table(
        "focus_group_priority",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("indicator_code", sa.String(length=40), nullable=False),
        sa.Column("target_group", sa.String(length=20), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.UniqueConstraint(
            "session_id",
            "indicator_code",
            "target_group",
            name=op.f("uq_focus_group_priority_session_id_indicator_code_target_group"),
        ),
        refers={"session_id": "focus_group_session"},
    )
    add_table(
        "priority_mix",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("focus_share", SHARE, nullable=False),
        sa.Column("weighting", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        refers={"site_id": "site"},
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def add_table(name: str, *parts: sa.schema.SchemaItem, refers: dict[str, str]) -> None:
    """A table with its key, and an index for every column that refers to another table."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *parts,
        *[
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{name}_{column}_{other}"))
            for column, other in refers.items()
        ],
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    for column in refers:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])
