"""The data bank beyond this machine: rounds side by side, extracts for researchers, exact copies for another bank."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.survey.questions import needed_columns
from data.readers.datapackage import FORMAT, RoundPackage, read_package
from data.store import audit
from data.store.areas import list_areas
from data.store.engine import transaction
from data.store.rounds import list_rounds, load_round
from data.store.sites import load_site
from data.store.tables import Area, Estimate, Indicator, Site, SurveyRound
from data.workflows.anonymise import HIDDEN_AREA, LEAST, Anonymised, ExtractRules, anonymised
from data.workflows.bank import PROVENANCE
from data.workflows.corrected import CorrectedAnswers, corrected_answers
from data.workflows.extract_changes import indicator_changes
from data.workflows.forms import CORE_INSTRUMENTS, core_form
from data.workflows.round_spec import AreaSpec, RoundSpec, StoredRound
from data.workflows.sensitive import sensitive_answers, stored_definitions
from data.workflows.survey_forms import codebook_of
from data.workflows.surveys import refuse_days_ahead, store_round
from data.writers.datapackage import package_files
from data.writers.package_readme import README, readme_text

NO_LICENCE = "No licence stated: ask the municipality before any use"


# --- rounds side by side -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BankRound:
    """A round as the bank lists it. `indicators`: code -> version of the definition that was estimated; `definitions`:
    code -> that definition."""

    code: str
    state: str
    starts_on: Any
    ends_on: Any
    coverage_area: str
    coverage_rate: float | None
    is_census: bool
    households: int
    persons: int
    corrections: int
    form: str
    source: str
    indicators: Mapping[str, int]
    definitions: Mapping[str, Mapping[str, Any]]


def rounds_side_by_side(session: Session, bank_folder: Path, site_id: int) -> tuple[list[BankRound], dict[str, Any]]:
    """Rounds of a site, the newest first, and the definition of every indicator (its newest version) by code."""
    from data.store.corrections import count_corrections

    found, definitions = [], {}
    for one in list_rounds(session, site_id):
        newest = {row.code: row for row in sorted(_estimated(session, one.id), key=lambda row: row.version)}
        for code, row in newest.items():
            definitions.setdefault(code, row.definition)
        form = provenance_of(bank_folder, one.bank_path).get("form") or {}
        found.append(
            BankRound(
                one.code,
                one.state,
                one.starts_on,
                one.ends_on,
                one.coverage_area,
                one.coverage_rate,
                one.is_census,
                one.household_count,
                one.person_count,
                count_corrections(session, one.id),
                f"{form.get('id', '')} {form.get('version', '')}".strip(),
                one.source,
                {code: row.version for code, row in newest.items()},
                {code: row.definition for code, row in newest.items()},
            )
        )
    return found, definitions


def _estimated(session: Session, round_id: int) -> Iterable[Indicator]:
    """Indicators of which the round has estimates."""
    ids = select(Estimate.indicator_id).where(Estimate.round_id == round_id).distinct()
    return session.scalars(select(Indicator).where(Indicator.id.in_(ids)).order_by(Indicator.id))


def provenance_of(bank_folder: Path, bank_path: str) -> dict[str, Any]:
    """What the bank keeps beside the answers; empty where there is no such file."""
    file = Path(bank_folder) / bank_path / PROVENANCE
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


# --- out -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ExportedRound:
    """A package as files by name, and what the protection did."""

    files: Mapping[str, bytes]
    persons: int
    households: int
    protection: Mapping[str, Any] | None


def export_round(
    factory: sessionmaker[Session],
    bank_folder: Path,
    site_slug: str,
    round_code: str,
    actor: str,
    is_exact: bool = False,
    has_sensitive: bool = False,
    licence: str = NO_LICENCE,
    least: int = LEAST,
) -> ExportedRound:
    """A round as a Data Package; every export stands in the audit trail.

    is_exact : every column as the bank holds it (corrections applied), for another installation; else an anonymised
        extract for researchers
    has_sensitive : an extract with the columns of sensitive indicators
    """
    with factory() as session:
        site = load_site(session, site_slug)
        survey_round = load_round(session, site.id, round_code)
        answers = corrected_answers(session, bank_folder, survey_round)
        kept = provenance_of(bank_folder, survey_round.bank_path)
        codebook = codebook_for([*answers.persons.columns, *answers.households.columns], kept)
        indicators = [row.definition for row in _estimated(session, survey_round.id)]
        given = None if is_exact else _anonymised(survey_round, answers, indicators, codebook, has_sensitive, least)
        persons, households = (given or answers).persons, (given or answers).households
        about = _about(session, site, survey_round, answers, kept, given)
    columns = {*persons.columns, *households.columns}
    about["questions"] = {name: entry for name, entry in codebook.items() if name in columns}
    description = _description(site, survey_round, about, licence, [i for i in indicators if _fits(i, columns)])
    files = package_files(description, {"persons": persons, "households": households}, about["questions"])
    files[README] = readme_text(description, persons.height).encode()
    detail = {"exact": is_exact, "sensitive": has_sensitive or is_exact, "persons": persons.height}
    with transaction(factory) as session:
        audit.record(session, actor, "bank.export", f"round {round_code}", site.id, detail)
    return ExportedRound(files, persons.height, households.height, given.protection if given else None)


def _anonymised(
    survey_round: SurveyRound,
    answers: CorrectedAnswers,
    indicators: list[dict[str, Any]],
    codebook: Mapping[str, Any],
    has_sensitive: bool,
    least: int,
) -> Anonymised:
    design = (survey_round.weight_column, survey_round.strata_column, survey_round.psu_column, survey_round.fpc_column)
    rules = ExtractRules(
        survey_round.area_columns,
        survey_round.strata_column,
        survey_round.psu_column,
        sensitive_answers(indicators),
        codebook,
        has_sensitive,
        least,
        tuple(name for name in design if name),
    )
    given = anonymised(answers.persons, answers.households, rules)
    area = next(iter(survey_round.area_columns), None)
    definitions = stored_definitions(indicators)
    changes = indicator_changes(answers.persons, given.persons, definitions, area)
    return replace(given, protection={**given.protection, "indicators": changes})


def extract_protection(
    session: Session, bank_folder: Path, site_id: int, round_code: str, has_sensitive: bool = False, least: int = LEAST
) -> Mapping[str, Any]:
    """What an extract of the round would leave out and change; nothing leaves the bank."""
    survey_round = load_round(session, site_id, round_code)
    answers = corrected_answers(session, bank_folder, survey_round)
    kept = provenance_of(bank_folder, survey_round.bank_path)
    codebook = codebook_for([*answers.persons.columns, *answers.households.columns], kept)
    indicators = [row.definition for row in _estimated(session, survey_round.id)]
    return _anonymised(survey_round, answers, indicators, codebook, has_sensitive, least).protection


def _fits(indicator: Mapping[str, Any], columns: set[str]) -> bool:
    return all(set(needed_columns(one)) <= columns for one in stored_definitions([indicator]))


def codebook_for(columns: Iterable[str], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Questions of the columns: those kept with the round, else of the questionnaires that come with the product."""
    wanted = list(dict.fromkeys(columns))
    own = kept.get("questions") or {}
    core: dict[str, Any] = {}
    if not own:
        for name in CORE_INSTRUMENTS:
            core = {**_core_codebook(name), **core}
    return {name: (own or core)[name] for name in wanted if name in (own or core)}


