"""Estimates that somebody has published: a CSV table with one row an indicator and area, and the map of its columns.

Figures stay as printed. An error that the table does not give, or gives as 0 for a sample, is unknown: nothing is made
up for it. Every problem of the table is found at once.
"""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import Field, ValidationError, field_validator

from budget_model.errors import InputError, Problem
from budget_model.schema_words import findings, path_text, sentence_of
from budget_model.spelling import nearest
from budget_model.survey.catalogue import IndicatorDefinition
from budget_model.survey.classes import NO_VARIATION, share_interval
from data.readers.encodings import Decoder
from data.readers.strict_yaml import StrictModel, read_strict

SEXES = ("female", "male", "all")
FIGURES = ("cv", "se", "ci_low", "ci_high", "n", "population")
MOST_PROBLEMS = 50
MOST_ROWS = 500_000
Filter = dict[str, tuple[str, ...]]


class Columns(StrictModel):
    """Columns of the table; `se` and `cv` tell the same, one of them is enough."""

    area: str
    indicator: str
    estimate: str
    sex: str | None = None
    cv: str | None = None
    se: str | None = None
    ci_low: str | None = None
    ci_high: str | None = None
    n: str | None = None
    population: str | None = None


class Coverage(StrictModel):
    """What the survey covered, in words, and which share of its households answered."""

    area: str = Field(min_length=3)
    rate: float | None = Field(default=None, gt=0, le=1)


class Register(StrictModel):
    """A table of area codes and names; `keep` chooses those of the site. The others are known to lie elsewhere."""

    file: str
    code: str
    name: str
    elsewhere: tuple[str, ...] = ()  # codes that the table of estimates has and the register lacks
    keep: Filter = Field(default={})


class EstimatesMap(StrictModel):
    """What the columns and words of a table of estimates mean."""

    source: str = Field(min_length=3)
    coverage: Coverage
    census: bool = False
    published: bool = False  # by its source: everybody may see the figures
    starts_on: date | None = None
    ends_on: date | None = None
    percent: bool = False  # shares and their intervals are written 0-100
    columns: Columns
    keep: Filter = Field(default={})
    site: dict[str, str] | None = None  # columns and values of the rows that are about the whole site
    sexes: dict[str, str] = Field(default={})  # word of the table -> female, male, all
    areas: Register | None = None
    indicators: dict[str, dict[str, Any] | None] = Field(min_length=1)  # word of the table -> entry; null: leave out

    @field_validator("sexes")
    @classmethod
    def _known_sexes(cls, words: dict[str, str]) -> dict[str, str]:
        wrong = [word for word in words.values() if word not in SEXES]
        if wrong:
            raise ValueError(f"a sex is one of {', '.join(SEXES)}")
        return words

    def definitions(self, file: str) -> dict[str, IndicatorDefinition]:
        """Word of the table -> definition; InputError with every entry that is not sound."""
        found, problems = {}, []
        for word, entry in self.indicators.items():
            if entry is None:
                continue
            try:
                found[word] = IndicatorDefinition.model_validate(entry)
            except ValidationError as error:
                for wrong in findings(error.errors(include_url=False), entry):
                    key = path_text(("indicators", word, *wrong.path))
                    problems.append(Problem("value_wrong", f"{sentence_of(wrong)}.", file=file, column=key))
        if problems:
            raise InputError(problems)
        return found


@dataclass(frozen=True)
class PublishedEstimate:
    """One row. `area` None is the whole site; what the table does not say is None."""

    line: int
    area: str | None
    indicator: str  # id
    sex: str
    estimate: float
    cv: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    n: int | None
    population: float | None


@dataclass(frozen=True)
class AreaName:
    code: str
    name: str


@dataclass(frozen=True)
class EstimatesTable:
    """The rows of the site, and how many rows were about other places or left out by the map."""

    rows: tuple[PublishedEstimate, ...]
    elsewhere: int
    left_out: int


def read_estimates_map(text: str, file: str) -> EstimatesMap:
    """The map; InputError with every problem and its line."""
    return read_strict(text, file, EstimatesMap)


