"""Survey rounds, indicator definitions, estimates and needs. The answers themselves lie in the data bank folder."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.store.tables.base import Base


class SurveyRound(Base):
    """One round of the survey at one site: what it covered, and how it was drawn."""

    __tablename__ = "survey_round"
    __table_args__ = (UniqueConstraint("site_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))  # e.g. 2026-1
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    coverage_area: Mapped[str]  # what was surveyed, in words
    coverage_rate: Mapped[float | None]  # households answered / households of the coverage area, 0-1
    is_census: Mapped[bool]
    weight_column: Mapped[str | None] = mapped_column(String(80))
    strata_column: Mapped[str | None] = mapped_column(String(80))
    psu_column: Mapped[str | None] = mapped_column(String(80))
    fpc_column: Mapped[str | None] = mapped_column(String(80))
    area_columns: Mapped[list[str]] = mapped_column(JSON)  # columns that hold area codes, level 1 first
    household_count: Mapped[int | None]  # null: known by published estimates only
    person_count: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(20), default="draft")  # draft, validated, published
    bank_path: Mapped[str]  # folder below the bank folder; empty: there are no answers, only published estimates
    content_sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(default="")
    age_starts: Mapped[list[int] | None] = mapped_column(
        JSON(none_as_null=True)
    )  # years at which the age bands of the figures begin; null: the bands of the answers


class Indicator(Base):
    """A catalogue entry as it stood; a new version is a new row."""

    __tablename__ = "indicator"
    __table_args__ = (UniqueConstraint("site_id", "code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)


class Estimate(Base):
    """One indicator for one area, sex and age band in one round."""

    __tablename__ = "estimate"
    __table_args__ = (UniqueConstraint("round_id", "indicator_id", "area_id", "sex", "age_band"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), index=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), index=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    sex: Mapped[str] = mapped_column(String(10))  # female, male, all
    age_band: Mapped[str] = mapped_column(String(20), default="all")  # e.g. 15-24, or all
    estimate: Mapped[float | None]  # ratio (0-1) or mean
    standard_error: Mapped[float | None]
    ci_low: Mapped[float | None]
    ci_high: Mapped[float | None]
    cv: Mapped[float | None]
    deff: Mapped[float | None]
    n: Mapped[int | None]  # persons in the universe, unweighted; null: the source does not say
    population: Mapped[float | None]  # persons in the universe, weighted; null: the source does not say
    count: Mapped[float | None]  # persons in the numerator, weighted; for a mean the weighted sum
    count_standard_error: Mapped[float | None]


class SexContrast(Base):
    """Women beside men in one area: difference and ratio, with errors that know that they share households."""

    __tablename__ = "sex_contrast"
    __table_args__ = (UniqueConstraint("round_id", "indicator_id", "area_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), index=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), index=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    difference: Mapped[float | None]  # women minus men: share (0-1), or the mean's unit
    difference_se: Mapped[float | None]
    ratio: Mapped[float | None]  # women over men
    ratio_se: Mapped[float | None]
    ratio_low: Mapped[float | None]  # 95 %
    ratio_high: Mapped[float | None]


class HeadEstimate(Base):
    """One indicator by the sex of the household's head, in the whole site. For those who may see exact figures only."""

    __tablename__ = "head_estimate"
    __table_args__ = (UniqueConstraint("round_id", "indicator_id", "head_sex", "sex"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), index=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), index=True)
    head_sex: Mapped[str] = mapped_column(String(10))  # female, male
    sex: Mapped[str] = mapped_column(String(10))  # of the person: female, male, all
    estimate: Mapped[float | None]  # ratio (0-1) or mean
    standard_error: Mapped[float | None]
    ci_low: Mapped[float | None]
    ci_high: Mapped[float | None]
    cv: Mapped[float | None]
    n: Mapped[int]
    population: Mapped[float]
    count: Mapped[float | None]


class Need(Base):
    """An indicator read as persons of its universe who lack it, for one area and group."""

    __tablename__ = "need"
    __table_args__ = (UniqueConstraint("round_id", "indicator_id", "area_id", "target_group"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("survey_round.id"), index=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"), index=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    target_group: Mapped[str] = mapped_column(String(20))  # women, men
    universe: Mapped[float]  # persons
    deficit: Mapped[float]  # persons
    deficit_standard_error: Mapped[float | None]  # persons; null for a census
    weight: Mapped[float] = mapped_column(default=1.0)
