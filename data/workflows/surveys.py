"""Survey answers into the data bank: files and frames -> Parquet without identities, and the round in the database.

Files come alone with a mapping, or as the export of a form, which then gives types, codes, labels and the link between
people and households. The mapping that was used is kept with the site for its next round.

Order: everything is checked on the frames, the files are staged beside their place, the rows are written, the
folder is renamed into its place, and only then the transaction commits. Whatever fails leaves nothing behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from data.readers.files import read_text
from data.readers.survey_mapping import SurveyMapping, read_survey_mapping
from data.readers.xlsform import read_form
from data.store.areas import AreaRecord, list_areas, save_areas
from data.store.engine import transaction
from data.store.mappings import find_mapping, keep_mapping
from data.store.rounds import save_round
from data.store.sites import load_site
from data.store.tables import Site, SurveyRound
from data.workflows.anonymise import HIDDEN_AREA
from data.workflows.bank import check_round_code, stage_round
from data.workflows.form_breaks import breaks_to_keep
from data.workflows.forms import answer_files
from data.workflows.round_checks import check_round, design_notes
from data.workflows.round_spec import AreaSpec, RoundSpec, StoredRound, day_problems
from data.workflows.survey_forms import FormAnswers, answers_of_form, keyed_by_form, without_strangers
from data.workflows.survey_frames import MappedAnswers, RawFile, map_answers, read_raw

__all__ = [
    "AreaSpec",
    "RoundSpec",
    "StoredRound",
    "import_form_survey",
    "import_survey",
    "kept_mapping",
    "store_round",
]
AndThen = Callable[[Session, Site], None]


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
    and_then: AndThen | None = None,
) -> StoredRound:
    """Keep a round: files in the bank, its row, new areas and the audit entry, all of it or nothing.

    persons : one row a person; `person_id`, `household_id` whole numbers from 1 without gaps (re-keyed), `sex`
        female or male, the columns of `spec.area_columns` with area codes, household columns repeated on it
    households : one row a household; `household_id`
    new_areas : areas to make where the site has no area of that code
    and_then : what else is stored in the same transaction

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
            if and_then is not None:
                and_then(session, site)
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
    mapping: SurveyMapping | Path | None,
    actor: str,
    seed: int | None = None,
    say: Callable[[str], None] | None = None,
) -> StoredRound:
    """Read raw files by a mapping, take identities out, re-key, and keep the round.

    files : {"persons": …, "households": …}; households may be left out
    mapping : None takes the one that the site kept of its last files without a form
    seed : for the order in which people are re-keyed; None draws a secret one, so that nobody who holds the
        raw file can number it again. State one only where the raw file is public.
    say : gets a sentence where the reading of a file was a judgement
    """
    check_round_code(round_code)
    mapping = _mapping(factory, site_slug, mapping, "")
    raw = {role: read_raw(path, say) for role, path in files.items()}
    answers = map_answers(mapping, raw, seed)
    provenance = {
        "files": [_file_record(role, file.path, file.frame.height) for role, file in raw.items()],
        "mapping": mapping.model_dump(mode="json", exclude_defaults=True),
        **_questions_of(raw, mapping, answers),
    }
    spec = round_spec(round_code, mapping, provenance)
    return _store_mapped(factory, bank_folder, site_slug, spec, answers, actor, mapping, "")


def _questions_of(raw: Mapping[str, RawFile], mapping: SurveyMapping, answers: MappedAnswers) -> dict[str, Any]:
    """What the files themselves say of the columns that stay (SPSS, Stata): question texts, codes and their labels."""
    told = {column: entry for file in raw.values() for column, entry in file.codebook.items()}
    stays = {*answers.persons.columns, *answers.households.columns}
    found = {name: entry for name, entry in renamed_codebook(told, mapping).items() if name in stays}
    translated = {"sex", "age_band", *(area.name for area in mapping.areas if area.values is not None)}
    kept = {name: _without_codes(entry) if name in translated else entry for name, entry in found.items()}
    return {"questions": kept} if kept else {}


