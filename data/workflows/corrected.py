"""The answers of a round as they are used: the files of the bank with the log of corrections applied on reading.

The files themselves never change. Figures that the import computed of other answers (the age band, what the mapping
derives) are computed again; everything else stays as it was answered.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import polars as pl
from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem
from data.readers.corrections_file import WHOLE
from data.readers.survey_mapping import Derived
from data.store.corrections import corrections_sha256, list_corrections
from data.store.tables import SurveyRound
from data.workflows.bank import HOUSEHOLDS, PERSONS, PROVENANCE, bank_file
from data.workflows.derived import add_derived
from data.workflows.survey_people import age_bands

IDS = {"person": "person_id", "household": "household_id"}
TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Change(Protocol):
    """A correction, from the log or from a file that is being checked."""

    @property
    def record(self) -> str: ...
    @property
    def record_id(self) -> int: ...
    @property
    def column_name(self) -> str: ...
    @property
    def new_value(self) -> str | None: ...


@dataclass(frozen=True)
class CorrectedAnswers:
    """Both tables as they are used, how many corrections that took, and the hash of the log."""

    persons: pl.DataFrame
    households: pl.DataFrame
    corrections: int
    sha256: str
    derived: Mapping[str, Any]  # columns that the import computed of the members

    def of(self, record: str) -> pl.DataFrame:
        return self.persons if record == "person" else self.households

    @property
    def computed(self) -> frozenset[str]:
        """Columns that follow from others and are not corrected themselves."""
        band = {"age_band"} if {"age", "age_band"} <= set(self.persons.columns) else set()
        return frozenset(band | set(self.derived))


def corrected_answers(session: Session, bank_folder: Path, survey_round: SurveyRound) -> CorrectedAnswers:
    """The answers of a round with its corrections applied in their order.

    Raises InputError for a round without answers.
    """
    bank_path = _bank_path(survey_round)
    persons, households = (pl.read_parquet(bank_file(bank_folder, bank_path, name)) for name in (PERSONS, HOUSEHOLDS))
    log = list_corrections(session, survey_round.id)
    derived = _derived(bank_folder, bank_path)
    raw = CorrectedAnswers(persons, households, 0, corrections_sha256([]), derived)
    if not log:
        return raw
    persons, households = apply_changes(raw, log)
    return CorrectedAnswers(persons, households, len(log), corrections_sha256(log), derived)


def answers_fingerprint(session: Session, bank_folder: Path, survey_round: SurveyRound) -> str:
    """A text that changes with the answers of a round: its files in the bank, and the log of corrections.

    Quick: files are known by size and time of change, as nothing but an import writes them. Raises InputError as
    `corrected_answers` does.
    """
    bank_path = _bank_path(survey_round)
    files = [Path(bank_folder) / bank_path / name for name in (PERSONS, HOUSEHOLDS, PROVENANCE)]
    states = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]
    return f"{bank_path} {states} {corrections_sha256(list_corrections(session, survey_round.id))}"


def _bank_path(survey_round: SurveyRound) -> str:
    if not survey_round.bank_path:
        message = f"Round '{survey_round.code}' has no answers here: it holds estimates that its source has published."
        raise InputError(Problem("round.no_answers", message, value=survey_round.code))
    return survey_round.bank_path


def _derived(bank_folder: Path, bank_path: str) -> dict[str, Any]:
    """What the mapping of the import derives, as `round.json` keeps it; nothing where there is no such file."""
    file = Path(bank_folder) / bank_path / PROVENANCE
    if not file.is_file():
        return {}
    mapping = json.loads(file.read_text(encoding="utf-8")).get("mapping") or {}
    return dict(mapping.get("derive") or {})


def apply_changes(answers: CorrectedAnswers, changes: Iterable[Change]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both tables with the changes; of several of one answer the last one stays."""
    values: dict[tuple[str, str], dict[int, str | None]] = {}
    removed: dict[str, set[int]] = {"person": set(), "household": set()}
    for one in changes:
        if one.column_name == WHOLE:
            removed[one.record].add(one.record_id)
        else:
            values.setdefault((one.record, one.column_name), {})[one.record_id] = one.new_value
    frames = {"person": answers.persons, "household": answers.households}
    for (record, column), new in values.items():
        frames[record] = with_values(frames[record], IDS[record], column, new)
        if record == "household" and column in frames["person"].columns:
            frames["person"] = with_values(frames["person"], IDS[record], column, new)
    gone = list(removed["household"])
    households = frames["household"].filter(~pl.col("household_id").is_in(gone))
    persons = frames["person"].filter(
        ~pl.col("household_id").is_in(gone) & ~pl.col("person_id").is_in(list(removed["person"]))
    )
    return _recomputed(answers, persons, households, list(values.get(("person", "age"), {})))


def with_values(frame: pl.DataFrame, key: str, column: str, new: Mapping[int, str | None]) -> pl.DataFrame:
    """The frame with new values, written as text, in a column of the rows with these keys."""
    kind = frame.schema[column]
    change = pl.DataFrame(
        {
            "__key__": pl.Series(list(new), dtype=frame.schema[key]),
            "__new__": parsed(list(new.values()), kind),
            "__is_new__": pl.Series([True] * len(new), dtype=pl.Boolean),
        }
    )
    joined = frame.join(change, left_on=key, right_on="__key__", how="left", maintain_order="left")
    value = pl.when(pl.col("__is_new__")).then(pl.col("__new__")).otherwise(pl.col(column)).alias(column)
    return joined.with_columns(value).select(frame.columns)


def parsed(texts: Sequence[str | None], kind: pl.DataType) -> pl.Series:
    """Texts as values of a column's kind; missing where a text is none of them (or is missing)."""
    series = pl.Series("value", list(texts), dtype=pl.String)
    if kind.is_float():
        number = series.cast(pl.Float64, strict=False)
        return number.to_frame().select(pl.when(pl.col("value").is_finite()).then(pl.col("value")))["value"].cast(kind)
    if kind == pl.Boolean:
        return pl.Series("value", [TRUTHS.get((text or "").lower()) for text in texts], dtype=pl.Boolean)
    if kind == pl.Date:
        return pl.Series("value", [_date(text) for text in texts], dtype=pl.Date)
    return series.cast(kind, strict=False)


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def can_be_corrected(kind: pl.DataType) -> bool:
    """Whether a column of this kind can be written as text and read back."""
    return kind.is_numeric() or kind in (pl.Boolean, pl.Date) or isinstance(kind, pl.String | pl.Categorical | pl.Enum)


def _recomputed(
    answers: CorrectedAnswers, persons: pl.DataFrame, households: pl.DataFrame, aged: list[int]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Age bands of those whose age changed, and what the import derived of the members."""
    if aged and "age_band" in answers.computed:
        band = pl.when(pl.col("person_id").is_in(aged)).then(age_bands(persons["age"])).otherwise(pl.col("age_band"))
        persons = persons.with_columns(band.alias("age_band"))
    order = (persons.columns, households.columns)
    rules = {name: Derived.model_validate(rule) for name, rule in answers.derived.items() if name in persons.columns}
    if rules:
        names = list(rules)
        persons, households = add_derived(
            rules, persons.drop(names), households.drop(names, strict=False), "household_id"
        )
        persons, households = persons.select(order[0]), households.select(order[1])
    return persons, households
