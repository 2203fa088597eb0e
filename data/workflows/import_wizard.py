"""The steps of an import that a person walks through: uploaded, checked, mapped, looked at, imported.

Every step reads the uploaded files again; nothing enters the bank or the database before the last one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.schema_words import findings, sentence_of
from budget_model.survey.catalogue import IndicatorDefinition, parse_catalogue
from budget_model.survey.questions import Form, asks_sex
from data.readers.survey_mapping import SurveyMapping
from data.readers.xlsform import read_form
from data.settings import PROJECT
from data.store.areas import list_areas
from data.store.sites import load_site
from data.store.tables import SurveyRound
from data.workflows.bank import check_round_code
from data.workflows.form_answers import check_answers
from data.workflows.forms import form_problems
from data.workflows.indicators import split_runnable
from data.workflows.mapping_guess import (
    ColumnInfo,
    Draft,
    RoundFacts,
    columns_of,
    draft_document,
    draft_from_document,
    draft_of,
    guess,
    identities_in,
    mapping_document,
)
from data.workflows.round_checks import check_round, design_notes
from data.workflows.round_spec import StoredRound, day_problems
from data.workflows.staging import Stage, Upload, abandon_stage, data_paths, form_path, make_stage, with_answers
from data.workflows.survey_forms import FormAnswers, form_answers, harmless_columns, no_members
from data.workflows.survey_frames import MappedAnswers, RawFile, map_answers, read_raw
from data.workflows.surveys import (
    import_form_survey,
    import_survey,
    kept_mapping,
    map_form_answers,
    refuse_days_ahead,
    round_spec,
)

CORE_CATALOGUE = PROJECT / "data" / "catalogue" / "indicators.yaml"
FIRST_ROWS = 8
PREVIEW_SEED = 1  # the preview is shuffled as the import is, but alike each time it is looked at
FIRST_LINES = 5
LEAST_LETTERS = 3  # as the mapping asks of its texts


def start_import(
    factory: sessionmaker[Session],
    bank_folder: Path,
    site_slug: str,
    round_code: str,
    owner: str,
    form: Upload | None,
    data: Sequence[Upload],
    facts: Mapping[str, Any],
) -> Stage:
    """Keep the uploaded files; InputError for a round code that is taken, and for files that are not what they seem."""
    check_round_code(round_code)
    with factory() as session:
        site = load_site(session, site_slug)
        taken = select(SurveyRound.id).where(SurveyRound.site_id == site.id, SurveyRound.code == round_code)
        if session.scalar(taken) is not None:
            message = f"The site has a round '{round_code}' already. Import under another code."
            raise InputError(Problem("round_exists", message, value=round_code, facts={"code": round_code}))
    return make_stage(bank_folder, site_slug, owner, round_code, form, data, facts)


# --- what was found in the files ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class ProblemGroup:
    """Problems of one rule in one place: how many rows, the first lines, and one sentence."""

    rule: str
    level: str
    file: str
    sheet: str
    column: str
    count: int
    lines: tuple[int, ...]
    message: str
    named: tuple[str, ...] = ()  # what the sentence of the rule is about, where the column alone does not say it


@dataclass(frozen=True)
class Found:
    """What the files hold. `answers` is None where they are refused."""

    problems: tuple[ProblemGroup, ...]
    raw: Mapping[str, RawFile]
    form: Form | None = None
    answers: FormAnswers | None = None
    tables: tuple[tuple[str, str, str, int], ...] = ()  # file, sheet, level, rows

    @property
    def is_refused(self) -> bool:
        return any(group.level == "error" for group in self.problems)


def look_into(bank_folder: Path, stage: Stage) -> Found:
    """Read the uploaded files and say what is wrong with them; never raises for what they hold."""
    try:
        return _form_found(bank_folder, stage) if stage.is_of_form else _tables_found(bank_folder, stage)
    except InputError as refused:
        return Found(grouped(refused.problems), {})


def _form_found(bank_folder: Path, stage: Stage) -> Found:
    from data.readers.kobo import read_export

    read = read_form(form_path(bank_folder, stage))
    faults = [replace(problem, level="warning") for problem in form_problems(read)]
    export = read_export(read.form, data_paths(bank_folder, stage))
    problems = [*faults, *export.problems, *check_answers(export)]
    if export.members is None:
        problems = [problem for problem in problems if problem.rule != "members_missing"]
        problems.append(no_members(read.form))
    tables = tuple((info.file, info.sheet or "", info.level, info.rows) for info in export.infos)
    if any(problem.level == "error" for problem in problems):
        return Found(grouped(problems), {}, read.form, None, tables)
    answers = form_answers(export)
    problems += no_sex(read.form)
    return Found(grouped(problems), answers.raw, read.form, answers, tables)


def no_sex(form: Form) -> list[Problem]:
    """An error where no question about members can be that of their sex: none is named so, and none is a choice."""
    members = form.members or ()
    asked = [one for depth in range(1, len(members) + 1) for one in form.at(members[:depth])]
    if any(asks_sex(one) or one.kind == "select_one" for one in asked):
        return []
    message = (
        f"The form does not ask for the sex of the people in the repeat '{members[-1]}', so that nothing can be said "
        "of women and men. Ask it in the form, or give the answers as a table of people with a column of sex."
    )
    return [Problem("sex_absent", message, file=form.file, sheet="survey", column="name", value=members[-1])]


def _tables_found(bank_folder: Path, stage: Stage) -> Found:
    """Files without a form: one row a person in the longest, one row a household in the other if there are two."""
    paths = data_paths(bank_folder, stage)
    wrong = [path for path in paths if path.suffix.lower() in (".xlsx", ".xls", ".json")]
    if wrong:
        message = "This file needs the form that it was collected with. Give the form too, or save the table as CSV."
        raise InputError([Problem("form_needed", message, file=path.name) for path in wrong])
    if len(paths) > len(ROLES):
        message = "Without a form give one file with a row a person and, if there is one, one with a row a household."
        raise InputError(Problem("upload_many", message, facts={"most": len(ROLES)}))
    notes: list[str] = []
    files = sorted((read_raw(path, notes.append) for path in paths), key=lambda file: -file.frame.height)
    raw = dict(zip(ROLES, files, strict=False))
    tables = tuple((file.name, "", role, file.frame.height) for role, file in raw.items())
    told = [Problem("reading_judged", note, level="warning") for note in notes]
    return Found(grouped(told), raw, tables=tables)


ROLES = ("persons", "households")


def grouped(problems: Sequence[Problem]) -> tuple[ProblemGroup, ...]:
    """Problems of the same rule, file, sheet and column as one, errors first; rows counted, the first lines named."""
    groups: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        key = (problem.level, problem.rule, problem.file or "", problem.sheet or "", problem.column or "")
        groups.setdefault(key, []).append(problem)
    found = [_group(key, members) for key, members in groups.items()]
    return tuple(sorted(found, key=lambda group: group.level != "error"))


def _group(key: tuple[str, ...], members: Sequence[Problem]) -> ProblemGroup:
    level, rule, file, sheet, column = key
    count = sum(int(problem.facts.get("count") or 1) for problem in members)
    lines = [line for problem in members for line in (problem.facts.get("rows") or [problem.line]) if line is not None]
    named = tuple(name for problem in members for name in problem.facts.get("named", ()))
    return ProblemGroup(rule, level, file, sheet, column, count, tuple(lines[:FIRST_LINES]), members[0].message, named)


# --- which column is what ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MappingQuestion:
    """The mapping step: columns to choose from, texts of their codes, what is proposed, and whence."""

    columns: tuple[ColumnInfo, ...]
    code_labels: Mapping[str, Mapping[str, str]]  # column -> code -> text
    draft: Draft
    is_kept: bool  # the site used a mapping for this form before
    identities: tuple[str, ...]  # columns that will be left out


def ask_mapping(session: Session, site_id: int, stage: Stage, found: Found, language: str) -> MappingQuestion:
    """What the mapping step asks, filled in with what the person answered; else what the site kept; else a guess."""
    labels, codes = _texts(found, language)
    columns = columns_of(found.raw, labels)
    proposed = guess(columns, codes, found.form is not None)
    kept = kept_mapping(session, site_id, form_id_of(found))
    draft = draft_of(kept, columns, proposed) if kept else proposed
    if stage.draft is not None:
        draft = draft_from_document(stage.draft)
    vouched = harmless_columns(found.form, [column.name for column in columns]) if found.form else ()
    return MappingQuestion(columns, codes, draft, kept is not None, identities_in(found.raw, vouched))


def form_id_of(found: Found) -> str:
    return found.form.form_id if found.form else ""


def _texts(found: Found, language: str) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Question texts by column, and texts of codes by column and code, in a language or the first that there is."""
    labels: dict[str, str] = {}
    codes: dict[str, dict[str, str]] = {}
    for column, entry in (found.answers.codebook if found.answers else {}).items():
        labels[column] = in_language(entry.get("question", {}), language)
        codes[column] = {one["code"]: in_language(one["label"], language) for one in entry.get("codes", ())}
    return labels, codes


