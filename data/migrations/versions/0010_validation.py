"""Validation of rounds: runs of the rules, corrections, changes of state, and who took part."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("round_event", "correction", "round_representation", "validation_run")


def upgrade() -> None:
    add_table(
        "round_event",
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
    )
    add_table(
        "correction",
        sa.Column("record", sa.String(length=10), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("column_name", sa.String(length=200), nullable=False),
        sa.Column("old_value", sa.String(), nullable=True),
        sa.Column("new_value", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
    )
    add_table(
        "round_representation",
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("women", sa.Integer(), nullable=False),
        sa.Column("men", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("conclusions", sa.String(), nullable=False),
    )
    add_table(
        "validation_run",
        sa.Column("rules_file", sa.String(length=200), nullable=False),
        sa.Column("rules_sha256", sa.String(length=64), nullable=False),
        sa.Column("answers_sha256", sa.String(length=64), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def add_table(name: str, *columns: sa.Column) -> None:
    """A table of a round's history: whose round, when, by whom, and what."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["round_id"], ["survey_round.id"], name=op.f(f"fk_{name}_round_id_survey_round")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_round_id"), name, ["round_id"])
