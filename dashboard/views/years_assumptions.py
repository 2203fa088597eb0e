"""What a plan of several years rests on: growth, works that last, limits that it breaks. No Dash here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from budget_model.coverage.types import Outlook
from budget_model.errors import Problem
from dashboard.context import PageContext
from dashboard.services.simulate_models import LoadedModel
from dashboard.services.years import Planned
from dashboard.views.programmes import is_assumption
from dashboard.views.simulate_names import programme_name
from dashboard.views.simulate_problems import problem_sentences
from dashboard.views.years import signed_share


def growth_sentences(planned: Planned, context: PageContext) -> list[str]:
    """Prices, budget and people: a stated rate, or that nothing is assumed to change."""
    is_plan = planned.scenario is not None and planned.scenario.is_plan
    return outlook_sentences(planned.result.horizon.model.outlook, is_plan, context)


def outlook_sentences(outlook: Outlook, is_plan: bool, context: PageContext) -> list[str]:
    """Growth in words. A plan states the amounts of its years; of one year's scenario they grow with the budget."""
    _ = context.gettext
    money = _("The budget and today's amounts") if is_plan else _("The budget and every amount of the scenario")
    return [
        _rate(outlook.price_growth, _("Prices (unit costs and running costs)"), context),
        _rate(outlook.budget_growth, money, context),
        _people(outlook.population_growth, context),
    ]


def plan_sentences(planned: Planned, context: PageContext) -> list[str]:
    """What is to be known of a saved plan of several years: whose years these are, and whether they are as saved."""
    _, told = context.gettext, []
    for one in (planned.scenario, planned.against):
        if one is None or not one.is_plan:
            continue
        facts = {"name": one.name, "years": one.n_years}
        told.append(_("“{name}” is a plan of {years} years with amounts of its own for each.", **facts))
        if not planned.stated.has_own_years and planned.stated.n_years > one.n_years:
            told.append(_("“{name}” states no money after year {years}, so no more years are shown.", **facts))
        elif planned.n_years < one.n_years:
            told.append(
                _("Only the first {shown} of the {years} years of “{name}” are shown.", shown=planned.n_years, **facts)
            )
        if planned.asked.growth != one.growth:
            told.append(
                _(
                    "“{name}” was saved on other growth than is used here: the figures are not those saved.",
                    **facts,
                )
            )
    return told


def _rate(rate: float, what: str, context: PageContext) -> str:
    _ = context.gettext
    if not rate:
        return _("{what}: the same every year.", what=what)
    return _("{what}: {rate} a year after year 1.", what=what, rate=signed_share(rate, context))


def _people(rates: np.ndarray | None, context: PageContext) -> str:
    _ = context.gettext
    what = _("People, and with them the people in need")
    if rates is None or not rates.any():
        return _("{what}: the same every year.", what=what)
    if np.ptp(rates) < 1e-12:
        return _rate(float(rates[0]), what, context)
    return _(
        "{what}: between {low} and {high} a year, by area.",
        what=what,
        low=signed_share(float(rates.min()), context),
        high=signed_share(float(rates.max()), context),
    )


def error_sentences(loaded: LoadedModel, context: PageContext) -> list[str]:
    """Survey errors that the sample could not show: where they come from instead, and what stays unknown."""
    borrowed, unknown = (_number_of_cells(loaded.survey_errors.get(kind)) for kind in ("borrowed", "unknown"))
    number, told = context.formats.number, []
    if borrowed:
        told.append(
            context.ngettext(
                "{number} deficit of an area rests on the answers of a single sampling unit, which show no error. The "
                "error of the whole site, for as many answers, stands in its place.",
                "{number} deficits of areas rest on the answers of a single sampling unit each, which show no error. "
                "The error of the whole site, for as many answers, stands in its place.",
                borrowed,
                number=number(borrowed),
            )
        )
    if unknown:
        told.append(
            context.ngettext(
                "The survey error of {number} deficit is not known, and the whole site tells none either: it is not "
                "drawn, which does not mean that it is sure.",
                "The survey errors of {number} deficits are not known, and the whole site tells none either: they are "
                "not drawn, which does not mean that they are sure.",
                unknown,
                number=number(unknown),
            )
        )
    return told


def _number_of_cells(named: Mapping[str, Mapping[str, Sequence[str]]] | None) -> int:
    return sum(len(groups) for areas in (named or {}).values() for groups in areas.values())


def growth_summary(planned: Planned, context: PageContext) -> str:
    """One line for the fold that holds the assumptions."""
    _, outlook = context.gettext, planned.result.horizon.model.outlook
    people = outlook.population_growth
    if not (outlook.price_growth or outlook.budget_growth or (people is not None and people.any())):
        return _("Assumptions: no growth of prices, people or budget")
    shown = context.gettext("by area") if people is not None and np.ptp(people) > 1e-12 else None
    rate = 0.0 if people is None else float(people[0])
    return _(
        "Assumptions: prices {prices}, people {people}, budget {budget} a year",
        prices=signed_share(outlook.price_growth, context),
        people=shown or signed_share(rate, context),
        budget=signed_share(outlook.budget_growth, context),
    )