def in_language(texts: Mapping[str, str], language: str) -> str:
    """A text in a language, else the first that there is."""
    return texts.get(language) or next((text for text in texts.values() if text), "")


def keep_draft(
    factory: sessionmaker[Session],
    bank_folder: Path,
    stage: Stage,
    found: Found,
    draft: Draft,
    facts: RoundFacts,
    wrong: Sequence[Problem] = (),
) -> Stage:
    """Keep the answers of the mapping step with the upload; InputError where they make no mapping (they are kept
    nevertheless, so that nobody types them twice).

    wrong : answers that could not be read as what they should be
    """
    codes = _texts(found, "es")[1]
    answers = draft_document(draft)
    with_answers(bank_folder, stage, answers, vars(facts))
    with factory() as session:
        site = load_site(session, stage.site)
        given = SurveyMapping.model_validate(stage.base) if stage.base else None
        kept = given or kept_mapping(session, site.id, form_id_of(found))
        areas: dict[int, dict[str, str]] = {}
        for area in list_areas(session, site.id):
            areas.setdefault(area.level, {})[area.code] = area.name
    problems = [*wrong, *_unanswered(draft, facts)]
    if problems:
        raise InputError(problems)
    document = mapping_document(draft, facts, found.raw, codes, kept, areas)
    mapping = _validated(document)
    document = mapping.model_dump(mode="json", exclude_defaults=True)
    return with_answers(bank_folder, stage, answers, vars(facts), document)