@cache
def _core_codebook(name: str) -> dict[str, Any]:
    form = core_form(name)
    return codebook_of(form, form.by_name)


def _about(
    session: Session,
    site: Site,
    survey_round: SurveyRound,
    answers: CorrectedAnswers,
    kept: Mapping[str, Any],
    given: Anonymised | None,
) -> dict[str, Any]:
    """The own part of the description: all that an import needs besides the answers."""
    levels = survey_round.area_columns if given is None else survey_round.area_columns[:1]
    return {
        "format": FORMAT,
        "site": site.slug,
        "site_name": site.name,
        "round": survey_round.code,
        "state": survey_round.state,
        "synthetic": site.is_synthetic,
        "exact": given is None,
        "coverage_area": survey_round.coverage_area,
        "coverage_rate": survey_round.coverage_rate,
        "starts_on": survey_round.starts_on,
        "ends_on": survey_round.ends_on,
        "source": survey_round.source,
        "design": {
            "census": survey_round.is_census,
            "weight": survey_round.weight_column,
            "strata": survey_round.strata_column,
            "psu": survey_round.psu_column,
            "fpc": survey_round.fpc_column,
        },
        "area_columns": list(levels),
        "age_starts": list(survey_round.age_starts or ()),
        "areas": list(_areas(list_areas(session, site.id), len(levels), answers if given is None else given)),
        "corrections": {"applied": answers.corrections, "sha256": answers.sha256},
        "derive": dict((kept.get("mapping") or {}).get("derive") or {}) if given is None else {},
        "form": kept.get("form"),
        "protection": dict(given.protection) if given else None,
    }


