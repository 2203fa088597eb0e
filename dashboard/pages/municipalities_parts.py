"""Municipalities: how they spread, departments and provinces over the years, changes, lines that are kept, ranking."""

from __future__ import annotations

from typing import Any

from dash import html

from budget_model.spending.municipal_comparison import REAL, Comparison
from budget_model.spending.ranking import OF_LINES, MunicipalYear, Ranked, Ranking
from dashboard.components import Column, SmallChart, card, data_table, no_data, notice, small_charts, source_note
from dashboard.components.small_charts import class_bars
from dashboard.context import PageContext
from dashboard.figures.small_multiple_svg import dot_places
from dashboard.pages.municipalities_asked import ALL, Asked, choosing_link, chosen
from dashboard.services import Services
from dashboard.services.municipalities import Compared, MunicipalChoices
from dashboard.views import municipal_places as places
from dashboard.views import municipalities as views
from dashboard.views.budget import currency_of

MOST_STRIPS = 6  # of places; the others stand under a line that opens
TEXTS = (1, 3, 4)  # columns of the ranking that hold no numbers
FIRST_FOLDED = 4  # from here on a phone folds them


def content(services: Services, there: MunicipalChoices, asked: Asked, context: PageContext) -> list[Any]:
    """The way down, what to know first, and the cards."""
    found = services.municipalities.compared(context.user, context.site, asked.question, asked.scheme, there)
    ranking = found.comparison.ranking
    own = ranking.find(there.own_code) if there.own_code else None
    apart = places.unequal_years_sentence(found.comparison, context)
    return [
        crumbs(asked, context),
        *([notice([apart])] if apart else []),
        distribution_card(ranking, own, there, asked, found, context),
        *([lines_card(found.kept or (), found.comparison, asked, context)] if asked.by in OF_LINES else []),
        places_card(found.comparison, there, asked, context),
        *([changes_card(found.comparison, there, asked, context)] if len(found.comparison.years) > 1 else []),
        ranking_card(ranking, own, asked, context),
    ]


def crumbs(asked: Asked, context: PageContext) -> html.Nav:
    """Country, department, province: each leads back up."""
    _ = context.gettext
    steps: list[Any] = [(_("All of the country"), "department", ALL)]
    if asked.department != ALL:
        steps.append((views.place_name(asked.department), "province", ""))
    if asked.province:
        steps.append((views.place_name(asked.province), "", ""))
    items = [
        html.Li(choosing_link(text, name, value, asked, context) if place < len(steps) - 1 else html.Strong(text))
        for place, (text, name, value) in enumerate(steps)
    ]
    return html.Nav(html.Ol(items, className="crumbs"), **{"aria-label": _("Department and province")})


def told_figure(sentence: str, unit: str, picture: Any, table: Any, sources: list[str], context: PageContext) -> Any:
    """A picture of HTML with its finding, unit, figures as a table and source."""
    return html.Figure(
        [
            html.Figcaption([html.Strong(sentence, className="finding"), html.Span(unit, className="unit")]),
            picture,
            html.Details([html.Summary(context.gettext("Show the figures as a table")), table]),
            source_note(context, sources),
        ],
        className="captioned-figure",
    )


def sources_of(there: MunicipalChoices, asked: Asked, context: PageContext) -> list[str]:
    return views.sources(there, asked.year, asked.prices == REAL, context)


def distribution_card(
    found: Ranking,
    own: Ranked | None,
    there: MunicipalChoices,
    asked: Asked,
    compared: Compared,
    context: PageContext,
) -> html.Section:
    _ = context.gettext
    currency = currency_of(context)
    told = views.finding(found, own, asked.by, asked.year, currency, context)
    if not found.ranked:
        return card(_("How they spread"), [no_data(told, why_none(asked, there, compared.comparison, context))])
    spread = views.classes(found, own, asked.by, currency, context)
    counts = [context.formats.number(count) for count in spread.counts]
    rows = [[label, count] for label, count in zip(spread.labels, counts, strict=True)]
    name = _(views.MEASURE_NAMES[asked.by])
    table = data_table(_("Municipalities by class"), [Column(name), Column(_("Municipalities"), True)], rows)
    unit = _("Number of municipalities in each class of: {name}. {year}", name=name, year=asked.year)
    picture = class_bars(spread.labels, spread.counts, counts, spread.marked)
    shown = told_figure(told, unit, picture, table, sources_of(there, asked, context), context)
    return card(_("How they spread"), [shown, *notes(found, asked, there, compared.comparison, context)])


