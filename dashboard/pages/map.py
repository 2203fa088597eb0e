"""Map: an indicator in every area of the site. The scripts in `assets/` draw what `picture.json` says; the choices
stand in the address. Officials put in the shapes of the areas here."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from budget_model.errors import InputError, NotFoundError, Problem
from budget_model.survey.classes import FEWEST, MOST, OWN
from dashboard.components import card, keep_in_address, no_data, notice, page_header, select, unprotected_notice
from dashboard.context import PageContext
from dashboard.figures.area_svg import SvgText, map_svg
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.queries import unknown_choice
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.access import EVERYBODY, PLANNERS, may
from dashboard.services.map import MapChoices
from dashboard.shown_errors import sentences_of
from dashboard.views.map import (
    CHANGE,
    METHOD_NAMES,
    NOW,
    PAIR,
    SHOWS,
    MapChoice,
    Picture,
    choice_of,
    geojson_properties,
    indicator_options,
    indicator_title,
    make_picture,
    picture_document,
    source_line,
    table_header,
    table_rows,
    unit,
)
from dashboard.views.map import EVERYBODY as BOTH
from dashboard.views.words import full_precision, round_name, round_options
from data.readers.geojson import LARGEST_FILE
from data.workflows.geometry import ImportedShapes
from data.writers.tables import Table, csv_bytes, xlsx_bytes

NAME = "map"
TITLE = mark("Map")
GROUP = Group.LACKING
ROLES = EVERYBODY
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_PROBLEMS = 40


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


CONTROLS = (Ids.INDICATOR, Ids.SHOW, Ids.OVER, Ids.LEVEL, Ids.ROUND, Ids.METHOD, Ids.NUMBER, Ids.OWN)


# ---- layout ----------------------------------------------------------------------------------------------------------


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    choices = services.map.choices(context.user, context.site, context.query.get("round"))
    header = page_header(_("Map"), _("An indicator in every area, for women and men; classes and rounds to choose."))
    waiting = unprotected_notice(services.needs.unprotected(context.user, context.site), context)
    parts: list[Any] = [header, *waiting]
    if choices.round is None or not choices.indicators or not choices.levels:
        how = _("They appear when a survey round with areas is imported, its indicators are run, and it is published.")
        parts.append(no_data(_("There are no figures of areas to map yet."), how))
    else:
        parts += [filters(choices, context), workplace(choices, context)]
    if may(context.user, PLANNERS, context.site) and choices.levels:
        parts.append(upload(choices, context))
    return html.Div(parts, className="map-page")


def filters(choices: MapChoices, context: PageContext) -> html.Div:
    """All choices; those with one option only are there without being seen."""
    _, query = context.gettext, context.query
    chosen = choice_of_address(choices, context)
    assert choices.round is not None
    over = [{"label": _("Figures of the round"), "value": NOW}]
    if choices.before:
        over.append({"label": _("Change since {round}", round=round_name(choices.before, context)), "value": CHANGE})
    levels = [{"label": level_name(level, context), "value": str(level)} for level in choices.levels]
    rounds = round_options(choices.rounds, context)
    shows = named(shows_of(choices), context)
    return html.Div(
        [
            select(Ids.INDICATOR, _("Indicator"), indicator_options(choices, context), chosen.indicator or ""),
            hidden_alone(select(Ids.SHOW, _("Show"), shows, chosen.show), shows),
            hidden_alone(select(Ids.OVER, _("Time"), over, chosen.over), over),
            hidden_alone(select(Ids.ROUND, _("Round"), rounds, choices.round.code), rounds),
            hidden_alone(select(Ids.LEVEL, _("Areas"), levels, str(chosen.level)), levels),
            select(Ids.METHOD, _("Classes"), named(METHOD_NAMES, context), chosen.method),
            select(Ids.NUMBER, _("How many"), numbers(), str(chosen.number)),
            html.Div(
                [
                    dbc.Label(_("Own bounds, e.g. 10; 25; 50"), html_for=Ids.OWN, class_name="form-label"),
                    dbc.Input(id=Ids.OWN, type="text", value=query.get("own", ""), debounce=True, autocomplete="off"),
                ],
                id="map-own-box",
                style=None if chosen.method == OWN else {"display": "none"},
            ),
        ],
        className="filters",
    )


def choice_of_address(choices: MapChoices, context: PageContext) -> MapChoice:
    """What the address asks for; what it cannot ask for gives way to what there is."""
    codes = {one.code for one in choices.indicators}
    query = dict(context.query)
    if query.get("indicator") not in codes:
        query["indicator"] = choices.best
    query.pop("level", None) if query.get("level") not in {str(level) for level in choices.levels} else None
    query.setdefault("level", str(choices.levels[0]))
    query = with_default_show(query, choices)
    try:
        return choice_of(query, choices.indicators)
    except InputError:
        return MapChoice(query["indicator"], level=choices.levels[0])


def with_default_show(query: Mapping[str, str], choices: MapChoices) -> dict[str, str]:
    """The query with what is shown where it says nothing: women and men side by side, or both together for an indicator
    that its source gives for nobody apart."""
    code = query.get("indicator") or choices.best
    default = PAIR if code in choices.by_sex else BOTH
    return {**query, "show": query.get("show") or default}


def shows_of(choices: MapChoices) -> dict[str, str]:
    """What can be shown; of a round without figures by sex both together only."""
    return SHOWS if choices.by_sex else {BOTH: SHOWS[BOTH]}


def named(options: dict[str, str], context: PageContext) -> list[dict[str, str]]:
    return [{"label": context.gettext(name), "value": value} for value, name in options.items()]


def numbers() -> list[dict[str, str]]:
    return [{"label": str(number), "value": str(number)} for number in range(FEWEST, MOST + 1)]


def hidden_alone(box: html.Div, options: list[dict[str, str]]) -> html.Div:
    if len(options) < 2:
        box.style = {"display": "none"}
    return box


def level_name(level: int, context: PageContext) -> str:
    _ = context.gettext
    names = {1: _("Areas of level 1 (sectors, districts)"), 2: _("Areas of level 2 (neighbourhoods)")}
    return names.get(level, _("Areas of level {level}", level=level))


def workplace(choices: MapChoices, context: PageContext) -> html.Div:
    """Maps and legend on the left, the table on the right; the script fills both."""
    _ = context.gettext
    picture: list[Any] = [
        html.Div(zoom_buttons(context), className="map-zoom", role="group", **{"aria-label": _("Zoom and move")}),
        html.Div(id="map-maps", className="map-maps"),
        html.P(id="map-reading", className="map-reading"),
    ]
    if not choices.has_shapes:
        missing = _("The areas of this site have no shapes, so there is no map.")
        picture = [no_data(missing, _("The table has the same figures. Officials put shapes in below."))]
    figure = html.Figure(
        [
            html.Figcaption(
                [html.Strong(id="map-finding", className="finding"), html.Span(id="map-unit", className="unit")]
            ),
            html.P(id="map-problem", className="notice notice-danger", role="alert", hidden=True),
            *picture,
            html.Ul(id="map-legend", className="map-classes"),
            html.Ul(id="map-marks", className="map-classes"),
            html.Div(id="map-notes"),
            html.P(id="map-source", className="source-note"),
            keyboard_help(context) if choices.has_shapes else None,
            downloads(choices, context),
        ],
        className="panel captioned-figure map-figure",
    )
    table = html.Section(
        [
            html.H2(_("The figures as a table")),
            html.Div(id="map-table", className="table-scroll map-table", tabIndex=0, role="region", **table_label(_)),
        ],
        className="panel",
    )
    stores = [dcc.Store(id=Ids.VIEW, data=view_document(choices, context)), dcc.Store(id=Ids.DRAWN)]
    return html.Div([figure, table, *stores], className="map-columns")


def table_label(_: Callable[[str], str]) -> dict[str, str]:
    return {"aria-label": _("The figures as a table")}


def keyboard_help(context: PageContext) -> html.Details:
    _ = context.gettext
    keys = [
        _("Left and right: the area before and the next one. Up and down: the nearest area above and below."),
        _("Home and End: the first and the last area. Enter: its profile."),
        _("Plus, minus and 0: zoom in, zoom out, everything. Shift with arrows: move the picture."),
    ]
    return html.Details([html.Summary(_("Keys on the map")), html.Ul([html.Li(key) for key in keys])])


def zoom_buttons(context: PageContext) -> list[html.Button]:
    _ = context.gettext
    names = [
        ("in", "+", _("Zoom in")),
        ("out", "\u2212", _("Zoom out")),
        ("left", "\u2190", _("Move left")),
        ("up", "\u2191", _("Move up")),
        ("down", "\u2193", _("Move down")),
        ("right", "\u2192", _("Move right")),
        ("all", _("Everything"), _("Show everything")),
    ]
    return [
        html.Button(
            sign,
            id=f"map-zoom-{name}",
            type="button",
            title=label,
            className="btn btn-outline-secondary btn-sm",
            **{"aria-label": label},
        )
        for name, sign, label in names
    ]


def downloads(choices: MapChoices, context: PageContext) -> html.Div:
    """Files of what is shown; the script keeps their addresses in step."""
    _ = context.gettext
    kinds = [("csv", "CSV"), ("xlsx", "XLSX"), ("geojson", "GeoJSON")]
    if choices.has_shapes:
        kinds += [("svg", "SVG")]
    look = "btn btn-outline-secondary btn-sm"
    links: list[Any] = [
        html.A(
            _("Download {kind}", kind=name),
            id=f"map-download-{kind}",
            href=context.address(f"map/map.{kind}"),
            className=look,
        )
        for kind, name in kinds
    ]
    if choices.has_shapes:
        links.append(
            html.Button(_("Download {kind}", kind="PNG"), id="map-download-png", type="button", className=look)
        )
    return html.Div(links, className="download-row")


def view_document(choices: MapChoices, context: PageContext) -> dict[str, Any]:
    """What the script needs once: addresses, formats and the words it writes itself."""
    _, formats = context.gettext, context.formats
    return {
        "addresses": {
            "picture": context.address("map/picture.json"),
            "areas": context.address("map/areas.json"),
            "profile": context.address("profile"),
            "files": context.address("map/map."),
        },
        "formats": {
            "locale": formats.locale.replace("_", "-"),
            "percent_space": formats.language == "es",
            "symbol": "",
        },
        "has_shapes": choices.has_shapes,
        "texts": {
            "area": _("Area"),
            "all_rows": _("Show all {count} areas"),
            "not_loaded": _("The map could not be loaded. Load the page again."),
            "profile": _("Profile of {name}"),
            "file": f"{context.site.slug if context.site else ''}-{_('Map').lower()}",
        },
    }


# ---- shapes of the areas ---------------------------------------------------------------------------------------------


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


# ---- callbacks -------------------------------------------------------------------------------------------------------


def register_callbacks(app: Dash, services: Services) -> None:
    app.clientside_callback(
        ClientsideFunction("povertyMap", "show"),
        Output(Ids.DRAWN, "data"),
        Input(Ids.VIEW, "data"),
        *[Input(control, "value") for control in CONTROLS],
    )
    keep_in_address(app, list(CONTROLS))
    app.callback(
        Output(Ids.CHECKED, "children"),
        Output(Ids.STORE, "hidden"),
        Input(Ids.FILE, "contents"),
        Input(Ids.FILE_LEVEL, "value"),
        Input(Ids.PROPERTY, "value"),
        State(Ids.FILE, "filename"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(
        lambda content, level, key, file, path: check_file(
            services, app.router.context_of(path), content, file, level, key
        )
    )
    app.callback(
        Output(Ids.STORED, "children"),
        Input(Ids.STORE, "n_clicks"),
        State(Ids.FILE, "contents"),
        State(Ids.FILE_LEVEL, "value"),
        State(Ids.PROPERTY, "value"),
        State(Ids.FILE, "filename"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(
        lambda _clicks, content, level, key, file, path: store_file(
            services, app.router.context_of(path), content, file, level, key
        )
    )


# ---- files of the page -----------------------------------------------------------------------------------------------


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
