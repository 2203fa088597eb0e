"""The question that the pages on a scenario's years share: a form that only asks, so that its address can be sent."""

from __future__ import annotations

from collections.abc import Mapping

import dash_bootstrap_components as dbc
from dash import html

from budget_model.coverage.portable_outlook import MAX_YEARS
from budget_model.errors import InputError, NotFoundError, Problem
from dashboard.components import notice
from dashboard.context import PageContext
from dashboard.pages.simulate import nothing_yet
from dashboard.services import Services
from dashboard.services.scenarios import SavedScenario
from dashboard.services.years import Asked, Planned
from dashboard.shown_errors import ToldError, sentences_of
from dashboard.views.years_question import (
    AGAINST,
    MONEY,
    PEOPLE,
    PRICES,
    SCENARIO,
    TODAY,
    YEARS,
    asked_of,
    percent_text,
    problem_words,
)
from dashboard.views.years_words import PROBLEMS


def planned_of(services: Services, context: PageContext, query: Mapping[str, str], usual_years: int) -> Planned:
    """The answer to a query.

    Raises
    ------
    ToldError : something in it cannot be read. NotFoundError, InputError : as `services.years.planned`.
    """
    asked, problems = asked_of(query, usual_years)
    if problems:
        raise ToldError(problem_words(problems, context))
    return services.years.planned(context.user, context.site, asked)


def planned_or_refusal(services: Services, context: PageContext, usual_years: int) -> Planned | html.Div:
    """The answer to the address of a page, or what the page says instead."""
    try:
        return planned_of(services, context, context.query, usual_years)
    except ToldError as error:
        return refusal(error.sentences, context)
    except NotFoundError as error:
        told = error.subject == "scenario"
        return refusal(sentences_of(error, context), context) if told else nothing_yet(error, context)
    except InputError as error:
        told = all(problem.rule in PROBLEMS for problem in error.problems)
        return refusal(_words(error.problems, context), context) if told else nothing_yet(error, context)


def _words(problems: tuple[Problem, ...], context: PageContext) -> list[str]:
    return problem_words(list(problems), context)


def refusal(sentences: list[str], context: PageContext) -> html.Div:
    """Why the address has no answer, and a way on."""
    start = html.A(context.gettext("Start with today's budget"), href=context.address())
    return html.Div([notice(sentences), html.P(start)])


def question_form(
    page: str,
    asked: Asked,
    scenarios: list[SavedScenario],
    context: PageContext,
    summary: str,
    others: list[SavedScenario] | None = None,
) -> html.Form:
    """Scenario, years and growth; where `others` is given, also the scenario to hold it against."""
    _ = context.gettext
    saved = [{"value": str(one.id), "label": f"{one.name} · {one.owner}"} for one in scenarios]
    today = {"value": TODAY, "label": _("Today's budget")}
    number = [
        {"value": str(year), "label": context.ngettext("{number} year", "{number} years", year, number=year)}
        for year in range(1, MAX_YEARS + 1)
    ]
    first = [
        choice(page, SCENARIO, _("Scenario"), [today, *saved], asked.scenario_id or TODAY),
        choice(page, YEARS, _("How many years"), number, str(asked.n_years)),
    ]
    if others is not None:
        rest = [{"value": str(one.id), "label": f"{one.name} · {one.owner}"} for one in others]
        first.append(choice(page, AGAINST, _("Held against"), [today, *rest], asked.against_id or TODAY))
    growth = [
        rate(page, PRICES, _("Prices"), asked.growth.price_growth),
        rate(page, PEOPLE, _("Population"), asked.growth.population_growth),
        rate(page, MONEY, _("Budget"), asked.growth.budget_growth),
    ]
    hint = html.P(_("Growth a year after year 1, in %. Empty: as the model says; most say nothing."), className="hint")
    fold = html.Details([html.Summary(summary), html.Div(growth, className="filters"), hint])
    button = html.Button(_("Show"), type="submit", className="btn btn-primary", disable_n_clicks=True)
    parts = [html.Div(first, className="filters"), fold, button]
    return html.Form(parts, action=context.address(page), method="GET", disable_n_clicks=True, className="years-form")


def choice(page: str, name: str, label: str, options: list[dict[str, str]], value: str) -> html.Div:
    part = f"{page}-{name}"
    made = dbc.Select(id=part, name=name, options=options, value=value)
    return html.Div([html.Label(label, htmlFor=part, className="form-label"), made])


def rate(page: str, name: str, label: str, share: float | None) -> html.Div:
    """A field for a percentage a year; empty where the model's own holds."""
    part, reading = f"{page}-{name}", {"inputmode": "decimal", "autocomplete": "off", "maxlength": 24}
    made = dbc.Input(id=part, name=name, type="text", value=percent_text(share), debounce=True, **reading)
    return html.Div([html.Label(f"{label} (%)", htmlFor=part, className="form-label"), made])
