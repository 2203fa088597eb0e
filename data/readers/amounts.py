"""Amounts written as text into exact decimals. What is not clearly a number in the stated format is refused.

An empty cell is missing (null), never 0. No float is made on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal

import polars as pl

from budget_model.errors import Problem
from budget_model.spending.lines import AMOUNT, AMOUNT_DECIMALS
from data.readers.tabular import LINE, MOST_PROBLEMS, TextTable, capped

MOST_DIGITS = 18  # before the decimal mark
EXACT = Context(prec=200)  # more digits than any amount times any factor has


@dataclass(frozen=True)
class NumberFormat:
    """How a source writes numbers. `thousands` "" means that none may stand."""

    decimal: str = "."
    thousands: str = ""
    factor: Decimal = Decimal(1)  # units of the currency in one unit of the source
    mendable: str = "state that in the mapping, or write the file anew"  # what to do about other marks
    is_assumed: bool = False  # nobody said that '.' is the decimal mark of this file

    def pattern(self) -> str:
        """A regular expression for a number of up to four decimals; zeros may follow them."""
        # [0-9], since \d is any script's digits, which no number is made of later
        decimals = rf"(?:{re.escape(self.decimal)}[0-9]{{0,{AMOUNT_DECIMALS}}}0*)?"
        plain = rf"[0-9]{{1,{MOST_DIGITS}}}"
        grouped = rf"|[0-9]{{1,3}}(?:{re.escape(self.thousands)}[0-9]{{3}}){{1,5}}" if self.thousands else ""
        return rf"^[-−+]?(?:{plain}{grouped}){decimals}$"


@dataclass
class PointDoubt:
    """Whether the point of a column could stand between thousands: 1.500 is one and a half, or fifteen hundred.

    In doubt is a column where each point has one to three digits before it, no 0 at their beginning, and exactly three
    behind it, and where no number of more than three digits does without a point.
    """

    IN_DOUBT = r"^[-−+]?[1-9][0-9]{0,2}\.[0-9]{3}$"
    CLEAR = r"^[-−+]?(?:0[0-9]*\.[0-9]+|[0-9]{4,}(?:\..*)?|[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,}))$"

    cleared: set[str] = field(default_factory=set)
    first: dict[str, tuple[int, str]] = field(default_factory=dict)  # column -> line and cell
    counts: dict[str, int] = field(default_factory=dict)

    def look_at(self, frame: pl.DataFrame, columns: Sequence[str]) -> None:
        """Cells of text, one block after the other."""
        for name in columns:
            if name in self.cleared:
                continue
            if frame[name].str.contains(self.CLEAR).any():
                self.cleared.add(name)
                continue
            found = frame.filter(pl.col(name).str.contains(self.IN_DOUBT)).select(LINE, name)
            if found.height:
                self.first.setdefault(name, found.row(0))
                self.counts[name] = self.counts.get(name, 0) + found.height

    def columns(self) -> list[tuple[str, int, str, int]]:
        """Name, first line, its cell, and how many cells: the columns that stay in doubt."""
        return [(name, *self.first[name], self.counts[name]) for name in self.first if name not in self.cleared]


@dataclass
class AmountParser:
    """Parses the amount columns of block after block, and collects what it refuses."""

    table: TextTable
    form: NumberFormat
    problems: list[Problem] = field(default_factory=list)
    refused: int = 0
    doubt: PointDoubt = field(default_factory=PointDoubt)

    def parse(self, frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        """The frame with `columns` as Decimal(38, 4), null where empty or refused."""
        if self.form.is_assumed:
            self.doubt.look_at(frame, columns)
        pattern = self.form.pattern()
        flags = frame.select(
            LINE, *(((pl.col(name) != "") & ~pl.col(name).str.contains(pattern)).alias(name) for name in columns)
        )
        for name in columns:
            if flags[name].any():
                self._refuse(frame.filter(flags[name]), name)
        parsed = frame.with_columns(self._expression(name) for name in columns)
        return parsed if self.form.factor == 1 else self._scaled(parsed, columns)

    def refusals(self) -> tuple[Problem, ...]:
        """The problems so far, the many cut short."""
        return (*capped(self.problems, self.refused), *(self._doubtful(*column) for column in self.doubt.columns()))

    def _doubtful(self, name: str, line: int, value: str, count: int) -> Problem:
        whole = value.replace(".", "")
        message = (
            f"'{value}' can be {value.replace('.', ' and ')} thousandths, or {whole}: each point of this column "
            f"({count:,} cells) has exactly three digits behind it, as a point between thousands has. Write the "
            "amounts without points between thousands and with two decimals, or name the decimal mark in a "
            "mapping (decimal)."
        )
        place = {"file": self.table.file, "sheet": self.table.sheet, "line": line, "column": name}
        return Problem("amount_ambiguous", message, value=value, **place)

    def _expression(self, name: str) -> pl.Expr:
        text = pl.col(name)
        if self.form.thousands:
            text = text.str.replace_all(self.form.thousands, "", literal=True)
        if self.form.decimal != ".":
            text = text.str.replace(self.form.decimal, ".", literal=True)
        text = text.str.replace("−", "-", literal=True).str.strip_prefix("+").str.strip_suffix(".")
        return text.cast(AMOUNT, strict=False).alias(name)

    def _scaled(self, frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        """The amounts times the factor, exactly; refused where that has too many digits to be kept."""
        factor = self.form.factor
        scaled = []
        for name in columns:
            cells = [None if cell is None else EXACT.normalize(EXACT.multiply(cell, factor)) for cell in frame[name]]
            unfit = [index for index, cell in enumerate(cells) if cell is not None and not _fits(cell)]
            self._refuse_scaled(frame, name, unfit)
            for index in unfit:
                cells[index] = None
            scaled.append(pl.Series(name, cells, dtype=AMOUNT))
        return frame.with_columns(scaled)

    def _refuse_scaled(self, frame: pl.DataFrame, name: str, rows: Sequence[int]) -> None:
        self.refused += len(rows)
        for row in rows[: max(MOST_PROBLEMS - len(self.problems), 0)]:
            amount, line = frame[name][row], frame[LINE][row]
            message = (
                f"{amount:f} times the factor {self.form.factor:f} has more digits than are kept ({MOST_DIGITS} and "
                f"{AMOUNT_DECIMALS} decimals); it is never rounded here. Correct the factor, or leave it out."
            )
            place = {"file": self.table.file, "sheet": self.table.sheet, "line": line, "column": name}
            self.problems.append(Problem("amount_digits", message, value=f"{amount:f}", **place))

    def _refuse(self, wrong: pl.DataFrame, name: str) -> None:
        self.refused += wrong.height
        room = MOST_PROBLEMS - len(self.problems)
        for line, value in wrong.select(LINE, name).head(max(room, 0)).iter_rows():
            self.problems.append(self._problem(line, name, value))

    def _problem(self, line: int, name: str, value: str) -> Problem:
        message = f"'{value[:60]}' is no amount in the format {self._format_words()}. {self._advice(value)}"
        place = {"file": self.table.file, "sheet": self.table.sheet, "line": line, "column": name}
        return Problem("amount_format", message, value=value[:60], **place)

    def _format_words(self) -> str:
        thousands = f"'{self.form.thousands}' between thousands" if self.form.thousands else "no mark between thousands"
        return f"read here (decimal mark '{self.form.decimal}', {thousands}, up to {AMOUNT_DECIMALS} decimals)"

    def _advice(self, value: str) -> str:
        for other in _other_formats(self.form):
            if re.search(other.pattern(), value):
                marks = f"decimal mark '{other.decimal}'"
                marks += f" and '{other.thousands}' between thousands" if other.thousands else ""
                return f"It would be one with {marks}: {self.form.mendable}."
        if re.fullmatch(r"\(.*\)|.*-", value):
            return "Write a negative amount with '-' before it."
        if re.fullmatch(r"[-+]?[\d.,]+[eE][-+]?\d+", value):
            return "A spreadsheet shortened it to powers of ten: write all its digits."
        if re.fullmatch(rf"[-+]?\d+[.,]\d{{{AMOUNT_DECIMALS + 1},}}", value):
            return f"Amounts are kept with {AMOUNT_DECIMALS} decimals and never rounded here: round it in the source."
        return "Write digits alone, or leave the cell empty where the amount is missing."


def _fits(amount: Decimal) -> bool:
    """Whether an amount (without zeros at its end) can be kept exactly."""
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -AMOUNT_DECIMALS and amount.adjusted() < MOST_DIGITS


def _other_formats(form: NumberFormat) -> Iterator[NumberFormat]:
    for decimal, thousands in ((".", ""), (",", ""), (".", ","), (",", "."), (",", " "), (".", " "), (".", "'")):
        if (decimal, thousands) != (form.decimal, form.thousands):
            yield NumberFormat(decimal, thousands)
