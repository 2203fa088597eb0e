"""Which rows of the answers cannot be used, and why: looked for only once something is known to be wrong.

Rows count from 1, the first row of answers being row 1; `facts["rows"]` of a problem holds their numbers, so that
whoever knows the file can name its lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from budget_model.errors import Problem
from budget_model.survey.design import SampleDesign
from budget_model.survey.engine import known, run

LISTED = 100  # rows that a problem carries
TOO_LARGE = 1e150  # answers whose squares cannot be added up any more
_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|-?inf|NaN")
_CODE = re.compile(r"0\d+")  # a number that begins with a zero is kept as a code


def not_numbers(backend: Any, table: Any, column: str, part: str) -> Problem:
    """A column of the design that is not numeric, with the first answer that keeps it from being so."""
    found, rows = _first_text(backend, table, column)
    message = f"--{part}: column '{column}' holds {table[column].type()}, not numbers{found}."
    advice = " Write numbers with a decimal point, without blanks and without zeros before them."
    facts = {"rows": rows[:LISTED]}
    return Problem("survey.kind", message + advice, column=column, facts=facts)


def with_first_texts(backend: Any, table: Any, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Problems of conditions; those that met text in place of numbers get the row of the first such answer."""
    for problem in problems:
        column = next(iter(problem.facts.get("text_columns", ())), None)
        if column is None:
            yield problem
            continue
        found, rows = _first_text(backend, table, column)
        message = f"{problem.message} Column '{column}' holds text{found}. Numbers have a decimal point and no comma."
        yield replace(problem, message=message, facts={**problem.facts, "rows": rows[:LISTED]})


def _first_text(backend: Any, table: Any, column: str) -> tuple[str, list[int]]:
    """`: row 20 is '1,5'` and the numbers of all such rows; nothing where each answer by itself is a number."""
    values = run(backend, table.select(value=table[column]))["value"].to_pylist()
    rows = [number for number, value in enumerate(values, start=1) if not _is_number(value)]
    if not rows:
        return "", []
    return f": row {rows[0]:,} is {str(values[rows[0] - 1])[:30]!r}", rows


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None and _CODE.fullmatch(value) is None
    return True


def bad_rows(backend: Any, table: Any, column: str, part: str) -> Problem:
    """Where the first rows stand whose weight, stratum, unit or fpc cannot be used."""
    values = run(backend, table.select(value=known(table[column])))["value"].to_pylist()
    bad = list(_numbers_of_bad(values, part))
    first = values[bad[0] - 1]
    found = "missing" if first is None else f"{first:g}"
    others = ", ".join(f"{row:,}" for row in bad[:5]) + (" …" if len(bad) > 5 else "")
    where = f" (rows {others})" if len(bad) > 1 else ""
    kind = "missing" if part in ("strata", "psu") else "missing, negative or infinite"
    message = (
        f"{len(bad):,} of {len(values):,} rows have no usable {part} ({kind}): the first is row {bad[0]:,}, "
        f"found {found}{where}. Correct these rows, or take them out with their reason noted."
    )
    facts = {"rows": bad[:LISTED], "count": len(bad)}
    return Problem(f"design.{part}", message, column=column, value=found, facts=facts)


def _numbers_of_bad(values: Sequence[Any], part: str) -> Iterator[int]:
    for number, value in enumerate(values, start=1):
        if value is None or (part in ("weight", "fpc") and not 0 <= value < float("inf")):
            yield number


def endless_sums(
    backend: Any, table: Any, identifiers: Sequence[str], values: dict[int, Any], design: SampleDesign
) -> Iterator[Problem]:
    """Indicators whose sums are no numbers: an answer is infinite, or too large to be added up and squared.

    Parameters
    ----------
    values : by position of the indicator, the column of its answers (an expression of `table`); None for a condition,
        whose sums can only be spoilt by the weights.
    """
    for index, value in values.items():
        name = f"indicator '{identifiers[index]}'"
        if value is None:
            yield Problem("survey.infinite", f"{name}: the weights are too large to be added up.", column=design.weight)
            continue
        answers = run(backend, table.select(value=value.cast("float64")))["value"].fill_null(np.nan).to_numpy()
        size = np.abs(answers)
        rows = [int(row) + 1 for row in np.flatnonzero(size >= TOO_LARGE)]
        where = f": row {rows[0]:,} gives {answers[rows[0] - 1]:g}" if rows else ""
        message = (
            f"{name}: an answer is infinite or too large to be added up{where}. Correct it, leave the cell empty, or "
            "keep such answers out in the universe."
        )
        facts = {"indicator": identifiers[index], "rows": rows[:LISTED]}
        yield Problem("survey.infinite", message, facts=facts)
