"""Map: an indicator in every area of the site. The scripts in `assets/` draw what `picture.json` says; the choices
stand in the address. Officials put in the shapes of the areas here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from budget_model.errors import InputError
from budget_model.survey.classes import FEWEST, MOST, OWN
from dashboard.components import keep_in_address, no_data, notice, page_header, select, unprotected_notice
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages import map_files
from dashboard.pages.map_parts import Ids, level_name, with_default_show
from dashboard.pages.map_shapes import check_file, store_file, upload
from dashboard.services import Services
from dashboard.services.access import EVERYBODY, PLANNERS, may
from dashboard.services.map import MapChoices
from dashboard.views.map import CHANGE, METHOD_NAMES, NOW, SHOWS, MapChoice, choice_of
from dashboard.views.map import EVERYBODY as BOTH
from dashboard.views.map_texts import indicator_options
from dashboard.views.words import round_name, round_options

NAME = "map"
TITLE = mark("Map")
GROUP = Group.LACKING
ROLES = EVERYBODY
QUERIES, RESOURCES = map_files.QUERIES, map_files.RESOURCES


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
        parts += [*given_way(choices, context), filters(choices, context), workplace(choices, context)]
    if may(context.user, PLANNERS, context.site) and choices.levels:
        parts.append(upload(choices, context))
    return html.Div(parts, className="map-page")


def given_way(choices: MapChoices, context: PageContext) -> list[Any]:
    """That the indicator of the address is not on this map: it may be sensitive, or have no figures below the site."""
    _, asked = context.gettext, context.query.get("indicator")
    if not asked or asked in {one.code for one in choices.indicators}:
        return []
    told = _("“{code}” has no figures of areas that may be shown here; another indicator is shown.", code=asked[:40])
    return [notice([told], "info")]


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
