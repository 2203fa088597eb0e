"""Rules of funding sources: one YAML file a country in the catalogue, or a file of the site's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from budget_model.errors import CatalogueError, Problem
from budget_model.spending.source_rules import SourceRules
from data.readers.strict_yaml import read_strict
from data.settings import PROJECT

FOLDER = PROJECT / "data" / "catalogue" / "source_rules"


def read_source_rules(file: Path) -> SourceRules:
    """The rules of a file; CatalogueError with every problem and its line."""
    return read_strict(file.read_text(encoding="utf-8"), file.name, SourceRules, CatalogueError)


@cache
def rules_of_country(country: str) -> SourceRules:
    """The rules of a country (ISO 3166-1 alpha-2); CatalogueError where the catalogue has none."""
    file = FOLDER / f"{country.lower()}.yaml"
    if not country.isalpha() or not file.is_file():
        there = ", ".join(sorted(path.stem.upper() for path in FOLDER.glob("*.yaml")))
        message = (
            f"There are no rules of funding sources for the country '{country}', so that nobody can say what a source "
            f"may pay. There are rules for: {there}. Write a file like theirs and name it with --rules."
        )
        raise CatalogueError(Problem("source_rules_missing", message, value=country, facts={"country": country}))
    return read_source_rules(file)
