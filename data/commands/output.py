"""What all commands share: one JSON document on standard output, tables for people, refusals with exit code 1."""

from __future__ import annotations

import errno
import functools
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

from budget_model.errors import BudgetModelError
from data.plain import plain

Function = TypeVar("Function", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")


def refuse_cleanly(function: Function) -> Function:
    """Turn a refusal (`BudgetModelError`) into its sentence on standard error and exit code 1."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BudgetModelError as error:
            click.echo(f"Refused: {error}", err=True)
            sys.exit(1)
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read our output has left: no matter of the input
                raise
            click.echo(f"Refused: {_of_the_disk(error)}", err=True)
            sys.exit(1)

    return wrapped  # type: ignore[return-value]


def _of_the_disk(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}this cannot be read or written here ({error.strerror or error}). Check the path and its rights."


def progress(message: str) -> None:
    """A line for people, on standard error."""
    click.echo(message, err=True)


def print_json(document: Mapping[str, Any]) -> None:
    """The one JSON document of a command."""
    click.echo(json.dumps(plain(document), ensure_ascii=False, allow_nan=False))


def print_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Columns for people; numbers right-aligned, missing as an en dash."""
    cells = [["–" if cell is None else str(cell) for cell in row] for row in rows]
    widths = [max([len(title), *(len(row[index]) for row in cells)]) for index, title in enumerate(header)]
    click.echo("  ".join(title.ljust(width) for title, width in zip(header, widths, strict=True)))
    for row in cells:
        click.echo("  ".join(_align(cell, width) for cell, width in zip(row, widths, strict=True)))


def _align(cell: str, width: int) -> str:
    is_number = bool(cell) and cell.lstrip("-−").replace(",", "").replace(".", "").replace(" %", "").isdigit()
    return cell.rjust(width) if is_number else cell.ljust(width)
