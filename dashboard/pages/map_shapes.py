"""Shapes of the areas, put in on the map page: the file is checked first, then stored."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html, no_update

from budget_model.errors import InputError, Problem
from dashboard.components import card, notice, select
from dashboard.context import PageContext
from dashboard.pages.map_parts import Ids, level_name
from dashboard.services import Services
from dashboard.services.map import MapChoices
from dashboard.shown_errors import sentences_of
from data.readers.geojson_features import LARGEST_FILE
from data.workflows.geometry import ImportedShapes

SHOWN_PROBLEMS = 40


def upload(choices: MapChoices, context: PageContext) -> html.Section:
    """Put in shapes: file, level, property, what the check says, and the button that stores."""
    _ = context.gettext
    levels = [{"label": level_name(level, context), "value": str(level)} for level in choices.levels]
    drop = dcc.Upload(
        html.Div(_("Choose a GeoJSON file, or drop it here"), className="map-drop"),
        id=Ids.FILE,
        max_size=LARGEST_FILE,
    )
    property_box = html.Div(
        [
            dbc.Label(_("Property with code or name (optional)"), html_for=Ids.PROPERTY, class_name="form-label"),
            dbc.Input(id=Ids.PROPERTY, type="text", value="", debounce=True, autocomplete="off", maxlength=80),
        ]
    )
    return card(
        _("Shapes of the areas"),
        [
            html.Div(
                [select(Ids.FILE_LEVEL, _("Shapes of"), levels, levels[0]["value"]), property_box], className="filters"
            ),
            html.Div(drop, **{"data-upload-label": _("Choose a GeoJSON file, or drop it here")}),
            html.Div(id=Ids.CHECKED, role="status"),
            html.Button(_("Store these shapes"), id=Ids.STORE, type="button", className="btn btn-primary", hidden=True),
            html.Div(id=Ids.STORED, role="status"),
        ],
        subtitle=_(
            "GeoJSON in longitude and latitude (WGS 84). The file is checked first: rings closed and not crossed, "
            "known areas, no overlaps. What is refused changes nothing."
        ),
        id="map-shapes",
    )


def check_file(
    services: Services, context: PageContext, content: str | None, file: str | None, level: str, id_property: str | None
) -> tuple[Any, bool]:
    """What the check found, and whether the button stays hidden."""
    if not content:
        return None, True
    try:
        name = file or "areas.geojson"
        found = services.map.check_shapes(
            context.user, context.site, decoded(content), name, int(level), (id_property or "").strip()
        )
    except InputError as error:
        return problems_found(error, context), True
    return checked(found, context), False


def decoded(content: str) -> bytes:
    """The bytes of an upload, which travels as a data address."""
    try:
        return base64.b64decode(content.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise InputError(Problem("geometry.json", "The upload did not arrive whole. Choose the file again.")) from None


def problems_found(error: InputError, context: PageContext) -> html.Div:
    _ = context.gettext
    sentences = sentences_of(error, context)
    title = context.ngettext(
        "The file is refused: {number} problem.",
        "The file is refused: {number} problems.",
        len(sentences),
        number=len(sentences),
    )
    rest = len(sentences) - SHOWN_PROBLEMS
    more = [html.P(_("And {number} more.", number=rest))] if rest > 0 else []
    listed = html.Ul([html.Li(sentence) for sentence in sentences[:SHOWN_PROBLEMS]])
    return html.Div([html.P(html.Strong(title)), listed, *more], className="notice notice-danger")


def checked(found: ImportedShapes, context: PageContext) -> html.Div:
    _ = context.gettext
    sentences = [
        _(
            "The file is sound: {shapes} shapes with {points} points, matched by '{property}'. New: {added}, "
            "replaced: {replaced}.",
            shapes=context.formats.number(len(found.shapes.geometries)),
            points=context.formats.number(found.shapes.points),
            property=found.shapes.id_property,
            added=len(found.added),
            replaced=len(found.replaced),
        )
    ]
    sentences.append(
        _(
            "The shapes lie between latitude {south} and {north} and longitude {west} and {east} (degrees; south and "
            "west are negative). Make sure that this is where the site is.",
            **found.extent.facts(),
        )
    )
    if found.shapes.warnings:
        codes = ", ".join(warning.value or "" for warning in found.shapes.warnings[:SHOWN_PROBLEMS])
        sentences.append(_("Areas that the file lacks keep the shape they have, if any: {areas}.", areas=codes))
    return notice(sentences, "info")


def store_file(
    services: Services, context: PageContext, content: str | None, file: str | None, level: str, id_property: str | None
) -> Any:
    _ = context.gettext
    if not content:
        return no_update
    try:
        name = file or "areas.geojson"
        done = services.map.store_shapes(
            context.user, context.site, decoded(content), name, int(level), (id_property or "").strip()
        )
    except InputError as error:
        return problems_found(error, context)
    count = context.formats.number(len(done.shapes.geometries))
    link = html.A(_("See the map"), href=context.address("map", level=str(done.level)))
    return html.Div([html.P([_("{count} shapes stored.", count=count), " ", link])], className="notice notice-info")