def _unanswered(draft: Draft, facts: RoundFacts) -> list[Problem]:
    checks = (
        (draft.sex, "mapping_sex", "Choose the column of sex."),
        (
            set(draft.sex_values.values()) >= {"female", "male"},
            "mapping_sexes",
            "Say which code is female, which male.",
        ),
    )
    problems = [Problem(rule, message) for is_right, rule, message in checks if not is_right]
    return [
        *problems,
        *_worded(facts.coverage_area, "mapping_coverage", "State what area the round covers."),
        *_worded(facts.source, "mapping_source", "State whence the answers come."),
        *_day_problems(facts),
    ]


def _day_problems(facts: RoundFacts) -> list[Problem]:
    try:
        first, last = (date.fromisoformat(day) if day else None for day in (facts.starts_on, facts.ends_on))
    except ValueError:
        return [Problem("day_wrong", "This is no day. Write it as 2026-03-01.")]
    return day_problems(first, last, date.today())


def _worded(text: str, rule: str, message: str) -> list[Problem]:
    """A text that is missing, or too short to tell anybody anything."""
    if len(text) >= LEAST_LETTERS:
        return []
    if not text:
        return [Problem(rule, message)]
    return [Problem(f"{rule}_short", f"'{text}' is too short: write at least {LEAST_LETTERS} letters.", value=text)]


def _validated(document: Mapping[str, Any]) -> SurveyMapping:
    try:
        return SurveyMapping.model_validate(document)
    except ValidationError as refused:
        wrong = findings(refused.errors(include_url=False), document)
        found = [f"{'/'.join(map(str, one.path))}: {sentence_of(one)}" for one in wrong]
        message = f"These answers make no mapping ({'; '.join(found)}). Mend them."
        raise InputError(Problem("mapping_invalid", message, facts={"what": "; ".join(found)})) from None


