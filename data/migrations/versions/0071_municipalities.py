"""Budgets and inhabitants of the municipalities of a country."""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None

MONEY = sa.Numeric(18, 4).with_variant(sa.BigInteger(), "sqlite")
STAGES = ("pia", "pim", "certified", "committed", "accrued", "paid")


def upgrade() -> None:
    op.create_table(
        "municipal_budget",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("department", sa.String(length=80), nullable=False),
        sa.Column("province", sa.String(length=80), nullable=False),
        sa.Column("governs", sa.String(length=10), nullable=False),
        *[sa.Column(stage, MONEY, nullable=True) for stage in STAGES],
        sa.Column("source_file", sa.String(length=200), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_municipal_budget")),
        sa.UniqueConstraint("country", "year", "code", name=op.f("uq_municipal_budget_country_year_code")),
    )
    op.create_table(
        "district_population",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("women", sa.Integer(), nullable=True),
        sa.Column("men", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district_population")),
        sa.UniqueConstraint("country", "code", name=op.f("uq_district_population_country_code")),
    )


def downgrade() -> None:
    op.drop_table("district_population")
    op.drop_table("municipal_budget")
