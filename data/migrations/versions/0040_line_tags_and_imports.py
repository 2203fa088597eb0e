"""Gender tags of budget lines in versions, ratings, and the records of budget imports."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0031"
branch_labels = None
depends_on = None

SHARE = sa.Numeric(9, 6).with_variant(sa.BigInteger(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "line_tag_version",
    "line_tag",
    "line_rating",
    "budget_import",
    "budget_import_change",
    "budget_mapping",
)


def upgrade() -> None:
    _add_tags()
    _add_imports()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _add_tags() -> None:
    line = (part("year", sa.Integer()), part("code", sa.String(200)))
    add_table(
        "line_tag_version",
        *columns(line),
        *columns(
            [
                part("version", sa.Integer()),
                part("state", sa.String(20)),
                part("action", sa.String(20)),
                part("at", MOMENT),
                part("actor", sa.String(80)),
                part("author", sa.String(80)),
                part("content", sa.JSON()),
                part("rationale", sa.String()),
                part("evidence", sa.JSON()),
                part("reason", sa.String()),
                part("restored_version", sa.Integer(), nullable=True),
                part("batch", sa.String(40), nullable=True),
            ]
        ),
        sa.UniqueConstraint(
            "site_id", "year", "code", "version", name=op.f("uq_line_tag_version_site_id_year_code_version")
        ),
        refers={"site_id": "site"},
    )
    op.create_index(op.f("ix_line_tag_version_batch"), "line_tag_version", ["batch"])
    add_table(
        "line_tag",
        *columns(line),
        *columns(
            [
                part("version", sa.Integer()),
                part("state", sa.String(20)),
                part("updated_at", MOMENT),
                part("updated_by", sa.String(80)),
                part("author", sa.String(80)),
                part("marker", sa.String(10)),
                part("sharp", sa.String(80), nullable=True),
                part("policy", sa.String(80), nullable=True),
                part("beneficiary", sa.String(80), nullable=True),
                part("women_share", SHARE, nullable=True),
                part("scheme", sa.String(40), nullable=True),
                part("counted_share", SHARE, nullable=True),
                part("is_locked", sa.Boolean()),
                part("is_capital", sa.Boolean()),
            ]
        ),
        sa.UniqueConstraint("site_id", "year", "code", name=op.f("uq_line_tag_site_id_year_code")),
        refers={"site_id": "site", "version_id": "line_tag_version", "approved_id": "line_tag_version"},
        optional=("approved_id",),
    )
    op.create_index(op.f("ix_line_tag_state"), "line_tag", ["state"])
    add_table(
        "line_rating",
        *columns(line),
        *columns(
            [
                part("scheme", sa.String(40)),
                part("value", sa.String(80)),
                part("rater", sa.String(80)),
                part("at", MOMENT),
            ]
        ),
        refers={"site_id": "site"},
    )


def _add_imports() -> None:
    add_table(
        "budget_import",
        *columns(
            [
                part("at", MOMENT),
                part("actor", sa.String(80)),
                part("source_file", sa.String()),
                part("source_sha256", sa.String(64)),
                part("source", sa.String(20)),
                part("municipality", sa.String(40), nullable=True),
                part("rows_read", sa.Integer(), nullable=True),
                part("rows_kept", sa.Integer(), nullable=True),
                part("new_count", sa.Integer()),
                part("changed_count", sa.Integer()),
                part("unchanged_count", sa.Integer()),
                part("gone_count", sa.Integer()),
                part("has_removed", sa.Boolean()),
                part("totals", sa.JSON()),
                part("warnings", sa.JSON()),
            ]
        ),
        refers={"site_id": "site"},
    )
    add_table(
        "budget_import_change",
        *columns(
            [
                part("year", sa.Integer()),
                part("code", sa.String(200)),
                part("kind", sa.String(20)),
                part("name", sa.String()),
                part("is_tagged", sa.Boolean()),
                part("before", sa.JSON(), nullable=True),
                part("after", sa.JSON(), nullable=True),
            ]
        ),
        refers={"import_id": "budget_import"},
    )
    add_table(
        "budget_mapping",
        *columns(
            [
                part("name", sa.String(80)),
                part("text", sa.String()),
                part("saved_at", MOMENT),
                part("saved_by", sa.String(80)),
            ]
        ),
        sa.UniqueConstraint("site_id", "name", name=op.f("uq_budget_mapping_site_id_name")),
        refers={"site_id": "site"},
    )


def part(name: str, kind: sa.types.TypeEngine, nullable: bool = False) -> tuple[str, sa.types.TypeEngine, bool]:
    """What a column is made of: a column object belongs to one table."""
    return name, kind, nullable


def columns(parts: list | tuple) -> list[sa.Column]:
    return [sa.Column(name, kind, nullable=nullable) for name, kind, nullable in parts]


def add_table(name: str, *parts: sa.schema.SchemaItem, refers: dict[str, str], optional: tuple[str, ...] = ()) -> None:
    """A table with its key, and an index for every column that refers to another table."""
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        *[sa.Column(column, sa.Integer(), nullable=column in optional) for column in refers],
        *parts,
        *[
            sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{name}_{column}_{other}"))
            for column, other in refers.items()
        ],
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    for column in refers:
        op.create_index(op.f(f"ix_{name}_{column}"), name, [column])