def rules(planned: Planned, context: PageContext) -> list[str]:
    """How the years are reckoned, in words."""
    _ = context.gettext
    year = planned.loaded.budget_year
    of_year = _("budget of {year}", year=year)
    first = _("Year 1 is the year that the model describes: its survey, its people, its prices")
    return [
        f"{first} ({of_year})." if year else f"{first}.",
        _("The same amounts are spent every year, grown only as the budget grows, in money of each year."),
        _("A service lapses with its money. A work goes on serving and wears out evenly over the years that it lasts."),
        _("Works that stood before year 1 are part of what the survey finds; their upkeep is taken to go on."),
        _("Running costs of works are owed from the year after they were built, beside the amounts allocated."),
        *([unstated] if (unstated := unstated_sentence(planned, context)) else []),
        _("Everything is a projection of the model, not a promise."),
    ]


def work_columns(planned: Planned, context: PageContext) -> list[str]:
    _ = context.gettext
    last = planned.n_years
    return [
        _("Programme"),
        _("A met need stays met for"),
        _("Source of that"),
        _("Running cost, a person and year"),
        _("Served in year {year} by its own money", year=last),
        _("Served in year {year} by works of earlier years", year=last),
        _("Running costs of year {year}", year=last),
    ]


def work_rows(planned: Planned, context: PageContext) -> list[list[str]]:
    """A row a programme whose works last longer than a year."""
    _ = context.gettext
    formats, result, model = context.formats, planned.result, planned.loaded.model
    rate = result.horizon.running_cost[0]
    rows = []
    for p in np.flatnonzero(model.durability > 1):
        code, years = model.programmes[p], float(model.durability[p])
        lasting = context.ngettext("{number} year", "{number} years", years, number=formats.number(years))
        rows.append(
            [
                programme_name(planned.loaded, code, context),
                lasting,
                _source(planned, code, years, context),
                _running(planned, p, rate[p], context),
                formats.number(float(result.years[-1].served[p].sum())),
                formats.number(float(result.carried[-1, p].sum())),
                _("not stated")
                if is_unstated(planned, p)
                else formats.money(float(result.running_cost[-1, p].sum()), model.currency),
            ]
        )
    return rows


def is_unstated(planned: Planned, p: int) -> bool:
    """Whether nobody has said what the works of a programme cost to run. A stated zero is one; missing is none."""
    rates = planned.result.horizon.running_cost[:, p]
    stored = planned.programmes.get(planned.loaded.model.programmes[p])
    return not rates.any() and (stored is None or stored.running_cost is None)


def unstated_sentence(planned: Planned, context: PageContext) -> str:
    """How many programmes build works whose running cost nobody has stated; empty where all have."""
    lasting = np.flatnonzero(planned.loaded.model.durability > 1)
    count = sum(is_unstated(planned, int(p)) for p in lasting)
    if not count:
        return ""
    return context.ngettext(
        "For {number} programme whose works last no running cost is stated: it is counted as 0, which it hardly is.",
        "For {number} programmes whose works last no running cost is stated: it is counted as 0, which it hardly is.",
        count,
        number=context.formats.number(count),
    )


def _running(planned: Planned, p: int, rates: np.ndarray, context: PageContext) -> str:
    """Running cost a person and year; from the lowest to the highest where areas differ."""
    if is_unstated(planned, p):
        return context.gettext("not stated (counted as 0)")
    currency = planned.loaded.model.currency
    low, high = (context.formats.money(float(end), currency, 2) for end in (rates.min(), rates.max()))
    return low if low == high else f"{low} – {high}"


def _source(planned: Planned, code: str, years: float, context: PageContext) -> str:
    """Where the durability comes from, as long as the stored programme still has the model's."""
    stored = planned.programmes.get(code)
    if stored is None or stored.durability_years != years:
        return context.gettext("changed since the model was made")
    source = stored.sources.get("durability_years", "")
    return context.stored(source) if source and not is_assumption(source) else _assumed(source, context)


def _assumed(source: str, context: PageContext) -> str:
    return context.stored(source) if source else context.gettext("assumption: no source stated")


def limit_sentences(planned: Planned, context: PageContext) -> list[str]:
    """Limits that the plan breaks in some year; running costs of its works count as spent."""
    by_year: dict[int, list[Problem]] = {}
    for problem in planned.problems:
        by_year.setdefault(int(problem.facts.get("year", 1)), []).append(problem)
    told = []
    for year, problems in by_year.items():
        told += [_over_budget(p, year, planned, context) for p in problems if p.rule == "above-budget"]
        others = [problem for problem in problems if problem.rule != "above-budget"]
        told += [
            context.gettext("Year {year}: {sentence}", year=year, sentence=sentence)
            for sentence in problem_sentences(others, planned.loaded, context)
        ]
    return told


def _over_budget(problem: Problem, year: int, planned: Planned, context: PageContext) -> str:
    _, formats, currency = context.gettext, context.formats, planned.loaded.model.currency
    money = {name: formats.money(float(problem.facts[name]), currency) for name in ("amount", "limit", "excess")}
    running = float(problem.facts.get("running_cost", 0.0))
    if running <= 0:
        return _("Year {year}: the amounts of {amount} exceed the budget of {limit} by {excess}.", year=year, **money)
    return _(
        "Year {year}: the amounts of {amount} and the {running} that works of earlier years cost to run exceed the "
        "budget of {limit} by {excess}. Take that much from other programmes.",
        year=year,
        running=formats.money(running, currency),
        **money,
    )
