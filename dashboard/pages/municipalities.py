"""Municipalities: all of a country beside each other by what they did with their budgets, and one over the years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from dash import Input, Output, State, html

from budget_model.errors import InputError
from budget_model.spending.ranking import MEASURES, Ranked, Ranking
from dashboard.components import (
    Column,
    captioned_figure,
    card,
    data_table,
    file_links,
    keep_in_address,
    no_data,
    page_header,
    select,
    source_note,
)
from dashboard.components.forms import field, file_field, plain_form, submit
from dashboard.context import PageContext
from dashboard.figures.distribution import distribution_figure
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.queries import unknown_choice
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.municipalities import MunicipalChoices
from dashboard.shown_errors import ToldError
from dashboard.views import municipalities as views
from dashboard.views.budget import currency_of
from data.writers.tables import csv_bytes, xlsx_bytes

NAME = "municipalities"
TITLE = mark("Municipalities compared")
GROUP = Group.BUDGET
ROLES = EVERYBODY
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ALL = "all"
CHOICES = ("year", "by", "department", "governs")
FIRST_NUMBER = 3  # columns from here on hold numbers


class Ids(StrEnum):
    """Components that callbacks talk to."""

    YEAR = "municipalities-year"
    BY = "municipalities-by"
    DEPARTMENT = "municipalities-department"
    GOVERNS = "municipalities-governs"
    CONTENT = "municipalities-content"
    DOWNLOADS = "municipalities-downloads"
    CHART = "municipalities-chart"


@dataclass(frozen=True)
class Asked:
    """What is to be ranked: year, measure, department and what the municipalities govern (ALL: every one)."""

    year: int
    by: str
    department: str
    governs: str

    @property
    def query(self) -> dict[str, str]:
        return {"year": str(self.year), "by": self.by, "department": self.department, "governs": self.governs}


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    there = services.municipalities.choices(context.user, context.site)
    subtitle = _("What municipalities did with their budgets, from the ministry's public query page.")
    forms = [import_card(context)] if there.may_import else []
    if not there.years:
        how = _("Somebody who monitors brings in a file of the ministry's query page, with a row a municipality.")
        empty = no_data(_("No budgets of municipalities are kept yet."), how)
        return html.Div([page_header(_(TITLE), subtitle), empty, *forms])
    asked = asked_of(context, there)
    header = page_header(_(TITLE), subtitle, [html.Div(downloads(asked, context), id=Ids.DOWNLOADS)])
    shown = html.Div(content(services, there, asked, context), id=Ids.CONTENT)
    code = context.query.get("municipality")
    one = [one_card(services, code, context)] if code else []
    return html.Div([header, *one, html.Div(filters(there, asked, context), className="filters"), shown, *forms])


def asked_of(context: PageContext, there: MunicipalChoices) -> Asked:
    """What the address asks for; what it leaves out or gets wrong is the first choice."""
    known = known_choices(there)
    values = {name: context.query.get(name, "") for name in CHOICES}
    kept = {name: value if value in known[name] else known[name][0] for name, value in values.items()}
    return Asked(int(kept["year"]), kept["by"], kept["department"], kept["governs"])


def known_choices(there: MunicipalChoices) -> dict[str, list[str]]:
    return {
        "year": [str(one.year) for one in there.years],
        "by": list(MEASURES),
        "department": [ALL, *there.departments],
        "governs": [ALL, *views.GOVERNS_NAMES],
    }


def filters(there: MunicipalChoices, asked: Asked, context: PageContext) -> list[Any]:
    _ = context.gettext
    years = [{"label": str(one.year), "value": str(one.year)} for one in there.years]
    measures = [{"label": _(text), "value": name} for name, text in views.MEASURE_NAMES.items()]
    departments = [{"label": _("All of the country"), "value": ALL}]
    departments += [{"label": name, "value": name} for name in there.departments]
    governs = [{"label": _("All municipalities"), "value": ALL}]
    governs += [{"label": _(text), "value": name} for name, text in views.GOVERNS_NAMES.items()]
    return [
        select(Ids.YEAR, _("Year"), years, str(asked.year)),
        select(Ids.BY, _("Order by"), measures, asked.by),
        select(Ids.DEPARTMENT, _("Department"), departments, asked.department),
        select(Ids.GOVERNS, _("Which ones"), governs, asked.governs),
    ]


def content(services: Services, there: MunicipalChoices, asked: Asked, context: PageContext) -> list[Any]:
    """The finding, the distribution and the ranking."""
    found = ranking(services, asked, context)
    own = found.find(there.own_code) if there.own_code else None
    return [distribution_card(found, own, there, asked, context), ranking_card(found, own, asked, context)]


def ranking(services: Services, asked: Asked, context: PageContext) -> Ranking:
    chosen = ["" if value == ALL else value for value in (asked.department, asked.governs)]
    return services.municipalities.ranking(context.user, context.site, asked.year, asked.by, *chosen)


def distribution_card(
    found: Ranking, own: Ranked | None, there: MunicipalChoices, asked: Asked, context: PageContext
) -> html.Section:
    _ = context.gettext
    currency = currency_of(context)
    told = views.finding(found, own, asked.by, asked.year, currency, context)
    if not found.ranked:
        why = _("Inhabitants of districts are needed for it; a municipality of a province serves several districts.")
        return card(_("How they spread"), [no_data(told, why)])
    spread = views.classes(found, own, asked.by, currency, context)
    name = _(views.MEASURE_NAMES[asked.by])
    titles = {"value": name, "count": _("Municipalities"), "marked": views.short_name(own.municipality) if own else ""}
    rows = [[label, context.formats.number(count)] for label, count in zip(spread.labels, spread.counts, strict=True)]
    table = data_table(_("Municipalities by class"), [Column(name), Column(_("Municipalities"), True)], rows)
    figure = distribution_figure(spread.labels, spread.counts, spread.marked, titles)
    unit = _("Number of municipalities in each class of: {name}. {year}", name=name, year=asked.year)
    shown = captioned_figure(
        Ids.CHART, figure, context, sentence=told, unit=unit, table=table, sources=sources(there, asked.year, context)
    )
    return card(_("How they spread"), [shown, *notes(found, asked, there, context)])


def sources(there: MunicipalChoices, year: int, context: PageContext) -> list[str]:
    _ = context.gettext
    kept = next(one for one in there.years if one.year == year)
    told = _(
        "Ministry of Economy and Finance, query page ({files}), brought in on {date}",
        files=", ".join(kept.files),
        date=context.formats.date(kept.imported_at.date()),
    )
    return [told, *([f"{there.population[0]} ({there.population[1]})"] if there.population else [])]


def notes(found: Ranking, asked: Asked, there: MunicipalChoices, context: PageContext) -> list[Any]:
    """What to know before comparing."""
    _ = context.gettext
    told = [_("Amounts are as of the day on which the file was made: a year that had not ended is not whole.")]
    if asked.by.endswith("_per_person"):
        told.append(_("Inhabitants are of the year that the source states, not of the budget year."))
        told.append(_("Neither women nor men are told apart in this source, so there is no figure for each woman."))
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


def ranking_card(found: Ranking, own: Ranked | None, asked: Asked, context: PageContext) -> html.Section:
    _ = context.gettext
    shown = views.shown_rows(found, own)
    currency = currency_of(context)
    rows = [
        [
            context.formats.number(one.place),
            municipality_link(one, asked, context),
            *views.cells(one, asked.by, currency, context),
        ]
        for one in shown
    ]
    columns = [Column(name, place >= FIRST_NUMBER) for place, name in enumerate(views.header(asked.by, context))]
    columns[0] = Column(columns[0].title, True)
    caption = _("Municipalities from the highest value, {year}; equal values share a place", year=asked.year)
    parts: list[Any] = []
    if len(shown) < len(found.ranked):
        told = _(
            "{shown} of {all} are listed: both ends and those beside this municipality. The file has all of them.",
            shown=context.formats.number(len(shown)),
            all=context.formats.number(len(found.ranked)),
        )
        parts.append(html.P(told, className="hint"))
    return card(_("Ranking"), [*parts, data_table(caption, columns, rows)])


def municipality_link(one: Ranked, asked: Asked, context: PageContext) -> html.A:
    address = context.address(NAME, **asked.query, municipality=one.municipality.code)
    return html.A(views.short_name(one.municipality), href=address)


def one_card(services: Services, code: str, context: PageContext) -> html.Section:
    """One municipality over the years that are kept."""
    _ = context.gettext
    years = services.municipalities.years_of(context.user, context.site, code)
    if not years:
        return card(_("Municipality"), [no_data(_("There is no municipality “{code}” here.", code=code[:40]), "")])
    newest = years[-1]
    columns = [Column(name, place > 0) for place, name in enumerate(views.year_header(context))]
    rows = views.year_rows(years, currency_of(context), context)
    place = _(
        "{province}, {department}. Code {code}.", province=newest.province, department=newest.department, code=code
    )
    table = data_table(_("Years of {name}, the newest first", name=newest.name), columns, rows)
    source = source_note(context, [_("Ministry of Economy and Finance, query page")])
    return card(newest.name, [html.P(place), table, source])


def import_card(context: PageContext) -> html.Section:
    """For those who monitor: files of budgets and of inhabitants."""
    _ = context.gettext
    budgets = plain_form(
        f"{context.address(NAME)}/budgets",
        [
            file_field("file", _("File of the ministry's query page (XLSX, CSV)"), (".xlsx", ".csv"), required=True),
            html.Div([submit(_("Bring budgets in"))], className="buttons"),
        ],
        has_files=True,
    )
    hint = _("Columns code, year, persons; women and men where they are told apart. It replaces what is kept.")
    population = plain_form(
        f"{context.address(NAME)}/population",
        [
            file_field("file", _("Inhabitants of districts (CSV)"), (".csv",), hint, required=True),
            field("source", _("Who counted, and where it was published"), required=True, maxlength=300),
            html.Div([submit(_("Bring inhabitants in"), kind="outline-secondary")], className="buttons"),
        ],
        has_files=True,
    )
    return card(_("Bring files in"), [budgets, population])


# --- what is posted --------------------------------------------------------------------------------------------------


def take(services: Services, context: PageContext, posted: Posted, kind: str) -> str:
    """Take a file in whole, or say everything that is wrong with it and where."""
    files = posted.files.get("file", ())
    if not files:
        raise ToldError([context.gettext("No file was chosen. Go back and choose one.")])
    try:
        if kind == "budgets":
            services.municipalities.take_budgets(context.user, context.site, *files[0])
        else:
            source = posted.fields.get("source", "")
            services.municipalities.take_population(context.user, context.site, *files[0], source)
    except InputError as error:
        raise ToldError(
            [context.gettext("Nothing was stored."), *views.refusal_sentences(error.problems, context)]
        ) from error
    return context.address(NAME)


ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str]] = {
    "budgets": partial(take, kind="budgets"),
    "population": partial(take, kind="population"),
}


# --- files -----------------------------------------------------------------------------------------------------------


def downloads(asked: Asked, context: PageContext) -> html.Div:
    told = context.gettext("The whole ranking")
    return file_links(told, lambda kind: context.address(f"{NAME}/municipalities.{kind}", **asked.query))


def export(services: Services, context: PageContext, kind: str) -> Resource:
    _ = context.gettext
    there = services.municipalities.choices(context.user, context.site)
    if not there.years:
        raise ToldError([_("No budgets of municipalities are kept yet.")])
    for name, known in known_choices(there).items():
        value = context.query.get(name)
        if value and value not in known:
            raise unknown_choice(name, value, known, context)
    asked = asked_of(context, there)
    found = ranking(services, asked, context)
    facts = [
        (_("Year"), str(asked.year)),
        (_("Order by"), _(views.MEASURE_NAMES[asked.by])),
        (_("Department"), _("All of the country") if asked.department == ALL else asked.department),
        (_("Currency"), currency_of(context)),
        *((_("Source"), source) for source in sources(there, asked.year, context)),
    ]
    table = views.export_table(found, asked.by, context)
    name = f"{NAME}-{asked.year}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(facts, [table]), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), facts, [table]), XLSX, name)


QUERIES = dict.fromkeys(("municipalities.csv", "municipalities.xlsx"), frozenset(CHOICES))
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "municipalities.csv": partial(export, kind="csv"),
    "municipalities.xlsx": partial(export, kind="xlsx"),
}


def answer(
    app: Any, services: Services, year: str, by: str, department: str, governs: str, path: str
) -> tuple[Any, Any]:
    context = app.router.context_of(path)
    there = services.municipalities.choices(context.user, context.site)
    known, values = known_choices(there), {"year": year, "by": by, "department": department, "governs": governs}
    for name, value in values.items():
        if value not in known[name]:
            raise unknown_choice(name, str(value), known[name], context)
    asked = Asked(int(year), by, department, governs)
    return content(services, there, asked, context), downloads(asked, context)


def register_callbacks(app: Any, services: Services) -> None:
    chosen = [Ids.YEAR, Ids.BY, Ids.DEPARTMENT, Ids.GOVERNS]
    app.callback(
        [Output(Ids.CONTENT, "children"), Output(Ids.DOWNLOADS, "children")],
        [Input(name, "value") for name in chosen],
        State("location", "pathname"),
        prevent_initial_call=True,
    )(partial(answer, app, services))
    keep_in_address(app, chosen)