def read_register(content: bytes, file: str, register: Register) -> tuple[tuple[AreaName, ...], frozenset[str]]:
    """Areas of the site in the order of the file, and the codes of the areas elsewhere."""
    header, rows = _table(content, file, (register.code, register.name, *register.keep))
    here: list[AreaName] = []
    elsewhere = set(register.elsewhere)
    for _, cells in rows:
        row = dict(zip(header, cells, strict=False))
        if _kept(row, register.keep):
            here.append(AreaName(row[register.code].strip(), row[register.name].strip()))
        else:
            elsewhere.add(row[register.code].strip())
    twice = [code for code, count in Counter(area.code for area in here).items() if count > 1]
    if twice or not here:
        message = f"Area '{twice[0]}' stands twice." if twice else "No area is left by `keep`. Check its values."
        raise InputError(Problem("register", message, file=file))
    return tuple(here), frozenset(elsewhere)


def read_estimates(
    content: bytes, file: str, mapping: EstimatesMap, areas: Sequence[str], elsewhere: frozenset[str] = frozenset()
) -> EstimatesTable:
    """The rows about the site and its areas.

    Parameters
    ----------
    areas : codes of the site's areas. elsewhere : codes that are known and not of the site; their rows are passed over.

    Raises InputError with every problem: a missing column, an unknown indicator, area or sex, a figure that is no
    number or out of its range, two rows for one cell.
    """
    definitions = mapping.definitions(file)
    columns = mapping.columns
    needed = [value for value in columns.model_dump().values() if value] + [*mapping.keep, *(mapping.site or {})]
    header, rows = _table(content, file, needed)
    reader = _RowReader(file, mapping, definitions, frozenset(areas), elsewhere)
    found = [row for line, cells in rows if (row := reader.read(line, dict(zip(header, cells, strict=False))))]
    problems = [*reader.problems, *_twice(found, file)]
    if not found and not problems:
        problems = [Problem("estimates.none", "No row is about this site. Check `keep` and the areas.", file=file)]
    if problems:
        raise InputError(_shortened(problems, file))
    return EstimatesTable(tuple(found), reader.elsewhere_count, reader.left_out)


def _kept(row: Mapping[str, str], keep: Mapping[str, Sequence[str]]) -> bool:
    return all(row[column].strip() in values for column, values in keep.items())


