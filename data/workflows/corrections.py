"""A file of corrections into the log of a round: every line checked against what is there, all of it or nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.spelling import nearest
from data.readers.corrections_file import CorrectionLine, read_corrections
from data.store.areas import list_areas
from data.store.corrections import add_corrections, corrections_sha256, list_corrections
from data.store.engine import transaction
from data.store.rounds import load_round
from data.store.sites import load_site
from data.store.tables import SurveyRound
from data.workflows.bank import PROVENANCE
from data.workflows.corrected import (
    IDS,
    CorrectedAnswers,
    can_be_corrected,
    corrected_answers,
    parsed,
)
from data.workflows.round_states import locked_round, require_draft

FEW_ANSWERS = 60  # a text column with no more different answers than this has a closed list


@dataclass(frozen=True)
class CheckedCorrections:
    """Lines that may be applied, and what is worth a second look."""

    lines: tuple[CorrectionLine, ...]
    warnings: tuple[Problem, ...]
    corrections_before: int


@dataclass(frozen=True)
class AppliedCorrections:
    """What came of applying a file. `total` and `sha256` are those of the round's whole log."""

    round_code: str
    applied: int
    total: int
    sha256: str
    warnings: tuple[Problem, ...]


def check_corrections(
    session: Session, bank_folder: Path, survey_round: SurveyRound, content: bytes, file: str
) -> CheckedCorrections:
    """The lines of a file held against the round as it is now; InputError with every problem. Changes nothing."""
    require_draft(survey_round, "corrected")
    lines, unreadable = read_corrections(content, file)
    answers = corrected_answers(session, bank_folder, survey_round)
    codes = _area_codes(session, survey_round)
    checker = _Checker(answers, survey_round, codes, file)
    problems = [*unreadable, *checker.problems(lines)]
    if problems:
        raise InputError(sorted(problems, key=lambda problem: problem.line or 0))
    return CheckedCorrections(lines, tuple(checker.warnings(lines)), answers.corrections)


def checked_corrections(
    factory: sessionmaker[Session], bank_folder: Path, site_slug: str, round_code: str, content: bytes, file: str
) -> CheckedCorrections:
    """`check_corrections` by the names of site and round."""
    with factory() as session:
        survey_round = load_round(session, load_site(session, site_slug).id, round_code)
        return check_corrections(session, bank_folder, survey_round, content, file)


def apply_corrections(
    factory: sessionmaker[Session],
    bank_folder: Path,
    site_slug: str,
    round_code: str,
    content: bytes,
    file: str,
    actor: str,
) -> AppliedCorrections:
    """Append a file of corrections to the log of a round, and note the log's size and hash in `round.json`.

    Raises InputError (with every problem of the file; nothing is stored) and NotFoundError.
    """
    note = ProvenanceNote()
    try:
        with transaction(factory) as session:
            site = load_site(session, site_slug)
            survey_round = locked_round(session, site.id, round_code)
            checked = check_corrections(session, bank_folder, survey_round, content, file)
            add_corrections(session, survey_round, actor, [_row(line) for line in checked.lines])
            log = list_corrections(session, survey_round.id)
            sha256 = corrections_sha256(log)
            note.write(bank_folder, survey_round.bank_path, "corrections", {"applied": len(log), "sha256": sha256})
    except BaseException:
        note.take_back()
        raise
    return AppliedCorrections(round_code, len(checked.lines), len(log), sha256, checked.warnings)


class ProvenanceNote:
    """A note in `round.json`, put back as it was when the database refuses. A round without the file goes without."""

    def __init__(self) -> None:
        self._file: Path | None = None
        self._before = b""

    def write(self, bank_folder: Path, bank_path: str, key: str, note: Any) -> None:
        file = Path(bank_folder) / bank_path / PROVENANCE
        if not file.is_file():
            return
        self._before = file.read_bytes()
        content = json.dumps({**json.loads(self._before), key: note}, ensure_ascii=False, indent=1) + "\n"
        _replace(file, content.encode("utf-8"))
        self._file = file

    def take_back(self) -> None:
        if self._file is not None:
            _replace(self._file, self._before)


