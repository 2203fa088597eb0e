"""The first tables: sites, people, survey, budget and scenarios; and the five roles."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Exact numbers: SQLite has none with decimals, so it keeps whole ten-thousandths and whole millionths.
MONEY = sa.Numeric(18, 4).with_variant(sa.BigInteger(), "sqlite")
SHARE = sa.Numeric(9, 6).with_variant(sa.BigInteger(), "sqlite")
ROLES = ("public", "official", "monitor", "surveyor", "admin")
TABLES = (
    "role",
    "site",
    "user_account",
    "user_role",
    "login_attempt",
    "audit_entry",
    "area",
    "survey_round",
    "indicator",
    "estimate",
    "need",
    "budget_line",
    "programme",
    "programme_line_share",
    "programme_need_link",
    "model_snapshot",
    "scenario",
    "allocation",
)


def upgrade() -> None:
    create_people()
    create_survey()
    create_budget()
    create_scenarios()
    role = sa.table("role", sa.column("code", sa.String))
    op.bulk_insert(role, [{"code": code} for code in ROLES])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def create_people() -> None:
    op.create_table(
        "role",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_role")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("official_code", sa.String(length=40), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("slug", name=op.f("uq_site_slug")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("display_name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("login", name=op.f("uq_user_account_login")),
    )
    op.create_table(
        "user_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_code", sa.String(length=20), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["role_code"], ["role.code"], name=op.f("fk_user_role_role_code_role")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_user_role_site_id_site")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_user_role_user_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_role")),
        sa.UniqueConstraint("user_id", "role_code", "site_id", name=op.f("uq_user_role_user_id_role_code_site_id")),
    )
    op.create_index(op.f("ix_user_role_user_id"), "user_role", ["user_id"])
    op.create_index(
        "uq_user_role_everywhere",
        "user_role",
        ["user_id", "role_code"],
        unique=True,
        sqlite_where=sa.text("site_id IS NULL"),
        postgresql_where=sa.text("site_id IS NULL"),
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("login", sa.String(length=80), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    op.create_index(op.f("ix_login_attempt_address"), "login_attempt", ["address"])
    op.create_index(op.f("ix_login_attempt_at"), "login_attempt", ["at"])
    op.create_index(op.f("ix_login_attempt_login"), "login_attempt", ["login"])
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_audit_entry_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"])
    op.create_index(op.f("ix_audit_entry_site_id"), "audit_entry", ["site_id"])


def create_survey() -> None:
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("geometry", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("fk_area_parent_id_area")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_area_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_area_site_id_code")),
    )
    op.create_index(op.f("ix_area_parent_id"), "area", ["parent_id"])
    op.create_index(op.f("ix_area_site_id"), "area", ["site_id"])
    op.create_table(
        "survey_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("coverage_area", sa.String(), nullable=False),
        sa.Column("coverage_rate", sa.Double(), nullable=True),
        sa.Column("is_census", sa.Boolean(), nullable=False),
        sa.Column("weight_column", sa.String(length=80), nullable=True),
        sa.Column("strata_column", sa.String(length=80), nullable=True),
        sa.Column("psu_column", sa.String(length=80), nullable=True),
        sa.Column("fpc_column", sa.String(length=80), nullable=True),
        sa.Column("area_columns", sa.JSON(), nullable=False),
        sa.Column("household_count", sa.Integer(), nullable=False),
        sa.Column("person_count", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("bank_path", sa.String(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_survey_round_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_round")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_survey_round_site_id_code")),
    )
    op.create_index(op.f("ix_survey_round_site_id"), "survey_round", ["site_id"])
    op.create_table(
        "indicator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_indicator_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("site_id", "code", "version", name=op.f("uq_indicator_site_id_code_version")),
    )
    op.create_index(op.f("ix_indicator_site_id"), "indicator", ["site_id"])
    op.create_table(
        "estimate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("sex", sa.String(length=10), nullable=False),
        sa.Column("age_band", sa.String(length=20), nullable=False),
        sa.Column("estimate", sa.Double(), nullable=True),
        sa.Column("standard_error", sa.Double(), nullable=True),
        sa.Column("ci_low", sa.Double(), nullable=True),
        sa.Column("ci_high", sa.Double(), nullable=True),
        sa.Column("cv", sa.Double(), nullable=True),
        sa.Column("deff", sa.Double(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("population", sa.Double(), nullable=False),
        sa.Column("count", sa.Double(), nullable=True),
        sa.Column("count_standard_error", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_estimate_area_id_area")),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_estimate_indicator_id_indicator")),
        sa.ForeignKeyConstraint(["round_id"], ["survey_round.id"], name=op.f("fk_estimate_round_id_survey_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimate")),
        sa.UniqueConstraint(
            "round_id",
            "indicator_id",
            "area_id",
            "sex",
            "age_band",
            name=op.f("uq_estimate_round_id_indicator_id_area_id_sex_age_band"),
        ),
    )
    op.create_index(op.f("ix_estimate_area_id"), "estimate", ["area_id"])
    op.create_index(op.f("ix_estimate_indicator_id"), "estimate", ["indicator_id"])
    op.create_index(op.f("ix_estimate_round_id"), "estimate", ["round_id"])
    op.create_table(
        "need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("indicator_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("target_group", sa.String(length=20), nullable=False),
        sa.Column("universe", sa.Double(), nullable=False),
        sa.Column("deficit", sa.Double(), nullable=False),
        sa.Column("deficit_standard_error", sa.Double(), nullable=True),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_need_area_id_area")),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_need_indicator_id_indicator")),
        sa.ForeignKeyConstraint(["round_id"], ["survey_round.id"], name=op.f("fk_need_round_id_survey_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_need")),
        sa.UniqueConstraint(
            "round_id",
            "indicator_id",
            "area_id",
            "target_group",
            name=op.f("uq_need_round_id_indicator_id_area_id_target_group"),
        ),
    )
    op.create_index(op.f("ix_need_area_id"), "need", ["area_id"])
    op.create_index(op.f("ix_need_indicator_id"), "need", ["indicator_id"])
    op.create_index(op.f("ix_need_round_id"), "need", ["round_id"])


def create_budget() -> None:
    op.create_table(
        "budget_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("pia", MONEY, nullable=True),
        sa.Column("pim", MONEY, nullable=True),
        sa.Column("certified", MONEY, nullable=True),
        sa.Column("committed", MONEY, nullable=True),
        sa.Column("accrued", MONEY, nullable=True),
        sa.Column("paid", MONEY, nullable=True),
        sa.Column("gender_share", SHARE, nullable=True),
        sa.Column("source_file", sa.String(), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("source_line", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_budget_line_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
        sa.UniqueConstraint("site_id", "year", "code", name=op.f("uq_budget_line_site_id_year_code")),
    )
    op.create_index(op.f("ix_budget_line_site_id"), "budget_line", ["site_id"])
    op.create_index(op.f("ix_budget_line_year"), "budget_line", ["year"])
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("heading", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("unit_cost", MONEY, nullable=False),
        sa.Column("unit_cost_low", MONEY, nullable=True),
        sa.Column("unit_cost_high", MONEY, nullable=True),
        sa.Column("capacity", sa.Double(), nullable=True),
        sa.Column("durability_years", sa.Integer(), nullable=False),
        sa.Column("stated_baseline", MONEY, nullable=True),
        sa.Column("floor", MONEY, nullable=True),
        sa.Column("ceiling", MONEY, nullable=True),
        sa.Column("is_locked", sa.Boolean(), nullable=False),
        sa.Column("lock_reason", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("area_split", sa.JSON(), nullable=False),
        sa.Column("beneficiaries", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_programme_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_programme_site_id_code")),
    )
    op.create_index(op.f("ix_programme_site_id"), "programme", ["site_id"])
    op.create_table(
        "programme_line_share",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("budget_line_id", sa.Integer(), nullable=False),
        sa.Column("share", SHARE, nullable=False),
        sa.ForeignKeyConstraint(
            ["budget_line_id"], ["budget_line.id"], name=op.f("fk_programme_line_share_budget_line_id_budget_line")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_line_share_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("programme_id", "budget_line_id", name=op.f("pk_programme_line_share")),
    )
    op.create_table(
        "programme_need_link",
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("indicator_code", sa.String(length=40), nullable=False),
        sa.Column("reach", sa.JSON(), nullable=False),
        sa.Column("effectiveness", sa.Double(), nullable=False),
        sa.Column("ceiling", sa.Double(), nullable=False),
        sa.Column("response", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_programme_need_link_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("programme_id", "indicator_code", name=op.f("pk_programme_need_link")),
    )


def create_scenarios() -> None:
    op.create_table(
        "model_snapshot",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("budget_year", sa.Integer(), nullable=True),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["survey_round.id"], name=op.f("fk_model_snapshot_round_id_survey_round")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_model_snapshot_site_id_site")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_model_snapshot")),
    )
    op.create_index(op.f("ix_model_snapshot_site_id"), "model_snapshot", ["site_id"])
    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_sha256"], ["model_snapshot.sha256"], name=op.f("fk_scenario_model_sha256_model_snapshot")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_scenario_owner_id_user_account")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_scenario_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        sa.UniqueConstraint("site_id", "owner_id", "name", name=op.f("uq_scenario_site_id_owner_id_name")),
    )
    op.create_index(op.f("ix_scenario_owner_id"), "scenario", ["owner_id"])
    op.create_index(op.f("ix_scenario_site_id"), "scenario", ["site_id"])
    op.create_table(
        "allocation",
        sa.Column("scenario_id", sa.Integer(), nullable=False),
        sa.Column("programme_code", sa.String(length=80), nullable=False),
        sa.Column("area_code", sa.String(length=80), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.ForeignKeyConstraint(["scenario_id"], ["scenario.id"], name=op.f("fk_allocation_scenario_id_scenario")),
        sa.PrimaryKeyConstraint("scenario_id", "programme_code", "area_code", name=op.f("pk_allocation")),
    )
    # ### end Alembic commands ###
