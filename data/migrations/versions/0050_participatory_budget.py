"""The participatory budget: processes, participants in numbers, proposals in versions, votes."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0042"
branch_labels = None
depends_on = None

MONEY = sa.Numeric(18, 4).with_variant(sa.BigInteger(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = ("assembly_process", "assembly_participants", "assembly_proposal", "assembly_vote")


def upgrade() -> None:
    _add_process()
    _add_proposals()
    _add_votes()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _add_process() -> None:
    add_table(
        "assembly_process",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.String(80), nullable=False),
        sa.Column("phases", sa.JSON(), nullable=False),
        sa.Column("envelope", MONEY, nullable=True),
        sa.Column("zone_envelopes", sa.JSON(), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("ties", sa.String(80), nullable=False),
        sa.Column("least_votes", sa.Integer(), nullable=True),
        sa.Column("least_group", sa.Integer(), nullable=False),
        sa.Column("citation", sa.String(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("site_id", "year", name=op.f("uq_assembly_process_site_id_year")),
        refers={"site_id": "site"},
    )
    add_table(
        "assembly_participants",
        sa.Column("sex", sa.String(10), nullable=False),
        sa.Column("age_band", sa.String(10), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.UniqueConstraint(
            "process_id",
            "sex",
            "age_band",
            "area_id",
            name=op.f("uq_assembly_participants_process_id_sex_age_band_area_id"),
        ),
        refers={"process_id": "assembly_process", "area_id": "area"},
    )


def _add_proposals() -> None:
    add_table(
        "assembly_proposal",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.String(80), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("description", sa.JSON(), nullable=False),
        sa.Column("cost", MONEY, nullable=True),
        sa.Column("category", sa.String(80), nullable=False),
        sa.Column("need_code", sa.String(40), nullable=True),
        sa.Column("women", sa.Integer(), nullable=True),
        sa.Column("men", sa.Integer(), nullable=True),
        sa.Column("unit_cost", MONEY, nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("excludes", sa.JSON(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("process_id", "code", "version", name=op.f("uq_assembly_proposal_process_id_code_version")),
        refers={"process_id": "assembly_process", "area_id": "area"},
    )


def _add_votes() -> None:
    add_table(
        "assembly_vote",
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("source_file", sa.String(), nullable=False),
        sa.Column("source_sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("study", sa.JSON(), nullable=True),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        refers={"process_id": "assembly_process", "area_id": "area"},
    )


def add_table(name: str, *parts: sa.schema.SchemaItem, refers: dict[str, str]) -> None:
    """A table with its key, and an index for every column that refers to another table."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *[sa.Column(column, sa.Integer(), nullable=False) for column in refers],
        *parts,
        *[
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{name}_{column}_{other}"))
            for column, other in refers.items()
        ],
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    for column in refers:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])
