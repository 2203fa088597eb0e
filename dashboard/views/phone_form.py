"""What the form of a proposal shows: choices, limits, the map to tap on, what was written. No Dash here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budget_model.assembly.proposals import LONGEST
from budget_model.errors import InputError, NotFoundError
from dashboard.context import PageContext
from dashboard.figures.area_svg import path_of, projection_of
from dashboard.i18n import mark
from dashboard.services import Services
from dashboard.services.proposals import AreaShape
from dashboard.shown_errors import problem_sentence
from dashboard.views.assembly_words import PHASES
from dashboard.views.ballot_overview import board_of
from data.readers.photos import MOST_BYTES, SUFFIXES

FIELDS = (
    "title", "description", "zone", "latitude", "longitude", "cost", "category", "need", "women", "men", "photo_text",
)  # fmt: skip
LABELS = {
    "title": mark("What you propose"),
    "description": mark("Describe it"),
    "zone": mark("Zone"),
    "latitude": mark("Latitude"),
    "longitude": mark("Longitude"),
    "cost": mark("What it costs"),
    "category": mark("Kind of proposal"),
    "need": mark("Need that it answers"),
    "women": mark("Women who benefit in a year"),
    "men": mark("Men who benefit in a year"),
    "photo": mark("Photo"),
    "photo_text": mark("What the photo shows"),
}
MAP_SIZE = (320.0, 360.0)


@dataclass(frozen=True)
class TapMap:
    """A map to tap on. Degrees of a point: west + x / by_longitude, north - y / by_latitude."""

    areas: tuple[tuple[str, str, str], ...]  # code, name, path
    width: int
    height: int
    west: float
    north: float
    by_longitude: float
    by_latitude: float


def form_values(services: Services, context: PageContext, written: Mapping[str, str]) -> dict[str, Any]:
    """What the template shows. Raises NotFoundError where the site has no process to propose for."""
    _ = context.gettext
    board = board_of(services, context)
    if board.process is None:
        raise NotFoundError("participatory budget", context.query.get("year", ""))
    user, site, year = context.user, context.site, board.process.year
    choices = services.assembly.choices(user, site)
    needs = [(code, context.in_language(texts, code)) for code, texts in choices.needs]
    days = next((one for one in board.process.phases if one[0] == "proposals"), None)
    return {
        "year": year,
        "labels": {name: _(label) for name, label in LABELS.items()},
        "written": written,
        "longest": {name: LONGEST.get(name) or LONGEST.get(f"{name}_es") for name in FIELDS},
        "zones": choices.zones,
        "needs": sorted(needs, key=lambda one: one[1]),
        "categories": sorted({one.record.category for one in board.proposals if one.record.category}),
        "map": tap_map(services.proposals.shapes(user, site)),
        "accept": ",".join(("image/jpeg", "image/png", "image/webp", *SUFFIXES)),
        "most_megabytes": MOST_BYTES // 2**20,
        "days": days_words(days, context) if days else "",
        "currency": context.formats.symbol(site.currency) if site else "",
    }


def days_words(days: tuple[str, Any, Any], context: PageContext) -> str:
    _, day = context.gettext, context.formats.date
    told = _("{first} to {last}").format(first=day(days[1]), last=day(days[2]))
    return f"{_(PHASES[days[0]])}: {told}"


def tap_map(shapes: Sequence[AreaShape]) -> TapMap | None:
    """None where the site has no shapes."""
    projection = projection_of([shape.geometry for shape in shapes], *MAP_SIZE)
    if projection is None:
        return None
    areas = tuple((shape.code, shape.name, path_of(shape.geometry, projection, 0)) for shape in shapes)
    return TapMap(
        areas,
        round(projection.width) + 1,
        round(projection.height) + 1,
        projection.west,
        projection.north,
        projection.squeeze * projection.scale,
        projection.scale,
    )


def labelled_sentences(error: InputError, context: PageContext) -> list[str]:
    """Each problem with the field in which it is."""
    told = []
    for problem in error.problems:
        column = (problem.column or "").removesuffix("_es").removesuffix("_en")
        label = context.gettext(LABELS[column]) if column in LABELS else ""
        sentence = problem_sentence(problem, context) if problem.rule != "proposal-title" else ""
        sentence = sentence or context.gettext("The proposal has no title. Write one.")
        told.append(f"{label}: {sentence}" if label else sentence)
    return told


def received_values(services: Services, context: PageContext, code: str) -> dict[str, Any]:
    """What is told of a proposal that has come."""
    board = board_of(services, context)
    one = next((one for one in board.proposals if one.record.code == code), None)
    if board.process is None or one is None:
        raise NotFoundError("proposal of the assembly", code)
    return {"year": board.process.year, "code": code, "title": context.in_language(one.record.title, code)}
