"""The engines that answer a question about the survey: which one holds a table, and how it is asked."""

from __future__ import annotations

from typing import Any

import ibis

from budget_model.errors import InputError, Problem

ENGINES = ("polars", "duckdb", "spark")
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


def run(backend: Any, query: Any) -> Any:
    """The answer as an Arrow table; Polars streams, so that the rows need not fit into memory."""
    if backend.name == "polars":
        return backend.to_polars(query, engine="streaming").to_arrow()
    if backend.name == "pyspark":  # by Arrow from the cluster; Ibis would go by way of pandas, which turns NULL to NaN
        return backend.raw_sql(backend.compile(query)).toArrow()
    return backend.to_pyarrow(query)


def known(column: Any) -> Any:
    """A column with NaN read as missing."""
    return ibis.ifelse(column.isnan(), ibis.null(column.type()), column) if column.type().is_floating() else column
