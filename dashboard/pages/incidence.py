"""Who benefits: public money by sex and fifth of income, hours of unpaid work spared, and what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import Dash, html

from budget_model.errors import InputError, NotFoundError
from dashboard.components import (
    notice,
    page_header,
)
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.incidence_cards import figures, sources
from dashboard.pages.incidence_inputs import inputs, take, users_file, withdraw
from dashboard.pages.simulate_files import XLSX
from dashboard.queries import unknown_choice
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.access import PLANNERS
from dashboard.services.incidence import FIRST_STAGE, IncidenceChoices, IncidenceFound
from dashboard.shown_errors import ToldError, not_found_sentence
from dashboard.views import incidence_tables
from dashboard.views.incidence_words import problem_sentences
from dashboard.views.words import STAGES
from data.writers.tables import csv_bytes, xlsx_bytes

NAME = "incidence"
TITLE = mark("Who benefits")
GROUP = Group.BUDGET
ROLES = PLANNERS
ASKED = ("round", "year", "stage")
LATEST = "-"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    subtitle = _(
        "Net spending of the programmes divided among their users: women and men, poor and rich. Not for publication: "
        "programmes with few users show single households."
    )
    choices = services.incidence.choices(context.user, context.site)
    parts: list[Any] = [choice_form(choices, context)]
    header = page_header(_(TITLE), subtitle)
    try:
        found = load(services, context, choices)
    except InputError as error:
        parts.append(
            notice([_("The money cannot be divided:"), *problem_sentences(error.problems, context)], "warning")
        )
    except NotFoundError as error:
        parts.append(notice([not_found_sentence(error, context)], "warning"))
    else:
        header = page_header(_(TITLE), subtitle, downloads(context))
        parts += figures(found, context)
    return html.Div([header, *parts, inputs(services, context)], className="incidence")


def load(services: Services, context: PageContext, choices: IncidenceChoices) -> IncidenceFound:
    """The figures that the address asks for.

    Raises
    ------
    ToldError : a year or a stage that there is not. InputError, NotFoundError : as the service.
    """
    year, stage, code = (context.query.get(name, "") for name in ("year", "stage", "round"))
    if year not in ("", LATEST) and year not in {str(one) for one in choices.years}:
        raise unknown_choice("year", year, [str(one) for one in choices.years], context)
    if stage and stage not in choices.stages:
        raise unknown_choice("stage", stage, choices.stages, context)
    number = int(year) if year not in ("", LATEST) else None
    return services.incidence.run(
        context.user, context.site, code if code not in ("", LATEST) else None, number, stage or FIRST_STAGE
    )


def choice_form(choices: IncidenceChoices, context: PageContext) -> html.Form:
    """A form that only asks: round, year, stage."""
    _, query = context.gettext, context.query
    latest = (LATEST, _("newest"))
    fields = [
        picked("round", _("Survey round"), [latest, *((code, code) for code in choices.rounds)], query),
        picked("year", _("Budget year"), [latest, *((str(year), str(year)) for year in choices.years)], query),
        picked(
            "stage", _("Stage of the money"), [(code, _(STAGES[code])) for code in choices.stages], query, FIRST_STAGE
        ),
    ]
    button = html.Button(_("Show"), type="submit", className="btn btn-primary", disable_n_clicks=True)
    return html.Form(
        [*fields, button], action=context.address(NAME), method="GET", className="filters", disable_n_clicks=True
    )


def picked(name: str, label: str, options: Sequence[tuple[str, str]], query: Any, otherwise: str = LATEST) -> html.Div:
    values = [{"value": value, "label": text} for value, text in options]
    known = {value for value, _text in options}
    chosen = query.get(name, otherwise)
    select = dbc.Select(
        id=f"incidence-{name}", name=name, options=values, value=chosen if chosen in known else otherwise
    )
    return html.Div([html.Label(label, htmlFor=f"incidence-{name}", className="form-label"), select])


def downloads(context: PageContext) -> list[Any]:
    _ = context.gettext
    query = {name: context.query[name] for name in ASKED if context.query.get(name)}
    return [
        html.A(label, href=context.address(f"{NAME}/incidence.{kind}", **query), className="btn btn-outline-secondary")
        for kind, label in (("csv", _("Download CSV")), ("xlsx", _("Download XLSX")))
    ]


# ---- what is brought in ----------------------------------------------------------------------------------------------


ACTIONS = {"take": take, "withdraw": withdraw}


# ---- files -----------------------------------------------------------------------------------------------------------


def tables_file(services: Services, context: PageContext, kind: str) -> Resource:
    _ = context.gettext
    try:
        found = load(services, context, services.incidence.choices(context.user, context.site))
    except InputError as error:
        raise ToldError(problem_sentences(error.problems, context)) from error
    notes = incidence_tables.notes(found, sources(found, context), context)
    tables = incidence_tables.tables(found.document, context)
    name = f"{context.site.slug if context.site else ''}-{_('incidence')}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, tables), XLSX, name)


QUERIES = {
    **dict.fromkeys(("incidence.csv", "incidence.xlsx"), frozenset(ASKED)),
    "users.csv": frozenset(),
}
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "incidence.csv": partial(tables_file, kind="csv"),
    "incidence.xlsx": partial(tables_file, kind="xlsx"),
    "users.csv": users_file,
}


def register_callbacks(app: Dash, services: Services) -> None:
    """Nothing on this page answers back."""
