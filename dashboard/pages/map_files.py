"""Files of the map page: the picture for the script, tables, GeoJSON and SVG."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from budget_model.errors import InputError, NotFoundError
from budget_model.survey.classes import OWN
from dashboard.context import PageContext
from dashboard.figures.area_svg import SvgText, map_svg
from dashboard.pages.map_parts import with_default_show
from dashboard.queries import unknown_choice
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.shown_errors import sentences_of
from dashboard.views.map import Picture, choice_of, make_picture
from dashboard.views.map_documents import geojson_properties, picture_document, table_header, table_rows
from dashboard.views.map_texts import indicator_title, source_line, unit
from dashboard.views.words import full_precision
from data.writers.tables import Table, csv_bytes, xlsx_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def picture_of_address(services: Services, context: PageContext) -> Picture:
    """The picture that the query asks for; InputError and NotFoundError where it cannot be made."""
    query = context.query
    choice = choice_of(query, [])
    if choice.method == OWN or not query.get("show"):  # both take the indicator to tell
        choices = services.map.choices(context.user, context.site, choice.round)
        if choice.indicator is None and choices.best:
            query = {**query, "indicator": choices.best}
        choice = choice_of(with_default_show(query, choices), choices.indicators)
    figures = services.map.figures(context.user, context.site, choice.indicator, choice.level, choice.round)
    return make_picture(figures, choice, context)


def picture_file(services: Services, context: PageContext) -> Resource:
    """The picture for the script, or the sentences that say why there is none."""
    try:
        document = picture_document(picture_of_address(services, context), context)
    except (InputError, NotFoundError) as error:
        document = {"problems": sentences_of(error, context)}
    return Resource(compact(document), "application/json")


def compact(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def areas_file(services: Services, context: PageContext) -> Resource:
    level = context.query.get("level") or "1"
    if level not in {str(number) for number in range(1, 10)}:
        raise unknown_choice("level", level, (str(number) for number in range(1, 10)), context)
    content, version = services.map.shapes(context.user, context.site, int(level))
    return Resource(content, "application/geo+json", version=version)


def file_name(context: PageContext, picture: Picture, kind: str) -> str:
    slug = context.site.slug if context.site else ""
    return f"{slug}-{context.gettext('Map').lower()}-{picture.figures.indicator.code.lower()}.{kind}"


def file_notes(picture: Picture, context: PageContext) -> list[tuple[str, str]]:
    """What every file says of itself."""
    _ = context.gettext
    found_notes = [(_("Site"), context.site.name if context.site else "")]
    if context.site and context.site.is_synthetic:
        found_notes.append((_("Warning"), _("SYNTHETIC DATA: no figure here describes real people.")))
    document = picture_document(picture, context)
    found_notes += [
        (_("Indicator"), indicator_title(picture.figures.indicator, context)),
        (_("Unit"), unit(picture, context)),
        (_("Classes"), "; ".join(item["text"] for item in document["legend"])),
    ]
    found_notes += [(_("Remark"), item["text"]) for item in document["marks"] if any(item["counts"])]
    found_notes += [(_("Remark"), note) for note in document["notes"]]
    return [*found_notes, (_("Source"), source_line(picture, context)), (_("Precision"), full_precision(context))]


def table_file(services: Services, context: PageContext, kind: str) -> Resource:
    picture = picture_of_address(services, context)
    notes = file_notes(picture, context)
    table = Table(context.gettext("Map"), table_header(picture, context), table_rows(picture, context))
    name = file_name(context, picture, kind)
    if kind == "csv":
        return Resource(csv_bytes(notes, [table]), "text/csv", name)
    return Resource(xlsx_bytes(context.gettext("Notes"), notes, [table]), XLSX, name)


def geojson_file(services: Services, context: PageContext) -> Resource:
    """Shapes with values, classes and remarks; what the file is stands beside the features."""
    picture = picture_of_address(services, context)
    shapes = services.map.drawn(context.user, context.site, picture.figures.level)
    features = [
        {"type": "Feature", "properties": geojson_properties(picture, at, context), "geometry": shape.geometry}
        for at, shape in enumerate(shapes)
    ]
    about = [{"name": name, "text": text} for name, text in file_notes(picture, context)]
    document = {"type": "FeatureCollection", "about": about, "features": features}
    return Resource(compact(document), "application/geo+json", file_name(context, picture, "geojson"))


def svg_file(services: Services, context: PageContext) -> Resource:
    _ = context.gettext
    picture = picture_of_address(services, context)
    shapes = services.map.drawn(context.user, context.site, picture.figures.level)
    document = picture_document(picture, context)
    site = context.site.name if context.site else ""
    warning = [_("SYNTHETIC DATA: no figure here describes real people.")]
    notes = [*(warning if context.site and context.site.is_synthetic else []), *document["notes"]]
    text = SvgText(
        document["finding"],
        f"{site} · {document['unit']}",
        notes,
        f"{_('Source: ')}{document['source']}",
        context.language,
    )
    content = map_svg(text, document, [shape.geometry for shape in shapes])
    return Resource(content.encode(), "image/svg+xml", file_name(context, picture, "svg"))


CHOICES = frozenset({"indicator", "show", "over", "level", "round", "method", "number", "own"})
QUERIES = {
    **dict.fromkeys(("picture.json", "map.csv", "map.xlsx", "map.geojson", "map.svg"), CHOICES),
    "areas.json": frozenset({"level"}),
}
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "picture.json": picture_file,
    "areas.json": areas_file,
    "map.csv": partial(table_file, kind="csv"),
    "map.xlsx": partial(table_file, kind="xlsx"),
    "map.geojson": geojson_file,
    "map.svg": svg_file,
}
