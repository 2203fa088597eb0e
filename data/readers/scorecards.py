"""The scorecards that are known here: one YAML file each, held against their schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from budget_model.errors import CatalogueError, NotFoundError
from budget_model.spending.scorecards import Scorecard
from data.readers.strict_yaml import read_by_id, read_strict
from data.settings import PROJECT

FOLDER = PROJECT / "data" / "catalogue" / "scorecards"
ORDER = ("sdg_5c1", "pefa_grpfm", "oecd_gb")  # further ones come behind


def read_scorecard(text: str, file: str) -> Scorecard:
    """The scorecard of a YAML text; CatalogueError with every problem and its line."""
    return read_strict(text, file, Scorecard, CatalogueError)


@cache
def read_scorecards(folder: Path = FOLDER) -> dict[str, Scorecard]:
    """All scorecards of a folder by id; CatalogueError where one does not fit or stands twice."""
    found = read_by_id(folder, read_scorecard, "scorecard")
    known = [name for name in ORDER if name in found]
    return {name: found[name] for name in (*known, *(name for name in found if name not in known))}


def load_scorecard(card_id: str) -> Scorecard:
    """One scorecard; NotFoundError where there is none of that id."""
    card = read_scorecards().get(card_id)
    if card is None:
        raise NotFoundError("scorecard", card_id)
    return card
