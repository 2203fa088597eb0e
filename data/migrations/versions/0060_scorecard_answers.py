"""Answers to scorecards, in versions."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scorecard_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("card", sa.String(length=40), nullable=False),
        sa.Column("card_version", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("prefill", sa.String(length=40), nullable=True),
        sa.Column("prefill_facts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_scorecard_answer_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecard_answer")),
        sa.UniqueConstraint(
            "site_id",
            "card",
            "year",
            "question",
            "version",
            name=op.f("uq_scorecard_answer_site_id_card_year_question_version"),
        ),
    )
    op.create_index(op.f("ix_scorecard_answer_site_id"), "scorecard_answer", ["site_id"])


def downgrade() -> None:
    op.drop_table("scorecard_answer")
