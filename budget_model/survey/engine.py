"""The engines that answer a question about the survey: which one holds a table, and how it is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis
import polars as pl

from budget_model.errors import InputError, Problem

ENGINES = ("polars", "duckdb", "spark")
FEW_ROWS = 100_000
_NAMES = {"pyspark": "spark"}  # what Ibis calls an engine → what it is called here


def backend_of(table: Any, engine: str | None) -> Any:
    """The engine in which a table lies; for one in memory the one that is asked for (None: Polars).

    Raises
    ------
    InputError : no such engine, or the table lies in another.
    """
    if engine is not None and engine not in ENGINES:
        message = f"there is no engine '{engine}'. Use one of: {', '.join(ENGINES)}."
        raise InputError(Problem("survey.engine", message))
    backends, _ = table._find_backends()
    if not backends and engine != "spark":
        return ibis.duckdb.connect() if engine == "duckdb" else ibis.polars.connect()
    lies_in = _NAMES.get(backends[0].name, backends[0].name) if backends else "memory"
    if engine is not None and lies_in != engine:
        message = f"the table lies in {lies_in}, not in {engine}. Read the file with the engine you want."
        raise InputError(Problem("survey.engine", message))
    return backends[0]


def run(backend: Any, query: Any, is_small: bool = False) -> Any:
    """The answer as an Arrow table; Polars streams, so that the rows need not fit into memory.

    is_small : the rows are few and in memory already (`look_into`); Polars is then faster without streaming.
    """
    if backend.name == "polars":  # not by Ibis' to_polars, which casts every column of the answer once more
        return backend.compile(query).collect(engine="in-memory" if is_small else "streaming").to_arrow()
    if backend.name == "pyspark":  # by Arrow from the cluster; Ibis would go by way of pandas, which turns NULL to NaN
        return backend.raw_sql(backend.compile(query)).toArrow()
    return backend.to_pyarrow(query)


@dataclass(frozen=True)
class Look:
    """What a look at a table says: columns that hold an answer in every row, and whether the rows are few."""

    without_gaps: frozenset[str]
    is_small: bool


def look_into(backend: Any, table: Any, columns: Iterable[str]) -> Look:
    """Look for gaps in the columns, where that is cheap beside what it saves: in Polars.

    Decimal columns are left out, since a NaN is a missing answer too.
    """
    asked = sorted(column for column in columns if not table[column].type().is_floating())
    if backend.name != "polars" or not asked:
        return Look(frozenset(), is_small=False)
    seen = backend.compile(table).select(pl.len().alias(""), pl.col(asked).null_count()).collect(engine="streaming")
    without_gaps = frozenset(column for column in asked if seen[column][0] == 0)
    return Look(without_gaps, is_small=seen[""][0] <= FEW_ROWS)


def known(column: Any) -> Any:
    """A column with NaN read as missing."""
    return ibis.ifelse(column.isnan(), ibis.null(column.type()), column) if column.type().is_floating() else column