def _without_codes(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Of a column whose codes the mapping replaced by the store's words."""
    return {key: value for key, value in entry.items() if key != "codes"}


def import_form_survey(
    factory: sessionmaker[Session],
    bank_folder: Path,
    site_slug: str,
    round_code: str,
    form_file: Path,
    files: Sequence[Path],
    mapping: SurveyMapping | Path | None,
    actor: str,
    seed: int | None = None,
) -> StoredRound:
    """Read the export of a form, map its columns, take identities out, re-key, and keep the round with its codebook.

    mapping : which column is sex, age, area, weight …; what it says of keys is not used, because the form joins people
        to their households. None takes the one that the site kept for this form.
    """
    check_round_code(round_code)
    form, files = read_form(form_file).form, answer_files(form_file, files)
    mapping = _mapping(factory, site_slug, mapping, form.form_id)
    found = answers_of_form(form, files)
    mapping, answers = map_form_answers(mapping, found, seed)
    provenance = {
        "form": {"id": form.form_id, "version": form.version, "title": form.title, **_file_record("form", form_file)},
        "files": [_file_record("export", path) for path in files],
        "mapping": mapping.model_dump(mode="json", exclude_defaults=True),
        "questions": renamed_codebook(found.codebook, mapping),
        "form_checks": breaks_to_keep(form, found.problems),
    }
    spec = round_spec(round_code, mapping, provenance)
    return _store_mapped(factory, bank_folder, site_slug, spec, answers, actor, mapping, form.form_id, found.problems)


def map_form_answers(
    mapping: SurveyMapping, found: FormAnswers, seed: int | None = None
) -> tuple[SurveyMapping, MappedAnswers]:
    """The mapping as it applies to the tables of a form, and what it makes of them."""
    applied = without_strangers(keyed_by_form(mapping, found), found.raw)
    return applied, map_answers(applied, found.raw, seed)


def renamed_codebook(codebook: Mapping[str, Any], mapping: SurveyMapping) -> dict[str, Any]:
    """The codebook under the names that the columns have in the bank."""
    persons = mapping.persons
    named = {**mapping.rename, **{area.column: area.name for area in mapping.areas}}
    named[persons.sex.column] = "sex"
    if persons.age:
        named[persons.age.column] = "age"
    if persons.age_band:
        named[persons.age_band.column] = "age_band"
    return {named.get(column, column): entry for column, entry in codebook.items()}


def round_spec(round_code: str, mapping: SurveyMapping, provenance: Mapping[str, Any]) -> RoundSpec:
    """What a mapping says of a round."""
    return RoundSpec(
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
        provenance=provenance,
    )


def refuse_days_ahead(spec: RoundSpec) -> None:
    """InputError for days that cannot be those of a survey, today."""
    problems = day_problems(spec.starts_on, spec.ends_on, date.today())
    if problems:
        raise InputError(problems)


def kept_mapping(session: Session, site_id: int, form_id: str) -> SurveyMapping | None:
    """The mapping that a site kept for a form (empty id: for files without a form)."""
    row = find_mapping(session, site_id, form_id)
    return SurveyMapping.model_validate(row.document) if row else None


def _mapping(
    factory: sessionmaker[Session], site_slug: str, mapping: SurveyMapping | Path | None, form_id: str
) -> SurveyMapping:
    if isinstance(mapping, Path):
        return read_survey_mapping(read_text(mapping), mapping.name)
    if mapping is not None:
        return mapping
    with factory() as session:
        kept = kept_mapping(session, load_site(session, site_slug).id, form_id)
    if kept is None:
        of = f"of the form '{form_id}'" if form_id else "of files without a form"
        message = f"The site has kept no mapping {of} yet. Say which column is what (--map)."
        raise InputError(Problem("mapping_missing", message))
    return kept


def _store_mapped(
    factory: sessionmaker[Session],
    bank_folder: Path,
    site_slug: str,
    spec: RoundSpec,
    answers: MappedAnswers,
    actor: str,
    mapping: SurveyMapping,
    form_id: str,
    notes: Sequence[Problem] = (),
) -> StoredRound:
    """Keep the round, and its mapping for the next one."""
    refuse_days_ahead(spec)
    document = mapping.model_dump(mode="json", exclude_defaults=True)
    areas = [AreaSpec(*area) for area in answers.areas]
    warnings = (*notes, *answers.warnings, *design_notes(spec))
    persons, households = answers.persons, answers.households
    return store_round(
        factory,
        bank_folder,
        site_slug,
        spec,
        persons,
        households,
        actor,
        areas,
        warnings,
        and_then=lambda session, site: keep_mapping(session, site.id, form_id, document, actor),
    )


def _file_record(role: str, path: Path, rows: int | None = None) -> dict[str, Any]:
    content = path.read_bytes() if path.is_file() else b""  # a form may be a folder of sheets
    record = {"role": role, "name": path.name, "sha256": hashlib.sha256(content).hexdigest() if content else None}
    return record if rows is None else {**record, "rows": rows}


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
        no_areas = {HIDDEN_AREA} if "package" in spec.provenance else set()  # of an extract: known of the site only
        wrong = sorted(str(code) for code in found - known.get(level, set()) - no_areas)
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
        age_starts=list(spec.age_starts) or None,
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