def _table(content: bytes, file: str, needed: Sequence[str]) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header and rows with their lines; InputError for missing columns and rows of another length."""
    text = Decoder(file).decode(content.removeprefix(b"\xef\xbb\xbf"), 1)[0] or ""
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t|", key=first.count))
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        message = f"This is not CSV from here on ({error}). Save the file again as CSV."
        raise InputError(Problem("estimates.csv", message, file=file, line=reader.line_num)) from None
    if not lines or len(lines) > MOST_ROWS:
        message = "The file is empty." if not lines else f"The file has more than {MOST_ROWS:,} rows. Split it."
        raise InputError(Problem("estimates.size", message, file=file))
    header = [cell.strip() for cell in lines[0][1]]
    problems = [_no_column(name, header, file) for name in dict.fromkeys(needed) if name not in header]
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            message = f"The row has {len(cells)} cells, the header {len(header)}."
            problems.append(Problem("estimates.cells", message, file=file, line=line))
    if problems:
        raise InputError(_shortened(problems, file))
    return header, lines[1:]


def _no_column(name: str, header: Sequence[str], file: str) -> Problem:
    near = nearest(name, header)
    hint = f"Did you mean '{near}'?" if near else f"It has: {', '.join(header)}."
    return Problem("estimates.column", f"The file has no column '{name}'. {hint}", file=file, line=1, column=name)


class _RowReader:
    """Reads row after row and keeps what is wrong."""

    def __init__(
        self,
        file: str,
        mapping: EstimatesMap,
        definitions: Mapping[str, IndicatorDefinition],
        areas: frozenset[str],
        elsewhere: frozenset[str],
    ):
        self.file, self.mapping, self.definitions = file, mapping, definitions
        self.areas, self.elsewhere = areas, elsewhere
        self.problems: list[Problem] = []
        self.elsewhere_count = self.left_out = 0
        self._scale = 0.01 if mapping.percent else 1.0

    def read(self, line: int, row: dict[str, str]) -> PublishedEstimate | None:
        """The row's estimate; None where it is not of the site or not sound."""
        is_site = bool(self.mapping.site) and _kept(row, {k: (v,) for k, v in (self.mapping.site or {}).items()})
        if not is_site and not _kept(row, self.mapping.keep):
            self.left_out += 1
            return None
        columns = self.mapping.columns
        area = None if is_site else row[columns.area].strip()
        if area is not None and area in self.elsewhere:
            self.elsewhere_count += 1
            return None
        word = row[columns.indicator].strip()
        if word in self.mapping.indicators and word not in self.definitions:
            self.left_out += 1
            return None
        return self._figures(line, row, area, word)

    def _figures(self, line: int, row: dict[str, str], area: str | None, word: str) -> PublishedEstimate | None:
        before = len(self.problems)
        if area is not None and area not in self.areas:
            self._wrong(line, self.mapping.columns.area, area, "is no area of the site", self.areas)
        definition = self.definitions.get(word)
        if definition is None:
            self._wrong(line, self.mapping.columns.indicator, word, "is no indicator of the map", self.definitions)
        sex = self._sex(line, row)
        estimate = self._number(line, row, "estimate")
        given = {name: self._number(line, row, name) for name in FIGURES}
        is_share = definition is not None and not definition.is_mean
        if estimate is None and before == len(self.problems):
            self.left_out += 1  # an empty cell: the source gives no figure
            return None
        if estimate is not None and is_share:
            estimate *= self._scale
            if not 0 <= estimate <= 1:
                self._range(line, "estimate", row, "a share from 0 to 1 (with `percent: true` to 100)")
        if len(self.problems) > before or estimate is None or definition is None:
            return None
        return self._estimate(line, area, definition, sex, estimate, given, is_share)

    def _estimate(
        self,
        line: int,
        area: str | None,
        definition: IndicatorDefinition,
        sex: str,
        estimate: float,
        given: Mapping[str, float | None],
        is_share: bool,
    ) -> PublishedEstimate:
        scale = self._scale if is_share else 1.0
        se = None if given["se"] is None else given["se"] * scale
        cv = given["cv"]
        if se is None and cv is not None and cv > NO_VARIATION:
            se = cv * abs(estimate)
        se = se if se else None  # a sample that shows no variation says nothing of its error
        low, high = (None if given[name] is None else float(given[name] or 0) * scale for name in ("ci_low", "ci_high"))
        if (low is None or high is None) and se is not None and is_share and 0 < estimate < 1:
            low, high = share_interval(estimate, se)
        n = given["n"]
        return PublishedEstimate(
            line,
            area,
            definition.id,
            sex,
            estimate,
            cv,
            se,
            low,
            high,
            None if n is None else int(n),
            given["population"],
        )

    def _sex(self, line: int, row: dict[str, str]) -> str:
        column = self.mapping.columns.sex
        if column is None:
            return "all"
        word = row[column].strip()
        sex = self.mapping.sexes.get(word, word)
        if sex not in SEXES:
            self._wrong(line, column, word, "is no sex of the map", self.mapping.sexes or SEXES)
        return sex

    def _number(self, line: int, row: dict[str, str], name: str) -> float | None:
        """The figure; None for an empty cell or a column that the table lacks."""
        column = getattr(self.mapping.columns, name)
        text = row[column].strip() if column else ""
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value) or (name != "estimate" and not name.startswith("ci") and value < 0):
            self._range(line, name, row, "a number" if name == "estimate" else "a number from 0 on")
            return None
        return value

    def _range(self, line: int, name: str, row: dict[str, str], wanted: str) -> None:
        column = getattr(self.mapping.columns, name)
        text = row[column].strip()
        message = f"'{text[:40]}' is not {wanted}."
        self.problems.append(Problem("estimates.number", message, file=self.file, line=line, column=column, value=text))

    def _wrong(self, line: int, column: str, found: str, what: str, known: Any) -> None:
        near = nearest(found, sorted(known))
        hint = f"The nearest is '{near}'." if near else "Name it in the map, or leave it out there."
        message = f"'{found[:60]}' {what}. {hint}"
        self.problems.append(Problem("estimates.word", message, file=self.file, line=line, column=column, value=found))


def _twice(rows: Sequence[PublishedEstimate], file: str) -> Iterator[Problem]:
    first: dict[tuple[str | None, str, str], int] = {}
    for row in rows:
        key = (row.area, row.indicator, row.sex)
        line = first.setdefault(key, row.line)
        if line != row.line:
            message = f"Indicator '{row.indicator}' of area '{row.area or 'site'}' stands in line {line} already."
            yield Problem("estimates.twice", message, file=file, line=row.line)


def _shortened(problems: list[Problem], file: str) -> list[Problem]:
    if len(problems) <= MOST_PROBLEMS:
        return problems
    rest = len(problems) - MOST_PROBLEMS
    more = Problem("estimates.more", f"And {rest:,} more problems of this kind.", file=file, facts={"more": rest})
    return [*problems[:MOST_PROBLEMS], more]