def why_none(asked: Asked, there: MunicipalChoices, found: Comparison, context: PageContext) -> str:
    """What would have to be there for the figure."""
    _ = context.gettext
    if asked.by == "counted_share":
        return _("Lines of a municipality are needed for it, and tags on them that somebody approved.")
    if asked.by == "declared_share":
        return _("Lines of a municipality are needed for it, in a file that names programmes or states a share.")
    if asked.prices == REAL and asked.year in found.without_index and "_per_" in asked.by:
        return places.price_sentence(found, True, context)
    if asked.by.endswith("_per_woman") and not there.has_women:
        return _("No inhabitants are kept that tell women and men apart. A file with “women,men” would do.")
    return _("Inhabitants of districts are needed for it; a municipality of a province serves several districts.")


def notes(
    found: Ranking, asked: Asked, there: MunicipalChoices, compared: Comparison, context: PageContext
) -> list[Any]:
    """What to know before comparing."""
    _ = context.gettext
    told = [_("Amounts are as of the day on which the file was made: a year that had not ended is not whole.")]
    told.append(places.price_sentence(compared, asked.prices == REAL, context))
    if "_per_" in asked.by:
        told.append(_("Inhabitants are of the year that the source states, not of the budget year."))
        if not there.has_women:
            told.append(_("Neither women nor men are told apart in this source, so there is no figure for each woman."))
    if asked.by == "counted_share":
        told.append(_("At least so much counts: money that nobody has looked at is not in it."))
    if asked.by == "declared_share":
        told.append(_("Declared is what the ministry's own file marks; nobody here has looked at what the money does."))
    if found.unknown:
        number = context.formats.number(len(found.unknown))
        told.append(
            context.ngettext(
                "{number} municipality has no such figure and is not ranked.",
                "{number} municipalities have no such figure and are not ranked.",
                len(found.unknown),
                number=number,
            )
        )
    return [html.P(sentence, className="hint") for sentence in told]


def lines_card(kept: tuple[MunicipalYear, ...], found: Comparison, asked: Asked, context: PageContext) -> html.Section:
    """Municipalities with lines here: how much was looked at stands beside every share."""
    count = len(found.ranking.ranked) + len(found.ranking.unknown)
    chosen = [one for one in kept if asked.selection.keeps(one)]
    parts: list[Any] = [html.P(places.lines_sentence(chosen, count, asked.year, context))]
    if chosen:
        columns = [Column(name, place > 0) for place, name in enumerate(places.lines_header(context))]
        rows = [
            [
                chosen(views.long_name(one), "municipality", one.code, asked, context),
                *places.lines_cells(one, context),
            ]
            for one in chosen
        ]
        parts.append(data_table(context.gettext("Municipalities whose lines are kept here"), columns, rows))
    return card(context.gettext("What is known of their lines"), parts)


def places_card(found: Comparison, there: MunicipalChoices, asked: Asked, context: PageContext) -> html.Section:
    """A small chart a department, province or municipality; its name leads down."""
    _ = context.gettext
    currency = currency_of(context)
    shown = places.place_strips(found, asked.by, currency, context)
    title = places.places_title(asked.selection, context)
    columns = [Column(_("Name")), *[Column(year, True) for year in places.year_titles(found, asked.by, context)]]
    columns.append(Column(_("Municipalities in the sum"), True))
    table = data_table(title, columns, places.places_rows(found, asked.by, currency, context))
    hint = html.P(
        _("Each is the sum of its municipalities, also those of provinces, over the sum of what it is measured by."),
        className="hint",
    )
    sentence = places.places_sentence(found, shown, asked.by, currency, context)
    unit = places.scale_sentence(shown, asked.by, currency, found.years, context)
    picture = strips_list(shown, MOST_STRIPS, asked, context)
    sources = sources_of(there, asked, context)
    left_out = places.left_out_sentence(found, asked.by, context)
    hints = [*([html.P(left_out, className="hint")] if left_out else []), hint]
    return card(title, [told_figure(sentence, unit, picture, table, sources, context), *hints])