# --- how it would come in ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """What the round would hold. Without problems of level error it can be imported."""

    problems: tuple[ProblemGroup, ...]
    persons: int = 0
    households: int = 0
    by_area: tuple[tuple[str, int, int, int], ...] = ()  # area, households, women, men
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    indicators: tuple[tuple[IndicatorDefinition, tuple[str, ...]], ...] = ()  # and the questions that it lacks
    days: tuple[date | None, date | None] = (None, None)  # the first and the last

    @property
    def is_refused(self) -> bool:
        return any(group.level == "error" for group in self.problems)


def preview_import(stage: Stage, found: Found) -> Preview:
    """Map the answers without storing anything; never raises for what the files hold."""
    if stage.mapping is None:
        return Preview(grouped([Problem("mapping_missing", "Say first which column is what.")]))
    mapping = SurveyMapping.model_validate(stage.mapping)
    try:
        spec = round_spec(stage.round_code, mapping, {})
        refuse_days_ahead(spec)
        answers = _mapped(mapping, found)
        check_round(spec, answers.persons, answers.households)
    except InputError as refused:
        return Preview(grouped(refused.problems))
    return Preview(
        grouped([*answers.warnings, *design_notes(spec)]),
        answers.persons.height,
        answers.households.height,
        _by_area(mapping, answers),
        *_first_rows(answers.persons),
        _indicators(answers.persons),
        (spec.starts_on, spec.ends_on),
    )


def _mapped(mapping: SurveyMapping, found: Found) -> MappedAnswers:
    if found.answers is not None:
        return map_form_answers(mapping, found.answers, PREVIEW_SEED)[1]
    return map_answers(mapping, found.raw, PREVIEW_SEED)


def _by_area(mapping: SurveyMapping, answers: MappedAnswers) -> tuple[tuple[str, int, int, int], ...]:
    """Households, women and men of each area of level 1, and together under the empty name."""
    names = {code: name for code, name, level, _ in answers.areas if level == 1}
    column = mapping.areas[0].name if mapping.areas else None
    groups = [("", answers.persons)]
    if column:
        groups += [
            (str(key[0]), part) for key, part in answers.persons.sort(column).group_by(column, maintain_order=True)
        ]
    return tuple(
        (
            names.get(code, code),
            part["household_id"].n_unique(),
            part.filter(pl.col("sex") == "female").height,
            part.filter(pl.col("sex") == "male").height,
        )
        for code, part in groups
    )


def _first_rows(persons: pl.DataFrame) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The first rows without the numbers given to people and households."""
    shown = persons.drop("person_id", "household_id").head(FIRST_ROWS)
    rows = tuple(tuple("" if cell is None else str(cell) for cell in row) for row in shown.iter_rows())
    return tuple(shown.columns), rows


def _indicators(persons: pl.DataFrame) -> tuple[tuple[IndicatorDefinition, tuple[str, ...]], ...]:
    definitions = parse_catalogue(CORE_CATALOGUE.read_text(encoding="utf-8-sig"), CORE_CATALOGUE.name)
    _runnable, skipped = split_runnable(definitions, persons.columns, CORE_CATALOGUE.name)
    missing = {str(problem.facts["indicator"]): tuple(problem.facts["questions"]) for problem in skipped}
    return tuple((definition, missing.get(definition.id, ())) for definition in definitions)


# --- in, or away ---------------------------------------------------------------------------------------------------


def finish_import(factory: sessionmaker[Session], bank_folder: Path, stage: Stage, actor: str) -> StoredRound:
    """Import what the preview showed as a draft round, and remove the upload."""
    if stage.mapping is None:
        raise InputError(Problem("mapping_missing", "Say first which column is what."))
    mapping, paths = SurveyMapping.model_validate(stage.mapping), data_paths(bank_folder, stage)
    place = (factory, bank_folder, stage.site, stage.round_code)
    if stage.is_of_form:
        stored = import_form_survey(*place, form_path(bank_folder, stage), paths, mapping, actor)
    else:
        raw = sorted((read_raw(path) for path in paths), key=lambda file: -file.frame.height)
        files = {role: file.path for role, file in zip(ROLES, raw, strict=False)}
        stored = import_survey(*place, files, mapping, actor)
    abandon_stage(bank_folder, stage)
    return stored
