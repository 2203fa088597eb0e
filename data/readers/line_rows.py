"""Files with one row a budget line: which column is what, and the rows as a frame of budget lines.

Used by the readers of the query page, of Fiscal Data Packages and of mapped tables; each says by a `LineSpec` what the
columns mean and adds what is its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from budget_model.errors import InputError, Problem
from budget_model.spending.lines import LABEL, SHARE, STAGES, repeated_codes
from data.readers.amounts import AmountParser, NumberFormat
from data.readers.tabular import LINE, MOST_PROBLEMS, TextTable, capped, missing_column

LONGEST_CODE = 200
KEPT_OF_LONG_CODE = 180
ISO_YEAR = r"^(\d{4})(?:-\d{2}(?:-\d{2})?)?$"
STAGE = "stage:"


@dataclass(frozen=True)
class LineSpec:
    """What the columns of a file mean."""

    year: int | str  # a number, or the column of years (or ISO dates)
    line: Sequence[str]  # columns that together name a line
    stages: Mapping[str, str]  # stage -> column
    labels: Mapping[str, str] = field(default_factory=dict)
    form: NumberFormat = field(default_factory=NumberFormat)
    factors: Mapping[str, Decimal] = field(default_factory=dict)  # by stage, where it is not that of `form`
    gender_share: str | Decimal | None = None  # a column of percent, or one share (0 to 1) for all
    where: Mapping[str, Sequence[str]] = field(default_factory=dict)  # column -> values of the rows that are kept
    sums_repeated: bool = False  # rows of one line are added up; else they are refused

    def columns(self) -> list[str]:
        """All columns that are read."""
        named = [*self.line, *self.labels.values(), *self.stages.values(), *self.where]
        named += [name for name in (self.year, self.gender_share) if isinstance(name, str)]
        return list(dict.fromkeys(named))


@dataclass(frozen=True)
class ReadSoFar:
    """How far a reader is: rows read and kept, and bytes of the file; None where it does not read bit by bit."""

    rows: int
    kept: int
    bytes: int | None = None


Progress = Callable[[ReadSoFar], None]


@dataclass
class Tally:
    """How many rows were read, and how many of them were kept."""

    read: int = 0
    kept: int = 0
    progress: Progress | None = None  # is told after every block


def read_rows(table: TextTable, spec: LineSpec, tally: Tally | None = None) -> pl.DataFrame:
    """The rows as columns of the frame of budget lines; raises InputError with all that is wrong.

    tally : is told the numbers of rows; of a table that is read several times, once
    """
    missing = [missing_column(table, name) for name in spec.columns() if name not in table.columns]
    if missing:
        raise InputError(missing)
    reading = _Reading(table, spec)
    parts = []
    for block in table.blocks(spec.columns()):
        parts.append(reading.take(block))
        if tally is not None and tally.progress is not None:
            tally.progress(ReadSoFar(reading.rows, sum(part.height for part in parts), table.bytes_read))
    frame = reading.whole(parts)
    if tally is not None:
        tally.read, tally.kept = max(tally.read, reading.rows), max(tally.kept, frame.height)
    if spec.sums_repeated:
        return _summed(frame, table)
    repeated = [_placed(problem, table) for problem in repeated_codes(frame)]
    if repeated:
        raise InputError(capped(repeated))
    return frame


def _placed(problem: Problem, table: TextTable) -> Problem:
    return Problem(
        problem.rule, problem.message, problem.level, table.file, table.sheet, problem.line, value=problem.value
    )


@dataclass
class _Reading:
    """Takes block after block and collects what is wrong."""

    table: TextTable
    spec: LineSpec
    problems: list[Problem] = field(default_factory=list)
    rows: int = 0
    unnamed: int = 0  # rows in which no column names the line
    half_named: list[int] = field(default_factory=list)  # lines of the file where only some do

    def __post_init__(self) -> None:
        self.parsers = {stage: AmountParser(self.table, self._form(stage)) for stage in self.spec.stages}
        share_form = NumberFormat(self.spec.form.decimal, mendable=self.spec.form.mendable)
        self.share_parser = AmountParser(self.table, share_form)

    def take(self, block: pl.DataFrame) -> pl.DataFrame:
        """A block as year, code, line, stages, share and labels."""
        self.rows += block.height
        for column, values in self.spec.where.items():
            block = block.filter(pl.col(column).is_in(list(values)))
        self._check_names(block)
        frame = block.select(
            self._year(block),
            _code(self.spec.line),
            pl.col(LINE).alias("line"),
            *[pl.col(column).alias(LABEL + name) for name, column in self.spec.labels.items()],
        )
        return frame.with_columns(*self._stages(block), self._share(block))

    def whole(self, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """All blocks as one frame."""
        hidden = max(0, self.unnamed - MOST_PROBLEMS)
        refusals = [*capped(self.problems, len(self.problems) + hidden), *self.share_parser.refusals()]
        for parser in self.parsers.values():
            refusals += parser.refusals()
        if refusals:
            raise InputError(refusals)
        frame = pl.concat(parts) if parts else pl.DataFrame()
        if frame.is_empty():
            raise InputError(self._nothing())
        if self.half_named and (note := self._half_named_note()) not in self.table.notes:
            self.table.notes.append(note)
        return frame

    def _form(self, stage: str) -> NumberFormat:
        form = self.spec.form
        factor = self.spec.factors.get(stage, form.factor)
        return NumberFormat(form.decimal, form.thousands, factor, form.mendable, form.is_assumed and factor == 1)

    def _year(self, block: pl.DataFrame) -> pl.Expr:
        if isinstance(self.spec.year, int):
            return pl.lit(self.spec.year, pl.Int32).alias("year")
        column = self.spec.year
        self._check(block.filter(~pl.col(column).str.contains(ISO_YEAR)), column, "a year of four digits or a date")
        return pl.col(column).str.extract(ISO_YEAR, 1).cast(pl.Int32, strict=False).alias("year")

    def _check(self, wrong: pl.DataFrame, column: str, wanted: str) -> None:
        for line, value in wrong.select(LINE, column).head(MOST_PROBLEMS).iter_rows():
            message = f"'{value[:60]}' is not {wanted}. Correct it, or take the row out."
            place = {"file": self.table.file, "sheet": self.table.sheet, "line": line, "column": column}
            self.problems.append(Problem("value_wrong", message, value=value[:60], **place))

    def _check_names(self, block: pl.DataFrame) -> None:
        """A row without any code is no line, often a total; one with some of its codes may be a subtotal."""
        blank = block.select(LINE, *(pl.col(name) == "" for name in self.spec.line))
        unnamed = blank.filter(pl.all_horizontal(self.spec.line))[LINE].to_list()
        half = blank.filter(pl.any_horizontal(self.spec.line) & ~pl.all_horizontal(self.spec.line))[LINE].to_list()
        room = max(0, MOST_PROBLEMS - self.unnamed)
        self.problems += [self._unnamed(line) for line in unnamed[:room]]
        self.unnamed += len(unnamed)
        self.half_named += half

    def _unnamed(self, line: int) -> Problem:
        message = (
            f"Nothing names this line: {_listed(self.spec.line)} empty. Fill in its code, or leave the row out "
            "(`where` in a mapping) if it is a total."
        )
        place = {"file": self.table.file, "sheet": self.table.sheet, "line": line, "column": self.spec.line[0]}
        return Problem("line_code_missing", message, **place)

    def _half_named_note(self) -> Problem:
        message = (
            f"{len(self.half_named):,} rows lack one of the codes that name a line ({', '.join(self.spec.line)}); the "
            f"first is line {self.half_named[0]:,}. They are kept as lines: check that they are no subtotals, whose "
            "money would count twice."
        )
        place = {"file": self.table.file, "sheet": self.table.sheet, "line": self.half_named[0]}
        return Problem("line_code_part_missing", message, "warning", **place, facts={"count": len(self.half_named)})

    def _stages(self, block: pl.DataFrame) -> Iterator[pl.Series]:
        for stage, column in self.spec.stages.items():
            yield self.parsers[stage].parse(block.select(LINE, column), [column])[column].alias(stage)

    def _share(self, block: pl.DataFrame) -> pl.Series:
        share = self.spec.gender_share
        if not isinstance(share, str):
            return pl.Series("gender_share", [share] * block.height, SHARE)
        percent = block.select(LINE, pl.col(share).str.strip_suffix("%").str.strip_chars())
        parsed = self.share_parser.parse(percent, [share])
        outside = parsed.filter((pl.col(share) < 0) | (pl.col(share) > 100))
        self._check(outside.with_columns(pl.col(share).cast(pl.String)), share, "a share from 0 to 100 percent")
        if outside.height:
            return pl.Series("gender_share", [None] * block.height, SHARE)
        cells = [None if cell is None else cell / 100 for cell in parsed[share]]
        return pl.Series("gender_share", cells, SHARE)

    def _nothing(self) -> Problem:
        wanted = ", ".join(f"{column} = {' or '.join(values)}" for column, values in self.spec.where.items())
        message = (
            f"None of the {self.rows:,} rows has {wanted}. Correct `where` in the mapping."
            if self.rows and wanted
            else "There is a header and no row below it. Get the file again."
        )
        return Problem("no_rows", message, file=self.table.file, sheet=self.table.sheet)


def _listed(columns: Sequence[str]) -> str:
    names = ", ".join(f"'{name}'" for name in columns)
    return f"the column {names} is" if len(columns) == 1 else f"the columns {names} are"


def _code(columns: Sequence[str]) -> pl.Expr:
    """The parts joined by '/'; a code that would not fit is cut and marked with a hash of the whole."""
    joined = pl.concat_str([pl.col(name) for name in columns], separator="/")
    long = joined.str.len_chars() > LONGEST_CODE
    return pl.when(long).then(joined.map_elements(_shortened, pl.String)).otherwise(joined).alias("code")


def _shortened(code: str) -> str:
    if len(code) <= LONGEST_CODE:
        return code
    return f"{code[:KEPT_OF_LONG_CODE]}…{hashlib.sha256(code.encode()).hexdigest()[:12]}"


def _summed(frame: pl.DataFrame, table: TextTable) -> pl.DataFrame:
    """Rows of one line added up; missing stays missing where no row knows better."""
    stages = [name for name in STAGES if name in frame.columns]
    sums = [pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in stages]
    labels = [pl.col(name).first() for name in frame.columns if name.startswith(LABEL)]
    grouped = frame.group_by("year", "code", maintain_order=True)
    shares = pl.col("gender_share").n_unique().alias("shares")
    rows = pl.len().alias("rows")  # of the file in this line; the frame's contract does not keep it
    whole = grouped.agg(pl.col("line").min(), rows, *sums, pl.col("gender_share").first(), shares, *labels)
    mixed = [_mixed_shares(table, *row) for row in whole.filter(pl.col("shares") > 1).select("code", "line").rows()]
    if mixed:
        raise InputError(capped(mixed))
    return whole.drop("shares")


def _mixed_shares(table: TextTable, code: str, line: int) -> Problem:
    message = f"The rows of the line '{code}' state different gender shares. Name the lines with more columns."
    return Problem("gender_share_mixed", message, file=table.file, sheet=table.sheet, line=line, value=code[:60])
