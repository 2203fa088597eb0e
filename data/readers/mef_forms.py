"""Whether the cells of a row of the ministry's file have the form of their columns: those of a shifted row have not.

A cell that is missing or one too many moves all cells after it by one, and the row can still have as many as the
header: then a name stands where a code should be, or nothing where the last amount should be. Nothing else would tell,
and the money would be kept under another line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from budget_model.errors import Problem
from data.readers.tabular import LINE, MOST_PROBLEMS, TextTable, capped, plain_name

NAME_OF = "_NOMBRE"  # the words of the code beside it
CODES = frozenset(  # columns whose codes begin with digits, whatever the words behind them: 5, 07, 2.3, 3.BIENES
    {
        *("SEC_EJEC", "EJECUTORA", "DEPARTAMENTO_EJECUTORA", "PROVINCIA_EJECUTORA", "DISTRITO_EJECUTORA", "SEC_FUNC"),
        *("PROGRAMA_PPTO", "PROGRAMA_PPTAL", "TIPO_ACT_PROY", "TIPO_PROD_PROY", "PRODUCTO_PROYECTO", "META"),
        *("ACTIVIDAD_ACCION_OBRA", "ACTIV_OBRA_ACCINV", "FUNCION", "DIVISION_FUNCIONAL", "DIVISION_FN"),
        *("GRUPO_FUNCIONAL", "GRUPO_FN", "FINALIDAD", "DEPARTAMENTO_META", "FUENTE_FINANCIAMIENTO", "FUENTE_FINANC"),
        *("RUBRO", "CATEGORIA_GASTO", "TIPO_TRANSACCION", "GENERICA", "GENERICA_COD", "SUBGENERICA", "SUBGENERICA_DET"),
        *("ESPECIFICA", "ESPECIFICA_DET"),
    }
)
FIRST_DIGIT, AFTER_DIGITS = "0", ":"  # texts between them begin with a digit: cheaper than a pattern


@dataclass
class RowForms:
    """Looks at the rows that are kept, block after block.

    codes : columns of codes in the file's order; `sure`: those with their words in a column of their own, so that a
        word in the first is never its code. Of the others a variant may hold the words alone
    last_amount : the last column of the file, where it holds amounts: what a row that moved to the left leaves empty
    """

    table: TextTable
    amounts: Sequence[str]
    codes: tuple[str, ...] = field(init=False)
    sure: Collection[str] = field(init=False)
    last_amount: str | None = field(init=False)
    wrong: list[Problem] = field(default_factory=list)
    seen_last: bool = False  # a row that has the last amount
    open_ends: list[int] = field(default_factory=list)  # lines that have all amounts but the last

    def __post_init__(self) -> None:
        plain = {name: plain_name(name) for name in self.table.columns}
        known = set(plain.values())
        self.codes = tuple(name for name, code in plain.items() if code in CODES)
        self.sure = {name for name in self.codes if plain[name] + NAME_OF in known}
        last = self.table.columns[-1]
        self.last_amount = last if last in self.amounts else None

    def add(self, block: pl.DataFrame) -> None:
        """Take in kept rows, every cell still the text of the file."""
        self._look_at_codes(block)
        self._look_at_ends(block)

    def _look_at_codes(self, block: pl.DataFrame) -> None:
        digits = (pl.lit(FIRST_DIGIT), pl.lit(AFTER_DIGITS))
        begins = {name: pl.col(name).is_between(*digits, closed="left") for name in self.codes}
        if not begins:
            return
        used = block.select(begin.any().alias(name) for name, begin in begins.items()).row(0, named=True)
        asked = {name: begins[name] for name in self.codes if name in self.sure or used[name]}
        if not asked:
            return
        bad = [(~begin & (pl.col(name) != "")).alias(name) for name, begin in asked.items()]
        rows = block.filter(pl.any_horizontal(bad)).select(LINE, *asked)
        for row in rows.iter_rows(named=True):
            self.wrong.append(self._shifted(row, asked))

    def _shifted(self, row: Mapping[str, str], asked: Collection[str]) -> Problem:
        """The first cell of a row that is no code, and where the row probably moved."""
        column = next(name for name in asked if row[name] and not FIRST_DIGIT <= row[name] < AFTER_DIGITS)
        value = row[column][:60]
        message = (
            f"'{value}' stands in the column {column}, where a code that begins with digits belongs. The cells of this "
            f"row are probably shifted by one from {column}, or from a column just before it: one is missing or too "
            "many. Put the row right, or get the file again."
        )
        return self._problem("row_shifted", message, int(row[LINE]), column, value)

    def _look_at_ends(self, block: pl.DataFrame) -> None:
        if self.last_amount is None or len(self.amounts) < 2:
            return
        has_last = pl.col(self.last_amount) != ""
        others = pl.all_horizontal(pl.col(name) != "" for name in self.amounts if name != self.last_amount)
        self.seen_last = self.seen_last or bool(block.select(has_last.any()).item())
        self.open_ends += block.filter(~has_last & others)[LINE].to_list()

    def problems(self) -> tuple[Problem, ...]:
        """Rows whose cells are not of the form of their columns, the first of them each with its place."""
        told = {problem.line for problem in self.wrong}
        ends = [self._open_end(line) for line in self.open_ends if line not in told] if self.seen_last else []
        found = sorted([*self.wrong, *ends], key=lambda problem: problem.line or 0)
        return capped(found[:MOST_PROBLEMS], len(found))

    def _open_end(self, line: int) -> Problem:
        message = (
            f"All amounts of this row but the last ({self.last_amount}) are there, and other rows have that one, too. "
            "A cell is probably missing before it, so that the amounts are shifted by one. Put the row right, write 0 "
            "where nothing was paid, or get the file again."
        )
        return self._problem("row_shifted", message, line, str(self.last_amount), "")

    def _problem(self, rule: str, message: str, line: int, column: str, value: str) -> Problem:
        place = {"file": self.table.file, "sheet": self.table.sheet, "line": line, "column": column}
        return Problem(rule, message, value=value, **place)
