"""Scenarios of several years: money by year, the length of the plan, and the growth that it was saved on."""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

KEY, NAME = ["scenario_id", "programme_code", "area_code"], "pk_allocation"


def upgrade() -> None:
    with op.batch_alter_table("scenario") as batch:
        batch.add_column(sa.Column("n_years", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("growth", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("allocation") as batch:
        batch.add_column(sa.Column("year", sa.Integer(), nullable=False, server_default="1"))
        batch.drop_constraint(op.f(NAME), type_="primary")
        batch.create_primary_key(op.f(NAME), ["scenario_id", "year", *KEY[1:]])


def downgrade() -> None:
    plans = op.get_bind().execute(sa.text("SELECT count(*) FROM scenario WHERE n_years > 1")).scalar()
    if plans:
        raise RuntimeError(f"{plans} scenarios are plans of several years, which the earlier tables cannot hold.")
    with op.batch_alter_table("allocation") as batch:
        batch.drop_constraint(op.f(NAME), type_="primary")
        batch.create_primary_key(op.f(NAME), KEY)
        batch.drop_column("year")
    with op.batch_alter_table("scenario") as batch:
        batch.drop_column("growth")
        batch.drop_column("n_years")
