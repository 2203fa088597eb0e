"""Profile: an area, or the whole site, on one printed page."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from dashboard.components import (
    Column,
    card,
    data_table,
    difference_note,
    keep_in_address,
    no_data,
    page_header,
    select,
    source_note,
    tile,
    tiles,
    unprotected_notice,
)
from dashboard.context import PageContext
from dashboard.figures.area_svg import locator_svg
from dashboard.figures.trend_svg import as_address, trend_svg
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.profile import Profile
from dashboard.views.needs import protection_note
from dashboard.views.profile import BandRow, NeedRow, ProfileView, profile_view
from dashboard.views.trend import TrendRow
from dashboard.views.words import round_name, round_options, round_sources

NAME = "profile"
TITLE = mark("Profile")
GROUP = Group.LACKING
ROLES = EVERYBODY
HIDDEN = {"aria-hidden": "true"}


class Ids(StrEnum):
    """Components that callbacks talk to."""

    AREA = "profile-area"
    ROUND = "profile-round"
    CONTENT = "profile-content"
    PRINT = "profile-print"
    PRINTED = "profile-printed"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    query = context.query
    profile = services.profile.profile(context.user, context.site, query.get("area"), query.get("round"))
    areas = [{"label": "\u2003" * area.level + area.name, "value": area.code} for area in in_order(profile)]
    chosen = profile.area.code if profile.area else ""
    button = html.Button(_("Print or save as PDF"), id=Ids.PRINT, type="button", className="btn btn-outline-secondary")
    picker = select(Ids.AREA, _("Area"), areas, chosen)
    return html.Div(
        [
            html.Div([picker, *round_choice(profile, context), button], className="filters profile-filters"),
            *unprotected_notice(services.needs.unprotected(context.user, context.site), context),
            html.Div(content(profile, context), id=Ids.CONTENT),
            dcc.Store(id=Ids.PRINTED),
        ],
        className="profile",
    )


def round_choice(profile: Profile, context: PageContext) -> list[Any]:
    """The rounds that the reader may see; there without being seen where it is one."""
    options = round_options(profile.rounds, context)
    box = select(Ids.ROUND, context.gettext("Round"), options, profile.round.code if profile.round else "")
    if len(options) < 2:
        box.style = {"display": "none"}
    return [box]


def in_order(profile: Profile) -> list[Any]:
    """The site, then each sector with its neighbourhoods where codes begin alike."""
    return sorted(profile.areas, key=lambda area: (area.level > 0, area.code))


def content(profile: Profile, context: PageContext) -> list[Any]:
    _ = context.gettext
    view = profile_view(profile, context)
    header = page_header(view.title or _("Profile"), subtitle(profile, context))
    if profile.round is None or not (profile.needs or profile.population):
        how = _("They appear when a survey round is imported, its indicators are run, and it is published.")
        return [header, no_data(_("There are no figures for this profile yet."), how)]
    return [
        header,
        html.P(" ".join(view.lead), className="lead-sentence") if view.lead else None,
        people_tiles(view, context) if profile.population else None,
        html.Div([pyramid_card(view, profile, context), map_card(profile, context)], className="profile-top"),
        needs_card(view, context),
        trend_card(view, context),
        html.Div([means_card(view, context), gaps_card(view, context)], className="profile-bottom"),
        difference_note(context) if view.needs or view.means else None,
        source_note(context, sources(profile, context)),
    ]


def subtitle(profile: Profile, context: PageContext) -> str:
    _ = context.gettext
    kind = (
        _("Profile of the whole site") if profile.area is None or profile.area.level == 0 else _("Profile of an area")
    )
    parts = [kind, context.site.name if context.site else ""]
    if profile.round:
        parts.append(_("survey round {code}", code=round_name(profile.round, context)))
    return " · ".join(dict.fromkeys(part for part in parts if part))


def sources(profile: Profile, context: PageContext) -> list[str]:
    found = round_sources(profile.round, context) if profile.round else []
    is_protected = profile.is_public and profile.round is not None and profile.round.person_count is not None
    return [*found, protection_note(context)] if is_protected else found


def people_tiles(view: ProfileView, context: PageContext) -> html.Dl:
    _ = context.gettext
    return tiles(
        [
            tile(_("People"), view.people),
            tile(_("Women and girls"), view.women, group="women"),
            tile(_("Men and boys"), view.men, group="men"),
        ],
        _("People of the area"),
    )


def pyramid_card(view: ProfileView, profile: Profile, context: PageContext) -> html.Section:
    """Bars by age band, women to the left; the same as a table."""
    _ = context.gettext
    if not view.pyramid:
        reason = _("This round does not say how many people of which age live here.")
        has_answers = profile.round is not None and profile.round.person_count is not None
        if has_answers and profile.is_public and profile.area and profile.area.level > 0:
            reason = _("Ages of a single area are not published, so that nobody can be recognised.")
        return card(_("People by sex and age"), html.P(reason))
    rows = [pyramid_row(row) for row in view.pyramid]
    titles = [html.Span(title) for title in (_("Women"), _("Age"), _("Men"))]
    head = html.Div(titles, className="pyramid-row pyramid-head")
    columns = [Column(_("Age")), Column(_("Women"), True), Column(_("Men"), True)]
    table = data_table(_("People by sex and age"), columns, [(row.band, row.women, row.men) for row in view.pyramid])
    return card(
        _("People by sex and age"),
        [
            html.Div([head, *rows], className="pyramid", **HIDDEN),
            html.Details([html.Summary(_("Show the figures as a table")), table]),
        ],
    )


def pyramid_row(row: BandRow) -> html.Div:
    def bar(width: float | None, text: str, group: str) -> html.Div:
        drawn = html.Span(className=f"pyramid-bar bar-{group}", style={"width": f"{100 * (width or 0):.1f}%"})
        return html.Div([html.Span(text, className="pyramid-number"), html.Div(drawn, className="pyramid-track")])

    women = bar(row.women_width, row.women, "women")
    men = bar(row.men_width, row.men, "men")
    women.className, men.className = "pyramid-side pyramid-women", "pyramid-side pyramid-men"
    return html.Div([women, html.Span(row.band, className="pyramid-band"), men], className="pyramid-row")


def map_card(profile: Profile, context: PageContext) -> html.Section:
    _ = context.gettext
    if not profile.has_shapes or profile.area is None:
        return card(_("Where it lies"), html.P(_("The areas of this site have no shapes, so there is no map.")))
    area = profile.area
    label = _("Map of the site; {name} stands out.", name=area.name)
    if area.level == 0:
        label = _("Map of the site and its areas.")
    picture = html.Img(src=context.address("profile/map.svg", area=area.code), alt=label, className="profile-map")
    link = html.A(_("Indicators on the map"), href=context.address("map"))
    return card(_("Where it lies"), [picture, html.P(link, className="profile-link")])


def needs_card(view: ProfileView, context: PageContext) -> html.Section | None:
    _ = context.gettext
    if not view.needs:
        return None
    columns = [Column(_("Need")), Column(_("0 to 100 %")), Column(_("Women"), True), Column(_("Men"), True)]
    rows = [[row.name, line(row), row.women, row.men] for row in view.needs]
    more = [(_("Gap"), [row.gap for row in view.needs]), (view.compared_title, [row.compared for row in view.needs])]
    if view.has_together:
        more.insert(0, (_("Women and men together"), [row.together for row in view.needs]))
    if view.change_title and not view.trends:
        sexes = _("women / men")
        more.append((f"{view.change_title} ({sexes})", [row.change for row in view.needs]))
    for title, cells in more:
        columns.append(Column(title, True))
        for row_cells, cell in zip(rows, cells, strict=True):
            row_cells.append(cell)
    caption = _("Share of the people or households concerned, with the 95 % interval where there is a sample")
    table = data_table(caption, columns, rows)
    return card(_("Most widespread needs of women and men"), [legend(view, context), table], className="profile-needs")


def legend(view: ProfileView, context: PageContext) -> html.P:
    """What the dots on the lines are."""
    _ = context.gettext
    names = [
        ("women", _("Women"), [row.women_at for row in view.needs]),
        ("men", _("Men"), [row.men_at for row in view.needs]),
        ("together", _("Women and men together"), [row.together_at for row in view.needs]),
        ("rest", view.compared_title, [row.rest_at for row in view.needs]),
    ]
    parts: list[Any] = []
    for name, text, places in names:
        if any(place is not None for place in places):
            parts += [html.Span(className=f"legend-dot dot-{name}", **HIDDEN), text]
    return html.P(parts, className="profile-legend")


def line(row: NeedRow) -> html.Div:
    """Women, men and the rest of the site as places on a line from 0 to 100 %; the numbers stand beside it."""
    places = (("rest", row.rest_at), ("together", row.together_at), ("men", row.men_at), ("women", row.women_at))
    dots = [
        html.Span(className=f"profile-dot dot-{name}", style={"left": f"{100 * at:.1f}%"})
        for name, at in places
        if at is not None
    ]
    return html.Div(dots, className="profile-line", **HIDDEN)


def trend_card(view: ProfileView, context: PageContext) -> html.Section | None:
    """The same needs in each round, and how far women and men moved between the last two that have them."""
    _ = context.gettext
    if not view.trends:
        return None
    sexes = _("women / men")
    rounds = [Column(f"{code} ({sexes})", True) for code in view.trend_rounds]
    changes = [Column(_("Change of women"), True), Column(_("Change of men"), True)]
    columns = [Column(_("Need")), Column(_("Women and men")), *rounds, *changes]
    rows = [[row.name, slope(row), *row.cells, *row.changes] for row in view.trends]
    caption = _(
        "Needs in each round; changes in percentage points, with the 95 % interval where a sample was asked (≈: chance "
        "could explain it)"
    )
    return card(_("Trend"), data_table(caption, columns, rows), className="profile-trend")


def slope(row: TrendRow) -> Any:
    """Women and men over the rounds as two small lines, each on the row's own scale; the numbers stand beside them."""
    svg = trend_svg(row.women, row.men)
    return html.Img(src=as_address(svg), alt="", className="profile-slope") if svg else html.Span("–", **HIDDEN)