def strips_list(shown: places.Strips, most: int, asked: Asked, context: PageContext) -> html.Div:
    """The first ones, and the others under a line that opens: a phone shows one below the other."""
    items = [strip(one, shown, asked, context) for one in shown.strips]
    if len(items) <= most:
        return html.Div([small_charts(items)])
    more = context.gettext("The other {count}", count=context.formats.number(len(items) - most))
    rest = html.Details([html.Summary(more), small_charts(items[most:])])
    return html.Div([small_charts(items[:most]), rest])


def strip(one: places.Strip, shown: places.Strips, asked: Asked, context: PageContext) -> SmallChart:
    name, value = "department", one.department
    if one.code:
        name, value = "municipality", one.code
    elif one.province:
        name, value = "province", one.province
    places_of_dots = dot_places(one.values, shown.top, shown.low)
    return SmallChart(chosen(one.name, name, value, asked, context), one.told, places_of_dots)


def changes_card(found: Comparison, there: MunicipalChoices, asked: Asked, context: PageContext) -> html.Section:
    """The largest rises and falls from the first year to the last."""
    _ = context.gettext
    currency, years = currency_of(context), found.years
    title = _("Largest changes from {first} to {last}", first=years[0], last=years[-1])
    if places.unequal_years_sentence(found, context) and asked.by in places.UNTIL_YEARS_END:
        told = _(
            "These years cannot be compared by this figure, because one of them had probably not ended. Figures of PIA "
            "and PIM can."
        )
        return card(title, [html.P(told)])
    if not found.changes:
        return card(title, [html.P(_("No municipality of this selection has the figure in both years."))])
    shown = places.change_strips(found.changes, years, asked.by, currency, context)
    columns = [Column(_("Municipality")), *[Column(str(year), True) for year in (years[0], years[-1])]]
    columns.append(Column(_("Difference"), True))
    table = data_table(title, columns, places.change_rows(found.changes, asked.by, currency, context))
    sentence = places.changes_sentence(found.changes, years, context)
    unit = places.scale_sentence(shown, asked.by, currency, years, context)
    picture = strips_list(shown, len(shown.strips), asked, context)
    return card(title, [told_figure(sentence, unit, picture, table, sources_of(there, asked, context), context)])


def ranking_card(found: Ranking, own: Ranked | None, asked: Asked, context: PageContext) -> html.Section:
    _ = context.gettext
    shown = views.shown_rows(found, own)
    currency = currency_of(context)
    rows = [
        [
            context.formats.number(one.place),
            chosen(views.short_name(one.municipality), "municipality", one.municipality.code, asked, context),
            *views.cells(one, asked.by, currency, context),
        ]
        for one in shown
    ]
    columns = [
        Column(name, place not in TEXTS, place >= FIRST_FOLDED)
        for place, name in enumerate(views.header(asked.by, context))
    ]
    caption = _(
        "{name}, {year}: from the highest value; equal values share a place",
        name=_(views.MEASURE_NAMES[asked.by]),
        year=asked.year,
    )
    parts: list[Any] = []
    if len(shown) < len(found.ranked):
        told = _(
            "{shown} of {all} are listed: both ends and those beside this municipality. The file has all of them.",
            shown=context.formats.number(len(shown)),
            all=context.formats.number(len(found.ranked)),
        )
        parts.append(html.P(told, className="hint"))
    table = data_table(caption, columns, rows, _("More"))
    return card(_("Ranking"), [*parts, html.Div(table, className="ranking")])
