"""Publications of rounds and their protected figures."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("rounded_sets", sa.JSON(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["survey_round.id"], name=op.f("fk_publication_round_id_survey_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
        sa.UniqueConstraint("round_id", name=op.f("uq_publication_round_id")),
    )
    op.create_table("published_figure", *figure_columns(), *figure_constraints())
    for column in ("area_id", "indicator_id", "round_id"):
        op.create_index(op.f(f"ix_published_figure_{column}"), "published_figure", [column])


def figure_columns() -> list[sa.Column]:
    figures = ("estimate", "standard_error", "ci_low", "ci_high", "cv")
    return [
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("id", "round_id", "indicator_id", "area_id")),
        sa.Column("sex", sa.String(length=10), nullable=False),
        sa.Column("age_band", sa.String(length=20), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=True) for name in figures),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("population", sa.Double(), nullable=True),
        sa.Column("count", sa.Double(), nullable=True),
    ]


def figure_constraints() -> list[sa.Constraint]:
    targets = {"round_id": "survey_round", "indicator_id": "indicator", "area_id": "area"}
    unique = ["round_id", "indicator_id", "area_id", "sex", "age_band"]
    return [
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_published_figure_{column}_{table}"))
            for column, table in targets.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_published_figure")),
        sa.UniqueConstraint(*unique, name=op.f("uq_published_figure_" + "_".join(unique))),
    ]


def downgrade() -> None:
    op.drop_table("published_figure")
    op.drop_table("publication")
