"""Survey answers into the data bank: files and frames -> Parquet without identities, and the round in the database.

Order: everything is checked on the frames, the files are staged beside their place, the rows are written, the
folder is renamed into its place, and only then the transaction commits. Whatever fails leaves nothing behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from data.readers.survey_mapping import SurveyMapping, read_survey_mapping
from data.store.areas import AreaRecord, list_areas, save_areas
from data.store.engine import transaction
from data.store.rounds import save_round
from data.store.sites import load_site
from data.store.tables import Site, SurveyRound
from data.workflows.bank import check_round_code, stage_round
from data.workflows.round_checks import check_round
from data.workflows.round_spec import AreaSpec, RoundSpec, StoredRound
from data.workflows.survey_frames import RawFile, map_answers, read_raw

__all__ = ["AreaSpec", "RoundSpec", "StoredRound", "import_survey", "store_round"]


def store_round(
    factory: sessionmaker[Session],
    bank_folder: Path,
    site_slug: str,
    spec: RoundSpec,
    persons: pl.DataFrame,
    households: pl.DataFrame,
    actor: str,
    new_areas: Sequence[AreaSpec] = (),
    warnings: Sequence[Problem] = (),
) -> StoredRound:
    """Keep a round: files in the bank, its row, new areas and the audit entry, all of it or nothing.

    persons : one row a person; `person_id`, `household_id` whole numbers from 1 without gaps (re-keyed), `sex`
        female or male, the columns of `spec.area_columns` with area codes, household columns repeated on it
    households : one row a household; `household_id`
    new_areas : areas to make where the site has no area of that code

    Raises InputError with every problem found, NotFoundError for an unknown site.
    """
    check_round(spec, persons, households)
    staged = None
    try:
        with transaction(factory) as session:
            site = load_site(session, site_slug)
            made = _make_areas(session, site.id, actor, new_areas)
            _refuse_unknown_areas(session, site, spec, persons, households)
            provenance = _provenance(site_slug, spec, persons, households)
            staged = stage_round(bank_folder, site_slug, spec.code, persons, households, provenance)
            row = _round_row(site, spec, persons, households, staged.relative_path, staged.content_sha256)
            save_round(session, actor, row)
            staged.put_in_place()
            stored = StoredRound(
                row.id, spec.code, households.height, persons.height, made, tuple(warnings), staged.relative_path
            )
    except BaseException:
        if staged is not None:
            staged.take_back()
        raise
    return stored


def import_survey(
    factory: sessionmaker[Session],
    bank_folder: Path,
    site_slug: str,
    round_code: str,
    files: Mapping[str, Path],
    mapping: SurveyMapping | Path,
    actor: str,
    seed: int | None = None,
    say: Callable[[str], None] | None = None,
) -> StoredRound:
    """Read raw files by a mapping, take identities out, re-key, and keep the round.

    files : {"persons": …, "households": …}; households may be left out
    seed : for the order in which people are re-keyed; None draws a secret one, so that nobody who holds the
        raw file can number it again. State one only where the raw file is public.
    say : gets a sentence where the reading of a file was a judgement
    """
    check_round_code(round_code)
    if isinstance(mapping, Path):
        mapping = read_survey_mapping(mapping.read_text(encoding="utf-8"), mapping.name)
    raw = {role: read_raw(path, say) for role, path in files.items()}
    answers = map_answers(mapping, raw, seed)
    spec = RoundSpec(
        code=round_code,
        coverage_area=mapping.coverage.area,
        coverage_rate=mapping.coverage.rate,
        is_census=mapping.design.census,
        area_columns=tuple(area.name for area in mapping.areas),
        starts_on=mapping.starts_on,
        ends_on=mapping.ends_on,
        weight_column=mapping.design.weight,
        strata_column=mapping.design.strata,
        psu_column=mapping.design.psu,
        fpc_column=mapping.design.fpc,
        source=mapping.source,
        provenance={
            "files": [_file_record(role, file) for role, file in raw.items()],
            "mapping": mapping.model_dump(mode="json", exclude_defaults=True),
        },
    )
    areas = [AreaSpec(*area) for area in answers.areas]
    return store_round(
        factory, bank_folder, site_slug, spec, answers.persons, answers.households, actor, areas, answers.warnings
    )


def _file_record(role: str, file: RawFile) -> dict[str, Any]:
    digest = hashlib.sha256(file.path.read_bytes()).hexdigest()
    return {"role": role, "name": file.path.name, "sha256": digest, "rows": file.frame.height}


def _make_areas(session: Session, site_id: int, actor: str, areas: Sequence[AreaSpec]) -> tuple[str, ...]:
    """Add the areas the site lacks; those it has keep their names."""
    known = {area.code for area in list_areas(session, site_id)}
    records = [AreaRecord(one.code, one.name, one.level, one.parent) for one in areas if one.code not in known]
    return save_areas(session, site_id, actor, records) if records else ()


def _refuse_unknown_areas(
    session: Session, site: Site, spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame
) -> None:
    """Every code in an area column is an area of that level of the site."""
    known: dict[int, set[str]] = {}
    for area in list_areas(session, site.id):
        known.setdefault(area.level, set()).add(area.code)
    problems = []
    for level, column in enumerate(spec.area_columns, start=1):
        found = set(persons[column].cast(pl.String).unique())
        if column in households.columns:
            found |= set(households[column].cast(pl.String).unique())
        wrong = sorted(str(code) for code in found - known.get(level, set()))
        if wrong:
            some = ", ".join(wrong[:5])
            message = (
                f"No area of level {level} of the site has the code {some}. Add the areas first or mend the codes."
            )
            problems.append(Problem("area_unknown", message, column=column, value=wrong[0]))
    if problems:
        raise InputError(problems)


def _round_row(
    site: Site, spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame, bank_path: str, sha256: str
) -> SurveyRound:
    return SurveyRound(
        site_id=site.id,
        code=spec.code,
        starts_on=spec.starts_on,
        ends_on=spec.ends_on,
        coverage_area=spec.coverage_area,
        coverage_rate=spec.coverage_rate,
        is_census=spec.is_census,
        weight_column=spec.weight_column,
        strata_column=spec.strata_column,
        psu_column=spec.psu_column,
        fpc_column=spec.fpc_column,
        area_columns=list(spec.area_columns),
        household_count=households.height,
        person_count=persons.height,
        state=spec.state,
        bank_path=bank_path,
        content_sha256=sha256,
        source=spec.source,
    )


def _provenance(site_slug: str, spec: RoundSpec, persons: pl.DataFrame, households: pl.DataFrame) -> dict[str, Any]:
    return {
        "site": site_slug,
        "round": spec.code,
        "starts_on": spec.starts_on,
        "ends_on": spec.ends_on,
        "coverage_area": spec.coverage_area,
        "coverage_rate": spec.coverage_rate,
        "is_census": spec.is_census,
        "source": spec.source,
        "persons": {"rows": persons.height, "columns": persons.columns},
        "households": {"rows": households.height, "columns": households.columns},
        **spec.provenance,
    }