def _areas(areas: list[Area], levels: int, answers: CorrectedAnswers | Anonymised) -> Iterable[dict[str, Any]]:
    codes = {area.id: area.code for area in areas}
    for area in areas:
        if 1 <= area.level <= levels:
            parent = codes.get(area.parent_id) if area.level > 1 else None
            yield {"code": area.code, "name": area.name, "level": area.level, "parent": parent}
    if isinstance(answers, Anonymised) and answers.protection["households_without_sector"]:
        yield {"code": HIDDEN_AREA, "name": "Not shown (protection)", "level": 1, "parent": None}


def _description(
    site: Site, survey_round: SurveyRound, about: Mapping[str, Any], licence: str, indicators: list[dict[str, Any]]
) -> dict[str, Any]:
    mark = "SYNTHETIC DATA: nobody was asked. " if site.is_synthetic else ""
    kind = "Exact copy of the data bank" if about["exact"] else "Anonymised extract for research"
    rate = "unknown" if survey_round.coverage_rate is None else f"{survey_round.coverage_rate:.4g}"
    return {
        "name": f"{site.slug}-{survey_round.code}".lower(),
        "title": f"{mark}{site.name}, round {survey_round.code}",
        "description": f"{mark}{kind}. Covers {survey_round.coverage_area}; share of its households answered: {rate}.",
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "licenses": [{"name": licence.split(":")[0].strip().replace(" ", "-").lower(), "title": licence}],
        "sources": [{"title": survey_round.source or site.source or site.name}],
        "cbms": {**about, "indicators": indicators},
    }


# --- in ------------------------------------------------------------------------------------------------------------


def import_package(
    factory: sessionmaker[Session],
    bank_folder: Path,
    site_slug: str,
    path: Path,
    actor: str,
    round_code: str | None = None,
) -> StoredRound:
    """A package into the bank as a draft round, row for row as it is: estimates of its columns are those of the bank
    that it comes from, to the last digit.

    Raises InputError for a package that is broken, changed, of invented answers for a site of real ones or the reverse.
    """
    package = read_package(path)
    about = package.about
    with factory() as session:
        _refuse_mixing(load_site(session, site_slug), package)
    spec = _round_of(package, round_code)
    refuse_days_ahead(spec)
    areas = [
        AreaSpec(area.code, area.name, area.level, area.parent) for area in about.areas if area.code != HIDDEN_AREA
    ]
    return store_round(factory, bank_folder, site_slug, spec, package.persons, package.households, actor, areas)


def _refuse_mixing(site: Site, package: RoundPackage) -> None:
    """Invented answers beside real ones, or the reverse, would be taken for one another."""
    if site.is_synthetic != package.about.synthetic:
        message = (
            "The package holds invented answers (synthetic), the site is one of real answers."
            if package.about.synthetic
            else "The package holds real answers, the site is marked as invented (synthetic)."
        )
        raise InputError(Problem("package_synthetic", f"{message} Import it into another site.", file=package.file))


def _round_of(package: RoundPackage, round_code: str | None) -> RoundSpec:
    about = package.about
    return RoundSpec(
        code=round_code or about.round,
        coverage_area=about.coverage_area,
        coverage_rate=about.coverage_rate,
        is_census=about.design.census,
        area_columns=about.area_columns,
        age_starts=about.age_starts,
        starts_on=about.starts_on,
        ends_on=about.ends_on,
        weight_column=about.design.weight,
        strata_column=about.design.strata,
        psu_column=about.design.psu,
        fpc_column=about.design.fpc,
        source=about.source,
        provenance={
            "package": {"file": package.file, "sha256": package.sha256, "exact": about.exact, "site": about.site},
            "protection": about.protection,
            "mapping": {"derive": about.derive},
            "questions": about.questions,
        },
    )
