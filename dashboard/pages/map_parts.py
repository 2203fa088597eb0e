"""What the rooms of the map page share: the ids of its components, names of levels, and what an address asks for."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from dashboard.context import PageContext
from dashboard.services.map import MapChoices
from dashboard.views.map import EVERYBODY as BOTH
from dashboard.views.map import PAIR


class Ids(StrEnum):
    """Components that callbacks talk to; the script knows the others by their ids."""

    VIEW = "map-view"
    DRAWN = "map-drawn"
    INDICATOR = "map-indicator"
    SHOW = "map-show"
    OVER = "map-over"
    LEVEL = "map-level"
    ROUND = "map-round"
    METHOD = "map-method"
    NUMBER = "map-number"
    OWN = "map-own"
    FILE = "map-file"
    FILE_LEVEL = "map-file-level"
    PROPERTY = "map-file-property"
    CHECKED = "map-checked"
    STORE = "map-store"
    STORED = "map-stored"


def with_default_show(query: Mapping[str, str], choices: MapChoices) -> dict[str, str]:
    """The query with what is shown where it says nothing: women and men side by side, or both together for an indicator
    that its source gives for nobody apart."""
    code = query.get("indicator") or choices.best
    default = PAIR if code in choices.by_sex else BOTH
    return {**query, "show": query.get("show") or default}


def level_name(level: int, context: PageContext) -> str:
    _ = context.gettext
    names = {1: _("Areas of level 1 (sectors, districts)"), 2: _("Areas of level 2 (neighbourhoods)")}
    return names.get(level, _("Areas of level {level}", level=level))
