"""The steps of an import that a person walks through: uploaded, checked, mapped, looked at, imported.

What the files hold is the room of `import_found`, how the round would look that of `import_preview`. Every step reads
the uploaded files again; nothing enters the bank or the database before the last one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.schema_words import findings, sentence_of
from data.readers.survey_mapping import SurveyMapping
from data.store.areas import list_areas
from data.store.sites import load_site
from data.store.tables import SurveyRound
from data.workflows.bank import check_round_code
from data.workflows.import_found import ROLES, Found
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
from data.workflows.round_spec import StoredRound, day_problems
from data.workflows.staging import Stage, Upload, abandon_stage, data_paths, form_path, make_stage, with_answers
from data.workflows.survey_forms import harmless_columns
from data.workflows.survey_frames import read_raw
from data.workflows.surveys import (
    import_form_survey,
    import_survey,
    kept_mapping,
)

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
    told = {column: entry for file in found.raw.values() for column, entry in file.codebook.items()}
    for column, entry in (found.answers.codebook if found.answers else told).items():
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