def gaps_card(view: ProfileView, context: PageContext) -> html.Section | None:
    _ = context.gettext
    if not view.gaps:
        return None
    return card(_("Widest gaps"), html.Ul([html.Li(sentence) for sentence in view.gaps]), className="profile-gaps")


def means_card(view: ProfileView, context: PageContext) -> html.Section | None:
    _ = context.gettext
    if not view.means:
        return None
    columns = [Column(_("Indicator")), Column(_("Unit")), Column(_("Women"), True), Column(_("Men"), True)]
    columns.append(Column(_("Gap (women − men)"), True))
    table = data_table(_("Indicators that are a mean, each in its own unit"), columns, view.means)
    return card(_("Means"), table, className="profile-means")


def show_profile(services: Services, context: PageContext, area: str | None, round_code: str | None) -> list[Any]:
    """What changes with the area and the round."""
    return content(services.profile.profile(context.user, context.site, area or None, round_code or None), context)


def register_callbacks(app: Dash, services: Services) -> None:
    app.callback(
        Output(Ids.CONTENT, "children"),
        Input(Ids.AREA, "value"),
        Input(Ids.ROUND, "value"),
        State("location", "pathname"),
        prevent_initial_call=True,
    )(lambda area, code, path: show_profile(services, app.router.context_of(path), area, code))
    keep_in_address(app, [Ids.AREA, Ids.ROUND])
    app.clientside_callback(
        ClientsideFunction("povertyMap", "print"),
        Output(Ids.PRINTED, "data"),
        Input(Ids.PRINT, "n_clicks"),
        prevent_initial_call=True,
    )


def locator_file(services: Services, context: PageContext) -> Resource:
    """The small map with the area standing out."""
    shapes, area = services.profile.shapes(context.user, context.site, context.query.get("area") or None)
    chosen = [area is not None and (area.level == 0 or shape.area.code == area.code) for shape in shapes]
    label = area.name if area else ""
    content = locator_svg([shape.geometry for shape in shapes], chosen, label)
    return Resource(content.encode(), "image/svg+xml")


QUERIES = {"map.svg": frozenset({"area"})}
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {"map.svg": locator_file}
