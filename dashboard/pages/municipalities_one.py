"""Municipalities: one of them over its years, nominal and real, and what its lines say where they are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import html

from budget_model.spending.lines import STAGES
from budget_model.spending.municipal_comparison import REAL, price_factor
from dashboard.components import Column, card, data_table, no_data, source_note
from dashboard.context import PageContext
from dashboard.pages.municipalities_asked import Asked, choosing_link
from dashboard.services import Services
from dashboard.services.municipalities import MunicipalChoices, OneMunicipality
from dashboard.views import municipal_places as places
from dashboard.views import municipalities as views
from dashboard.views.budget import currency_of, stage_names
from data.workflows.municipal_lines import MunicipalLines


def one_card(services: Services, there: MunicipalChoices, asked: Asked, context: PageContext) -> list[Any]:
    """Nothing where no municipality is chosen."""
    _ = context.gettext
    if not asked.municipality:
        return []
    code = asked.municipality
    found = services.municipalities.one(context.user, context.site, code, asked.by, asked.scheme)
    back = html.P(choosing_link(_("Close this municipality"), "municipality", "", asked, context))
    if not found.years:
        told = _("There is no municipality “{code}” here.", code=code)
        return [card(_("Municipality"), [no_data(told, _("Choose one in the ranking.")), back])]
    newest = found.years[-1]
    where = _(
        "{province}, {department}. Code {code}.",
        province=views.place_name(newest.province),
        department=views.place_name(newest.department),
        code=code,
    )
    parts = [html.P(where), *place_sentences(found, asked, context), years_table(found, there, asked, context)]
    return [card(newest.name, [*parts, *lines_parts(found, asked, context), back])]


def place_sentences(found: OneMunicipality, asked: Asked, context: PageContext) -> list[html.P]:
    """Its place in the country, year by year; the same year for all that it is compared with."""
    _, number = context.gettext, context.formats.number
    name = _(views.MEASURE_NAMES[asked.by])
    told = []
    for year, place in found.places.items():
        if place is None:
            told.append(_("{name}, {year}: not known of this municipality.", name=name, year=year))
        else:
            told.append(
                _(
                    "{name}, {year}: place {place} of {count}.",
                    name=name,
                    year=year,
                    place=number(place[0]),
                    count=number(place[1]),
                )
            )
    return [html.P(sentence, className="hint") for sentence in told]


def years_table(found: OneMunicipality, there: MunicipalChoices, asked: Asked, context: PageContext) -> html.Div:
    """At the prices asked for; shares are the same at all prices."""
    _ = context.gettext
    base = there.index.newest_of([one.year for one in there.years]) if there.index else None
    years = [replace(one, price_factor=price_factor(one.year, base, asked.prices, there.index)) for one in found.years]
    columns = [Column(_("Figure")), *(Column(str(one.year), True) for one in reversed(years))]
    rows = views.figure_rows(years, currency_of(context), context)
    table = data_table(_("Years of {name}, the newest first", name=years[-1].name), columns, rows)
    without = [one.year for one in years if one.price_factor is None]
    told = places.price_words(base, without, asked.prices == REAL, context)
    note = source_note(context, views.sources(there, None, asked.prices == REAL, context))
    return html.Div([html.P(told, className="hint"), table, note])


def lines_parts(found: OneMunicipality, asked: Asked, context: PageContext) -> list[Any]:
    """Its lines by function, and how far they have been looked at, at the site that keeps them."""
    _ = context.gettext
    if found.is_invented_site:
        return [html.P(_("The lines of this demonstration site are invented: they are not set beside real figures."))]
    if not found.lines:
        return [html.P(_("No lines of this municipality are kept here that you may see. That is unknown, not 0."))]
    return [part for one in reversed(found.lines) for part in year_of_lines(one, asked, context)]


def year_of_lines(one: MunicipalLines, asked: Asked, context: PageContext) -> list[Any]:
    _, formats, currency = context.gettext, context.formats, currency_of(context)
    there = one.gender
    names = stage_names(context)
    told = [
        _(
            "{looked} of its {lines} lines of {year} have been looked at.",
            looked=formats.number(there.looked_at),
            lines=formats.number(there.lines),
            year=one.year,
        )
    ]
    if there.counted is not None and there.total:
        told.append(
            _("At least {share} of the PIM counts by the scheme.", share=formats.share(there.counted / there.total))
        )
    if there.declared is None:
        told.append(_("The file declares nothing of gender: it has no such mark."))
    elif there.total:
        told.append(
            _("The file itself declares {share} of the PIM.", share=formats.share(there.declared / there.total))
        )
    columns = [Column(_("Function")), Column(_("Lines"), True), *(Column(names[stage], True) for stage in STAGES)]
    rows = [
        [
            part.name or _("not stated"),
            formats.number(part.lines),
            *("–" if part.amounts[stage] is None else formats.money(part.amounts[stage], currency) for stage in STAGES),
        ]
        for part in one.functions
    ]
    table = data_table(_("Lines by function, {year}; amounts of the year's own prices", year=one.year), columns, rows)
    address = f"/{context.language}/{one.slug}/review?year={one.year}"
    links = [html.A(_("Its lines of {year}, one by one", year=one.year), href=address)]
    return [html.P(" ".join(told)), table, html.P(links)]
