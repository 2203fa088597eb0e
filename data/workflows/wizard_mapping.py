"""A mapping file in the import wizard: the same YAML as the command line takes, with all that the page does not ask."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from budget_model.errors import InputError, Problem
from data.readers.files import read_text
from data.readers.survey_mapping import SurveyMapping, read_survey_mapping
from data.workflows.import_found import Found
from data.workflows.mapping_guess import RoundFacts, columns_of, draft_document, draft_of, guess
from data.workflows.round_spec import day_problems
from data.workflows.staging import Stage, Upload, safe_name, staging_folder, with_answers, with_told

MAPPINGS = (".yaml", ".yml")
LARGEST_MAPPING = 2**20  # bytes


def take_mapping(bank_folder: Path, stage: Stage, found: Found, upload: Upload) -> Stage:
    """Keep a mapping file as the answers of the mapping step: nothing is asked, the preview comes next.

    What the page asks (columns, codes, days, coverage) can be changed there afterwards; derived columns, renaming and
    what does not identify stay as the file says. Raises InputError with every problem of the file and its line.
    """
    mapping = _read(bank_folder, stage, upload)
    problems = day_problems(mapping.starts_on, mapping.ends_on, date.today())
    if problems:
        raise InputError(problems)
    columns = columns_of(found.raw, {})
    draft = draft_of(mapping, columns, guess(columns, {}, found.form is not None))
    document = mapping.model_dump(mode="json", exclude_defaults=True)
    return with_answers(bank_folder, stage, draft_document(draft), vars(_facts(mapping)), document, document)


def keep_refusal(bank_folder: Path, stage: Stage, sentences: list[str]) -> Stage:
    """Keep why a mapping file was refused, each problem with its line, for the page that is shown next."""
    return with_told(bank_folder, stage, sentences)


def _read(bank_folder: Path, stage: Stage, upload: Upload) -> SurveyMapping:
    name = safe_name(upload.name)
    if not name.lower().endswith(MAPPINGS):
        message = f"A mapping is a YAML file ({' or '.join(MAPPINGS)})."
        raise InputError(Problem("upload_type", message, file=name))
    content = upload.stream.read(LARGEST_MAPPING + 1)
    if len(content) > LARGEST_MAPPING:
        raise InputError(Problem("upload_large", "A mapping file has up to 1 MB.", file=name))
    folder = staging_folder(bank_folder) / stage.token / "mapping"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return read_survey_mapping(read_text(path), name)


def _facts(mapping: SurveyMapping) -> RoundFacts:
    """What the file says of the round, as the page shows it."""
    return RoundFacts(
        source=mapping.source.strip(),
        coverage_area=mapping.coverage.area,
        coverage_rate=mapping.coverage.rate,
        is_census=mapping.design.census,
        starts_on=str(mapping.starts_on or ""),
        ends_on=str(mapping.ends_on or ""),
    )
