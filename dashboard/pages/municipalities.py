"""Municipalities: all of a country beside each other by what they did with their budgets, and one over the years."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Input, Output, State, dcc, html

from budget_model.errors import InputError
from budget_model.spending.municipal_comparison import REAL, SIZES
from budget_model.spending.ranking import MEASURES, OF_LINES
from dashboard.components import card, file_links, keep_in_address, no_data, page_header, select
from dashboard.components.forms import field, file_field, plain_form, submit
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.municipalities_asked import ALL, CHOICES, Asked, Ids
from dashboard.pages.municipalities_one import one_card
from dashboard.pages.municipalities_parts import content
from dashboard.queries import unknown_choice
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.municipalities import MunicipalChoices
from dashboard.shown_errors import ToldError
from dashboard.views import municipal_places as places
from dashboard.views import municipalities as views
from dashboard.views.budget import currency_of
from data.writers.tables import csv_bytes, xlsx_bytes

NAME = "municipalities"
TITLE = mark("Municipalities compared")
GROUP = Group.BUDGET
ROLES = EVERYBODY
REAL_FIGURES = mark(
    "The figures of this page are real: budgets that the Ministry of Economy and Finance of Peru publishes, in the "
    "files named as sources below. Only the rest of this demonstration site is invented."
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    shown = html.Div(content(services, there, asked, context), id=Ids.CONTENT, tabIndex=-1)
    one = html.Div(one_card(services, there, asked, context), id=Ids.ONE, tabIndex=-1)
    return html.Div(
        [
            header,
            html.Div(filters(services, there, asked, context), className="filters municipal-filters"),
            dcc.Store(id=Ids.ONE_ASKED, data=""),
            one,
            shown,
            *forms,
        ]
    )


def asked_of(context: PageContext, there: MunicipalChoices) -> Asked:
    """What the address asks for; what it leaves out or gets wrong is the first choice."""
    known = known_choices(there)
    values = {name: context.query.get(name, "") for name in known}
    kept = {name: value if value in known[name] else known[name][0] for name, value in values.items()}
    return made(kept, context.query.get("province", ""), context.query.get("municipality", ""), there)


def made(kept: dict[str, str], province: str, municipality: str, there: MunicipalChoices) -> Asked:
    """A province of another department than the chosen one is passed over: it stays behind when that one changes."""
    is_of = province in there.provinces.get(kept["department"], ())
    others = {name: value for name, value in kept.items() if name != "year"}
    return Asked(year=int(kept["year"]), province=province if is_of else "", municipality=municipality[:40], **others)


def known_choices(there: MunicipalChoices) -> dict[str, list[str]]:
    return {
        "year": [str(one.year) for one in there.years],
        "by": list(MEASURES),
        "prices": list(views.PRICE_NAMES),
        "department": [ALL, *there.departments],
        "size": [ALL, *SIZES],
        "governs": [ALL, *views.GOVERNS_NAMES],
        "scheme": list(there.schemes),
    }


def filters(services: Services, there: MunicipalChoices, asked: Asked, context: PageContext) -> list[Any]:
    _ = context.gettext
    schemes = services.tags.schemes()
    departments = [{"label": views.place_name(name), "value": name} for name in there.departments]
    years = [{"label": str(one.year), "value": str(one.year)} for one in there.years]
    names = [{"label": context.in_language(schemes[name].label), "value": name} for name in there.schemes]
    everywhere = {"label": _("All of the country"), "value": ALL}
    return [
        select(Ids.YEAR, _("Year, the same for all"), years, str(asked.year)),
        select(Ids.BY, _("Order by"), options(views.MEASURE_NAMES, context), asked.by),
        select(Ids.PRICES, _("Prices"), options(views.PRICE_NAMES, context), asked.prices),
        select(Ids.DEPARTMENT, _("Department"), [everywhere, *departments], asked.department),
        select(Ids.SIZE, _("Size"), options(views.SIZE_NAMES, context, _("Any size")), asked.size),
        select(
            Ids.GOVERNS, _("Which ones"), options(views.GOVERNS_NAMES, context, _("All municipalities")), asked.governs
        ),
        select(Ids.SCHEME, _("Scheme that counts the money"), names, asked.scheme),
        dbc.Input(id=Ids.PROVINCE, type="hidden", value=asked.province),
        dbc.Input(id=Ids.MUNICIPALITY, type="hidden", value=asked.municipality),
    ]


def options(names: Any, context: PageContext, every: str = "") -> list[dict[str, str]]:
    first = [{"label": every, "value": ALL}] if every else []
    return first + [{"label": context.gettext(text), "value": name} for name, text in names.items()]


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
    refuse_unknown({name: context.query.get(name) for name in known_choices(there)}, there, context)
    asked = asked_of(context, there)
    if context.query.get("province", "") != asked.province:
        raise unknown_choice("province", context.query["province"], there.provinces.get(asked.department, ()), context)
    found = services.municipalities.compared(context.user, context.site, asked.question, asked.scheme, there)
    scheme = services.tags.schemes()[asked.scheme]
    facts = [
        (_("Year"), str(asked.year)),
        (_("Order by"), _(views.MEASURE_NAMES[asked.by])),
        (_("Prices"), places.price_sentence(found.comparison, asked.prices == REAL, context)),
        (_("Department"), _("All of the country") if asked.department == ALL else asked.department),
        *([(_("Province"), asked.province)] if asked.province else []),
        *([(_("Size"), _(views.SIZE_NAMES[asked.size]))] if asked.size != ALL else []),
        *([(_("Which ones"), _(views.GOVERNS_NAMES[asked.governs]))] if asked.governs != ALL else []),
        *([(_("Scheme that counts the money"), context.in_language(scheme.label))] if asked.by in OF_LINES else []),
        (_("Currency"), currency_of(context)),
        *((_("Source"), source) for source in views.sources(there, asked.year, asked.prices == REAL, context)),
    ]
    tables = views.export_tables(found.comparison, asked.by, context)
    name = f"{NAME}-{asked.year}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(facts, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), facts, tables), XLSX, name)


def refuse_unknown(values: dict[str, str | None], there: MunicipalChoices, context: PageContext) -> None:
    known = known_choices(there)
    for name, value in values.items():
        if value and value not in known[name]:
            raise unknown_choice(name, value, known[name], context)


QUERIES = dict.fromkeys(("municipalities.csv", "municipalities.xlsx"), frozenset(CHOICES))
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "municipalities.csv": partial(export, kind="csv"),
    "municipalities.xlsx": partial(export, kind="xlsx"),
}
CHOSEN = (Ids.YEAR, Ids.BY, Ids.PRICES, Ids.DEPARTMENT, Ids.SIZE, Ids.GOVERNS, Ids.SCHEME)


def chosen_of(services: Services, context: PageContext, values: Any, province: str, municipality: str) -> Any:
    """What can be chosen, and what is; ToldError for a value that there is not."""
    there = services.municipalities.choices(context.user, context.site)
    kept = dict(zip(known_choices(there), values, strict=True))
    refuse_unknown({name: value or "?" for name, value in kept.items()}, there, context)
    return there, made(kept, province or "", municipality or "", there)


def answer(app: Any, services: Services, *values: str) -> tuple[Any, Any]:
    *chosen, province, path = values
    context = app.router.context_of(path)
    there, asked = chosen_of(services, context, chosen, province, "")
    return content(services, there, asked, context), downloads(asked, context)


def answer_one(app: Any, services: Services, _asked: str, *values: str) -> Any:
    municipality, *chosen, province, path = values
    context = app.router.context_of(path)
    there, asked = chosen_of(services, context, chosen, province, municipality)
    return one_card(services, there, asked, context)


def register_callbacks(app: Any, services: Services) -> None:
    path = State("location", "pathname")
    app.callback(
        [Output(Ids.CONTENT, "children"), Output(Ids.DOWNLOADS, "children")],
        [Input(name, "value") for name in (*CHOSEN, Ids.PROVINCE)],
        path,
        prevent_initial_call=True,
    )(partial(answer, app, services))
    tells = (Ids.MUNICIPALITY, Ids.BY, Ids.PRICES, Ids.SCHEME)  # of one municipality, these say something else
    app.clientside_callback(  # while none is open, the server is not asked
        ClientsideFunction("municipalities", "oneAsked"),
        Output(Ids.ONE_ASKED, "data"),
        [Input(name, "value") for name in tells],
        State(Ids.ONE_ASKED, "data"),
        prevent_initial_call=True,
    )
    app.callback(
        Output(Ids.ONE, "children"),
        Input(Ids.ONE_ASKED, "data"),
        [*(State(name, "value") for name in (Ids.MUNICIPALITY, *CHOSEN, Ids.PROVINCE)), path],
        prevent_initial_call=True,
    )(partial(answer_one, app, services))
    keep_in_address(app, [*CHOSEN, Ids.PROVINCE, Ids.MUNICIPALITY])
