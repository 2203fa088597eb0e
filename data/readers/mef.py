"""The expenditure file of Peru's Ministry of Economy and Finance (open data), and its annual and SIAF variants.

A row is a year and month x executing unit x target (meta) x funding source x expenditure classifier. Rows of
`MES_EJE` 0 carry the opening (PIA) and the modified budget (PIM), the months 1-12 the flows: the PIA and PIM of a
line are those of month 0 alone, all other stages are sums over all rows. So nothing is counted twice.

A line's code is `SEC_EJEC/SEC_FUNC/FUENTE_FINANCIAMIENTO/RUBRO/TIPO_TRANSACCION.GENERICA`, for instance
`301291/0042/5/07/2.3`: the target of an executing unit, by funding source and generic class of expenditure; parts
that a variant lacks are left out. Finer classes (subgenérica, específica) are summed into it. `committed` is the
annual commitment (the query page's *Compromiso Anual*), the monthly one where a file has nothing else; `paid` is
what was girado.

Files of many gigabytes pass through in blocks; only the sums by line stay in memory.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from budget_model.errors import InputError, Problem
from budget_model.spending.lines import LABEL, STAGES, BudgetLines, check_frame, odd_lines
from data.readers.amounts import AmountParser, NumberFormat
from data.readers.delimited import DelimitedTable, LinesNotPlain
from data.readers.line_rows import Progress, ReadSoFar
from data.readers.mef_columns import (
    LABELS,
    LINE_COLUMNS,
    NEEDED,
    MefColumns,
    find_columns,
    has_mef_header,
    header_problem,
    missing_amounts,
)
from data.readers.mef_end import LastRow
from data.readers.mef_forms import RowForms
from data.readers.repeated_rows import RowsSeen
from data.readers.tabular import LINE, MOST_PROBLEMS, TextTable, capped, open_table

FORMAT = NumberFormat(mendable="the ministry's file has '.' and nothing else, so write the file anew", is_assumed=True)
YEAR_FORM, MONTH_FORM, CODE_FORM = r"^\d{4}$", r"^(0?\d|1[0-2])$", r"^\d"
MERGE_ROWS = 1_000_000


def read_mef(
    path: Path, municipality: str | None = None, labels: bool = True, progress: Progress | None = None
) -> BudgetLines:
    """Budget lines of the ministry's file, in soles.

    municipality : SEC_EJEC (six digits) or ubigeo (six digits) of the municipality whose rows are kept; a ubigeo
        leaves out units of other levels of government in the same district; None = all rows
    labels : False leaves the labels out, which saves memory with a national file
    Raises InputError with the line and column of what cannot be read.
    """
    return read_mef_table(open_table(path, has_mef_header), municipality, labels, progress)


def read_mef_table(
    table: TextTable,
    municipality: str | None = None,
    labels: bool = True,
    progress: Progress | None = None,
    last_line_is_whole: bool = False,
) -> BudgetLines:
    """As `read_mef`, of an open table.

    last_line_is_whole : somebody confirms that a last line without its line end was not cut off
    """
    columns = find_columns(table)
    if columns is None:
        raise InputError(header_problem(table))
    summing = _summed(table, columns, municipality, LABELS if labels else {}, progress)
    summing.is_whole = last_line_is_whole
    frame = check_frame(summing.lines())
    warnings = (*summing.warnings(), *odd_lines(frame, table.file, table.sheet))
    return BudgetLines(frame, "PEN", "mef", warnings, summing.rows, summing.kept_rows)


def _summed(
    table: TextTable,
    columns: MefColumns,
    municipality: str | None,
    labels: dict[str, tuple[str, ...]],
    progress: Progress | None,
) -> _Summing:
    """All rows summed; of a municipality in a CSV file only the lines that its codes stand in are looked at closely."""
    marks = columns.marks(municipality, table.delimiter) if isinstance(table, DelimitedTable) else ()
    if isinstance(table, DelimitedTable) and marks:
        with contextlib.suppress(LinesNotPlain):  # then once more, looking at every record
            summing = _Summing(table, columns, municipality, labels)
            for passed, block in table.lines_with(marks, summing.needed()):
                summing.add(block)
                summing.rows = passed
                _tell(progress, summing)
            return summing
    summing = _Summing(table, columns, municipality, labels)
    for block in table.blocks(summing.needed()):
        summing.add(block)
        _tell(progress, summing)
    return summing


def _tell(progress: Progress | None, summing: _Summing) -> None:
    if progress is not None:
        progress(ReadSoFar(summing.rows, summing.kept_rows, summing.table.bytes_read))


@dataclass
class _Summing:
    """Sums by line, block after block."""

    table: TextTable
    columns: MefColumns
    municipality: str | None
    label_columns: dict[str, tuple[str, ...]]
    rows: int = 0
    kept_rows: int = 0
    parts: list[pl.DataFrame] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    budget_in_months: int = 0  # rows of months 1-12 that carry PIA or PIM
    seen_opening: bool = False  # a row of month 0
    repeated: tuple[Problem, ...] = ()  # rows that stand twice, once all of them were seen
    amounts: AmountParser = field(init=False)
    seen: RowsSeen = field(init=False)
    forms: RowForms = field(init=False)
    end: LastRow = field(init=False)
    is_whole: bool = False  # somebody says that the last line was not cut off

    def __post_init__(self) -> None:
        self.amounts = AmountParser(self.table, FORMAT)
        self.seen = RowsSeen(self.table, self.columns.amount_columns())
        self.forms = RowForms(self.table, self.columns.amount_columns())
        self.end = LastRow(self.table, self.columns.amount_columns())

    def needed(self) -> set[str]:
        """All columns that are read."""
        return {*self.columns.needed(self.label_columns), *self.seen.keys, *self.forms.codes}

    def add(self, block: pl.DataFrame) -> None:
        """Take in the rows of a block."""
        self.rows += block.height
        self.end.pass_by(block)
        block = self._of_municipality(block, self.municipality) if self.municipality else block
        if block.is_empty():
            return
        self.kept_rows += block.height
        self._check_names(block)
        self.forms.add(block)
        self.end.add(block)
        block = self._with_year_and_month(block)
        block = self.amounts.parse(block, self.columns.amount_columns())
        self.seen.add(block)
        block = self._opening_budget_once(block.with_columns(self.columns.stage_sums()))
        self.parts.append(self._grouped(block.select(self._selection()).rename({LINE: "line"})))
        if sum(part.height for part in self.parts) > MERGE_ROWS and len(self.parts) > 1:
            self.parts = [self._grouped(pl.concat(self.parts))]

    def _of_municipality(self, block: pl.DataFrame, code: str) -> pl.DataFrame:
        """The municipality's rows. One whose columns are shifted would be lost here: the others are looked at first."""
        is_own = self.columns.municipality_filter(code)
        others = block.filter(~is_own)
        self._check(others, self.columns.year, YEAR_FORM, "a year of four digits")
        if self.columns.month:
            self._check(others, self.columns.month, MONTH_FORM, "a month from 0 to 12")
        for column in self.columns.place_codes():
            if block[column].str.contains(CODE_FORM).any():  # a variant may have names alone
                self._check(others, column, CODE_FORM, "a code that begins with digits: columns may be shifted")
        return block.filter(is_own)

    def lines(self) -> pl.DataFrame:
        """A row a line in the order of the file; raises what was wrong in the rows."""
        slips = [problem for problem in missing_amounts(self.table, self.columns) if problem.level == "error"]
        self.repeated = self.seen.problems()
        twice = [problem for problem in self.repeated if problem.level == "error"]
        refusals = (*slips, *capped(self.problems), *self.forms.problems(), *self.amounts.refusals(), *twice)
        cut = None if self.is_whole else self.end.problem()
        refusals = refusals if cut is None else (*refusals, cut)
        if refusals:
            raise InputError(refusals)
        if not self.parts:
            raise InputError(self._nothing())
        whole = self._grouped(pl.concat(self.parts)).sort("year", "line")
        return whole.with_columns(_code(self._key_names())).drop(self._key_names())

    def warnings(self) -> tuple[Problem, ...]:
        """What is odd about months, and the main amounts that the file does not carry under a known name."""
        told = [problem for problem in self.repeated if problem.level == "warning"]
        return (*self.table.notes, *missing_amounts(self.table, self.columns), *self._warnings_of_months(), *told)

    def _warnings_of_months(self) -> tuple[Problem, ...]:
        if not self.budget_in_months:
            return ()
        told = (
            "they were not added to those of month 0"
            if self.seen_opening
            else ("the file has no rows of month 0, so that PIA and PIM cannot be told and are left out")
        )
        message = f"{self.budget_in_months:,} rows of the months 1 to 12 carry PIA or PIM; {told}."
        facts = {"count": self.budget_in_months}
        return (
            Problem(
                "budget_in_months", message, "warning", facts=facts, file=self.table.file, column=self.columns.month
            ),
        )

    def _with_year_and_month(self, block: pl.DataFrame) -> pl.DataFrame:
        self._check(block, self.columns.year, YEAR_FORM, "a year of four digits")
        parsed = [pl.col(self.columns.year).cast(pl.Int32, strict=False).alias("year")]
        if self.columns.month:
            self._check(block, self.columns.month, MONTH_FORM, "a month from 0 to 12")
            parsed.append(pl.col(self.columns.month).cast(pl.Int8, strict=False).alias("month"))
        return block.with_columns(parsed)

    def _check_names(self, block: pl.DataFrame) -> None:
        """A row without a target or unit is no line; it may be a total."""
        for part in NEEDED:
            column = self.columns.keys[part]
            for line in block.filter(pl.col(column) == "")[LINE].head(MOST_PROBLEMS):
                message = "The cell is empty, so that nothing names this line. Fill it in, or take the row out."
                place = {"file": self.table.file, "sheet": self.table.sheet, "line": line, "column": column}
                self.problems.append(Problem("line_code_missing", message, **place))

    def _check(self, block: pl.DataFrame, column: str, pattern: str, wanted: str) -> None:
        if len(self.problems) > MOST_PROBLEMS:
            return
        for line, value in block.filter(~pl.col(column).str.contains(pattern)).select(LINE, column).iter_rows():
            message = f"'{value[:60]}' is not {wanted}. Correct it, or take the row out."
            place = {"file": self.table.file, "sheet": self.table.sheet, "line": line, "column": column}
            self.problems.append(Problem("value_wrong", message, value=value[:60], **place))

    def _opening_budget_once(self, block: pl.DataFrame) -> pl.DataFrame:
        if not self.columns.month:
            return block
        is_opening = pl.col("month") == 0
        carries = pl.any_horizontal(pl.col("pia", "pim").fill_null(0) != 0)
        self.seen_opening = self.seen_opening or block.select(is_opening.any()).item()
        self.budget_in_months += block.select((~is_opening & carries).sum()).item()
        return block.with_columns(pl.when(is_opening).then(pl.col(stage)).alias(stage) for stage in ("pia", "pim"))

    def _key_names(self) -> list[str]:
        return [f"key:{name}" for name in LINE_COLUMNS if name in self.columns.keys]

    def _selection(self) -> list[pl.Expr]:
        keys = [self.columns.key_expression(name).alias(f"key:{name}") for name in self.columns.keys]
        labels = [
            pl.col(self.columns.labels[name]).alias(LABEL + name)
            for name in self.label_columns
            if name in self.columns.labels
        ]
        return [pl.col("year", LINE, *STAGES), *keys, *labels]

    def _grouped(self, frame: pl.DataFrame) -> pl.DataFrame:
        known_sum = [pl.when(pl.col(s).count() > 0).then(pl.col(s).sum()).alias(s) for s in STAGES]
        labels = [pl.col(name).first() for name in frame.columns if name.startswith(LABEL)]
        return frame.group_by("year", *self._key_names()).agg(pl.col("line").min(), *known_sum, *labels)

    def _nothing(self) -> Problem:
        if not self.rows:
            message = "There is a header and no row below it. Get the file again."
        else:
            message = (
                f"None of the {self.rows:,} rows belongs to the municipality '{self.municipality}'. State its SEC_EJEC "
                "or its ubigeo, six digits each."
            )
        return Problem("no_rows", message, file=self.table.file, sheet=self.table.sheet)


def _code(keys: Sequence[str]) -> pl.Expr:
    """The code of a line; transaction and generic class are one part of it, as people write them: 2.3."""
    classifier = [pl.col(name) for name in keys if name in ("key:transaction", "key:generic")]
    parts = [pl.col(name) for name in keys if name not in ("key:transaction", "key:generic")]
    if classifier:
        parts.append(pl.concat_str(classifier, separator="."))
    return pl.concat_str(parts, separator="/").alias("code")
