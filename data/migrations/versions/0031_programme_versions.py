"""Versions of programmes: who changed which parameter, when, from what to what."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "programme_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("programme_code", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=80), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("document", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_programme_version_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_version")),
        sa.UniqueConstraint(
            "site_id",
            "programme_code",
            "version",
            name=op.f("uq_programme_version_site_id_programme_code_version"),
        ),
    )
    op.create_index(op.f("ix_programme_version_site_id"), "programme_version", ["site_id"])
    with op.batch_alter_table("programme") as batch:
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(sa.Column("price_year", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("running_cost", _money(), nullable=True))
    with op.batch_alter_table("programme_need_link") as batch:
        batch.add_column(sa.Column("effectiveness_low", sa.Double(), nullable=True))
        batch.add_column(sa.Column("effectiveness_high", sa.Double(), nullable=True))
    _name_the_register()


def _name_the_register() -> None:
    """Reach that was worked out from the register says so from now on; the model takes the same shares from there."""
    connection = op.get_bind()
    programme = sa.table("programme", sa.column("id"), sa.column("beneficiaries", sa.JSON))
    link = sa.table(
        "programme_need_link", sa.column("programme_id"), sa.column("indicator_code"), sa.column("reach", sa.JSON)
    )
    rows = connection.execute(
        sa.select(link.c.programme_id, link.c.indicator_code, link.c.reach, programme.c.beneficiaries).join(
            programme, programme.c.id == link.c.programme_id
        )
    ).all()
    for programme_id, code, reach, persons in rows:
        if isinstance(reach, dict) and persons and reach == _shares(persons):
            changed = sa.update(link).where(link.c.programme_id == programme_id, link.c.indicator_code == code)
            connection.execute(changed.values(reach="register"))


def _shares(persons: dict[str, float]) -> dict[str, float] | None:
    served = persons["women"] + persons["men"]
    return {"women": persons["women"] / served, "men": persons["men"] / served} if served else None


def downgrade() -> None:
    _write_the_register_out()
    with op.batch_alter_table("programme_need_link") as batch:
        batch.drop_column("effectiveness_high")
        batch.drop_column("effectiveness_low")
    with op.batch_alter_table("programme") as batch:
        batch.drop_column("running_cost")
        batch.drop_column("price_year")
        batch.drop_column("version")
    op.drop_table("programme_version")


def _money() -> sa.types.TypeEngine:
    """NUMERIC on PostgreSQL, whole numbers of the smallest unit on SQLite."""
    return sa.Numeric(18, 4).with_variant(sa.BigInteger(), "sqlite")


def _write_the_register_out() -> None:
    """The older tables know shares and `need` only; what came from the survey goes by need again."""
    connection = op.get_bind()
    programme = sa.table("programme", sa.column("id"), sa.column("beneficiaries", sa.JSON))
    link = sa.table(
        "programme_need_link", sa.column("programme_id"), sa.column("indicator_code"), sa.column("reach", sa.JSON)
    )
    rows = connection.execute(
        sa.select(link.c.programme_id, link.c.indicator_code, link.c.reach, programme.c.beneficiaries).join(
            programme, programme.c.id == link.c.programme_id
        )
    ).all()
    for programme_id, code, reach, persons in rows:
        if reach == "register" or (isinstance(reach, dict) and "survey" in reach):
            shares = _shares(persons) if reach == "register" and persons else None
            changed = sa.update(link).where(link.c.programme_id == programme_id, link.c.indicator_code == code)
            connection.execute(changed.values(reach=shares or "need"))
