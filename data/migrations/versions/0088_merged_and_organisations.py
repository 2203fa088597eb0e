"""Proposals that were merged into another one; participants by the organisation that they stand for."""

import sqlalchemy as sa
from alembic import op

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None

TABLE = "assembly_participants"
BEFORE = "uq_assembly_participants_process_id_sex_age_band_area_id"
AFTER = "uq_assembly_participants_group"
ADD_UP = """
UPDATE assembly_participants SET persons = (
  SELECT SUM(one.persons) FROM assembly_participants AS one
  WHERE one.process_id = assembly_participants.process_id AND one.sex = assembly_participants.sex
    AND one.age_band = assembly_participants.age_band AND one.area_id = assembly_participants.area_id
)
"""
KEEP_FIRST = """
DELETE FROM assembly_participants WHERE id NOT IN (
  SELECT first FROM (
    SELECT MIN(id) AS first FROM assembly_participants GROUP BY process_id, sex, age_band, area_id
  ) AS kept
)
"""


def upgrade() -> None:
    with op.batch_alter_table("assembly_proposal") as batch:
        batch.add_column(sa.Column("merged_into", sa.String(40), nullable=True))
    with op.batch_alter_table(TABLE) as batch:
        batch.add_column(sa.Column("organisation", sa.String(120), nullable=False, server_default=""))
        batch.drop_constraint(op.f(BEFORE), type_="unique")
        batch.create_unique_constraint(op.f(AFTER), ["process_id", "sex", "age_band", "area_id", "organisation"])
    with op.batch_alter_table(TABLE) as batch:
        batch.alter_column("organisation", existing_type=sa.String(120), existing_nullable=False, server_default=None)


def downgrade() -> None:
    for statement in (ADD_UP, KEEP_FIRST):  # groups that differ in the organisation only become one again
        op.execute(sa.text(statement))
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_constraint(op.f(AFTER), type_="unique")
        batch.drop_column("organisation")
        batch.create_unique_constraint(op.f(BEFORE), ["process_id", "sex", "age_band", "area_id"])
    with op.batch_alter_table("assembly_proposal") as batch:
        batch.drop_column("merged_into")