def _replace(file: Path, content: bytes) -> None:
    """Readers see the old file or the new one, never half of it."""
    staged = file.with_name(f".{file.name}.{os.getpid()}")
    staged.write_bytes(content)
    staged.replace(file)


def _row(line: CorrectionLine) -> dict[str, Any]:
    return {
        "record": line.record,
        "record_id": line.record_id,
        "column_name": line.column,
        "old_value": line.old,
        "new_value": line.new,
        "reason": line.reason,
    }


def _area_codes(session: Session, survey_round: SurveyRound) -> dict[str, frozenset[str]]:
    """Area column -> the codes that the site has at its level."""
    areas = list_areas(session, survey_round.site_id)
    return {
        column: frozenset(area.code for area in areas if area.level == level)
        for level, column in enumerate(survey_round.area_columns, start=1)
    }


class _Checker:
    """Holds the lines of one file against one round."""

    def __init__(
        self, answers: CorrectedAnswers, survey_round: SurveyRound, codes: dict[str, frozenset[str]], file: str
    ):
        self.answers, self.codes, self.file = answers, codes, file
        design = (
            survey_round.weight_column,
            survey_round.strata_column,
            survey_round.psu_column,
            survey_round.fpc_column,
        )
        self.fixed = {"person_id", "household_id", *(name for name in design if name)}
        self.ids = {record: set(answers.of(record)[key]) for record, key in IDS.items()}

    def problem(self, line: CorrectionLine, rule: str, message: str, **facts: Any) -> Problem:
        facts = {"line": line.line, "record": line.record, "id": line.record_id, "name": line.column, **facts}
        text = message.format(**facts)
        return Problem(f"corrections.{rule}", text, file=self.file, line=line.line, column=line.column, facts=facts)

    def problems(self, lines: Sequence[CorrectionLine]) -> list[Problem]:
        found = [problem for line in lines if (problem := self._target(line))]
        wrong = {problem.line for problem in found}
        usable = [line for line in lines if line.line not in wrong]
        found += self._repeated(usable)
        by_column: dict[tuple[str, str], list[CorrectionLine]] = {}
        for line in usable:
            if not line.removes:
                by_column.setdefault((line.record, line.column), []).append(line)
        for (record, column), group in by_column.items():
            found += self._values(record, column, group)
        return found

    def _target(self, line: CorrectionLine) -> Problem | None:
        """The record and the column are there and may be corrected."""
        if line.record_id not in self.ids[line.record]:
            message = "There is no {record} {id} in this round (any more). Check the id."
            return self.problem(line, "unknown_record", message)
        return None if line.removes else self._column(line)

    def _column(self, line: CorrectionLine) -> Problem | None:
        frame, column = self.answers.of(line.record), line.column
        if column in self.fixed:
            return self.problem(line, "fixed", "'{name}' is an id or part of the sample design and is not corrected.")
        if column in self.answers.computed:
            return self.problem(line, "computed", "'{name}' is computed from other answers. Correct those.")
        if column not in frame.columns:
            near = nearest(column, frame.columns)
            if near is None:
                return self.problem(line, "no_such_column", "A {record} has no answer '{name}'.")
            message = "A {record} has no answer '{name}'. Did you mean '{nearest}'?"
            return self.problem(line, "unknown_column", message, nearest=near)
        if line.record == "person" and column in self.answers.households.columns:
            message = (
                "'{name}' is an answer of the household. Correct it there: record household, with the household's id."
            )
            return self.problem(line, "of_household", message)
        if not can_be_corrected(frame.schema[column]):
            return self.problem(line, "kind", "'{name}' holds a kind of answer that cannot be corrected here.")
        return None

    def _repeated(self, lines: Sequence[CorrectionLine]) -> Iterator[Problem]:
        first: dict[tuple[str, int, str], int] = {}
        removed = {(line.record, line.record_id) for line in lines if line.removes}
        for line in lines:
            before = first.setdefault((line.record, line.record_id, line.column), line.line)
            if before != line.line:
                message = "Line {before} corrects the same answer. Keep one of the two."
                yield self.problem(line, "repeated", message, before=before)
            if not line.removes and (line.record, line.record_id) in removed:
                yield self.problem(line, "of_removed", "The same file removes this {record}. Keep one of the two.")

    def _values(self, record: str, column: str, lines: list[CorrectionLine]) -> Iterator[Problem]:
        """Old values are what is there; new ones are of the column's kind and, where there is a list, on it."""
        there = self._there(record, column, lines)
        old, new = (parsed([getattr(line, side) for line in lines], there.dtype) for side in ("old", "new"))
        matches = old.eq_missing(there)
        for index, line in enumerate(lines):
            is_read = line.old is None or old[index] is not None
            if not (matches[index] and is_read):
                yield self._differs(line, there[index])
            if line.new is not None and new[index] is None:
                message = "'{new}' is no value for '{name}', which holds {kind}."
                yield self.problem(line, "new_kind", message, new=line.new, kind=_kind_word(there.dtype))
            elif refusal := self._not_on_list(column, line):
                yield refusal

    def _there(self, record: str, column: str, lines: list[CorrectionLine]) -> pl.Series:
        """What the round has now, a value a line."""
        frame = self.answers.of(record)
        key = pl.Series("id", [line.record_id for line in lines], dtype=frame.schema[IDS[record]])
        known = frame.select(pl.col(IDS[record]).alias("id"), pl.col(column).alias("value"))
        return key.to_frame().join(known, on="id", how="left", maintain_order="left")["value"]

    def _differs(self, line: CorrectionLine, found: Any) -> Problem:
        if line.old is None:
            message = "Old value of {record} {id}, '{name}': the file has none, the round has '{found}'. Check the id."
            return self.problem(line, "old_missing", message, found=found)
        if found is None:
            message = "Old value of {record} {id}, '{name}': the file says '{old}', the round has none. Check the id."
            return self.problem(line, "old_not_there", message, old=line.old)
        message = (
            "Old value of {record} {id}, '{name}': the file says '{old}', the round has '{found}'. "
            "Check the id, or take the cases anew."
        )
        return self.problem(line, "old_differs", message, old=line.old, found=found)

    def _not_on_list(self, column: str, line: CorrectionLine) -> Problem | None:
        if column == "sex" and line.new not in ("female", "male"):
            return self.problem(line, "sex", "The sex is female or male. Found: '{new}'.", new=line.new or "")
        if column in self.codes and line.new not in self.codes[column]:
            message = "No area of the site's level has the code '{new}'. Correct the code."
            return self.problem(line, "area", message, new=line.new or "")
        return None

    def warnings(self, lines: Sequence[CorrectionLine]) -> Iterator[Problem]:
        """New text answers that nobody else gave, where the question seems to have a closed list."""
        known: dict[tuple[str, str], set[str]] = {}
        for line in lines:
            if line.removes or line.new is None:
                continue
            column = self.answers.of(line.record)[line.column]
            if column.dtype != pl.String:
                continue
            place = (line.record, line.column)
            if place not in known:
                known[place] = set(column.drop_nulls().unique())
            if len(known[place]) <= FEW_ANSWERS and line.new not in known[place]:
                near = nearest(line.new, known[place]) or ", ".join(sorted(known[place])[:5])
                message = "Nobody in the round answered '{new}' to '{name}'. Did you mean '{nearest}'?"
                yield self.problem(line, "new_answer", message, new=line.new, nearest=near)


def _kind_word(kind: pl.DataType) -> str:
    if kind.is_integer():
        return "whole numbers"
    if kind.is_float():
        return "numbers"
    return {pl.Boolean: "true or false", pl.Date: "dates such as 2026-03-31"}.get(type(kind), "text of a fixed list")
