"""Women beside men with their own errors, estimates by the sex of the head, and age bands of a round's own."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("survey_round") as batch:
        batch.add_column(sa.Column("age_starts", sa.JSON(none_as_null=True), nullable=True))
    figures = ["difference", "difference_se", "ratio", "ratio_se", "ratio_low", "ratio_high"]
    _create("sex_contrast", ["area_id"], [], [(name, True) for name in figures])
    shown = [("estimate", True), ("standard_error", True), ("ci_low", True), ("ci_high", True), ("cv", True)]
    _create("head_estimate", [], ["head_sex", "sex"], [*shown, ("population", False), ("count", True)], has_n=True)


def _create(
    table: str, areas: list[str], words: list[str], figures: list[tuple[str, bool]], has_n: bool = False
) -> None:
    """A table of figures of indicators of a round: keys, words of up to 10 letters, numbers (name, may be missing)."""
    keys = {"round_id": "survey_round", "indicator_id": "indicator", **dict.fromkeys(areas, "area")}
    numbers = [sa.Column(name, sa.Double(), nullable=nullable) for name, nullable in figures]
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in keys),
        *(sa.Column(name, sa.String(length=10), nullable=False) for name in words),
        *([sa.Column("n", sa.Integer(), nullable=False)] if has_n else []),
        *numbers,
        *(
            sa.ForeignKeyConstraint([name], [f"{other}.id"], name=op.f(f"fk_{table}_{name}_{other}"))
            for name, other in keys.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint(*keys, *words, name=op.f(f"uq_{table}_{'_'.join([*keys, *words])}")),
    )
    for name in keys:
        op.create_index(op.f(f"ix_{table}_{name}"), table, [name])


def downgrade() -> None:
    op.drop_table("head_estimate")
    op.drop_table("sex_contrast")
    with op.batch_alter_table("survey_round") as batch:
        batch.drop_column("age_starts")
