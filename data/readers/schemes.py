"""The schemes of gender budget classification that are known here: one YAML file each, held against their schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from budget_model.errors import CatalogueError, Problem
from budget_model.spending.schemes import Scheme
from data.readers.strict_yaml import read_by_id, read_strict
from data.settings import PROJECT

FOLDER = PROJECT / "data" / "catalogue" / "schemes"


def read_scheme(text: str, file: str) -> Scheme:
    """The scheme of a YAML text; CatalogueError with every problem and its line."""
    return read_strict(text, file, Scheme, CatalogueError)


@cache
def read_schemes(folder: Path = FOLDER) -> dict[str, Scheme]:
    """All schemes of a folder by id, in the order of their files' names; CatalogueError where they do not fit."""
    found = read_by_id(folder, read_scheme, "scheme")
    for scheme in found.values():
        counting = found.get(scheme.floor.counted_by) if scheme.floor else None
        if scheme.floor and (counting is None or not counting.counts_money):
            message = (
                f"The floor of '{scheme.id}' is counted by '{scheme.floor.counted_by}', which counts no money here."
            )
            raise CatalogueError(Problem("scheme_floor", message, value=scheme.id))
    return found
