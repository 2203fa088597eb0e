"""What the page of reasons is asked to explain: its address names a scenario, an own proposal, amounts, or years."""

from __future__ import annotations

from dataclasses import dataclass, replace

from budget_model.coverage.project import Horizon
from budget_model.coverage.types import Array
from dashboard.context import PageContext
from dashboard.pages.simulate_files import saved, tried
from dashboard.pages.years_form import planned_of
from dashboard.services import Services
from dashboard.services.reasons import Reasons
from dashboard.services.scenarios import SavedScenario
from dashboard.services.simulate import Workbench
from dashboard.services.simulate_tries import Run
from dashboard.shown_errors import ToldError
from dashboard.views import reasons as view
from dashboard.views.reasons_period import ALL_YEARS
from dashboard.views.simulate_address import asks_for_amounts
from dashboard.views.years_assumptions import growth_sentences, outlook_sentences, plan_sentences

TODAY = "today"
TRIED = ("model", "t", "c")
PLAN = ("years", "prices", "people", "money")  # as the address of Over the years
ASKED = ("scenario", "proposal", *TRIED, *PLAN, "year")


@dataclass(frozen=True)
class Explained:
    """What is explained, with everything the page says about it."""

    workbench: Workbench
    reasons: Reasons
    names: view.Names
    title: str
    told: tuple[str, ...] = ()  # of a plan: whose years these are, and what they assume


def explained(services: Services, context: PageContext) -> Explained:
    """What the address asks for: a scenario, an own proposal, tried amounts, or today's budget.

    Raises
    ------
    NotFoundError, ToldError, InputError : what was asked for is not there or cannot be read.
    """
    found = plan_explained(services, context)
    if found is not None:
        return found
    workbench, run, title = asked(services, context)
    reasons = services.reasons.explain(context.user, context.site, run)
    return Explained(workbench, reasons, view.names_of(reasons, dict(workbench.area_names), context), title)


def asked(services: Services, context: PageContext) -> tuple[Workbench, Run, str]:
    _, user, site, query = context.gettext, context.user, context.site, context.query
    if query.get("scenario", TODAY) != TODAY:
        workbench, run = saved(services, context)
        return workbench, run, scenario_title(services.scenarios.scenario(user, site, query["scenario"]), context)
    if query.get("proposal"):
        run = services.reasons.proposal(user, site, query["proposal"])
        return (
            services.simulate.workbench(user, site, run.loaded.sha256),
            run,
            _("Your proposal of the best reallocation"),
        )
    workbench, run = tried(services, context)
    return workbench, run, _("The amounts that you try in Simulate") if run.changes else _("Today's budget")


def scenario_title(scenario: SavedScenario, context: PageContext) -> str:
    _, names = context.gettext, {"name": scenario.name, "owner": scenario.owner}
    if context.query.get("t"):
        return _("Scenario “{name}” by {owner}, with amounts that you try in Simulate", **names)
    return _("Scenario “{name}” by {owner}", **names)


def plan_explained(services: Services, context: PageContext) -> Explained | None:
    """The reasons of a plan of several years, where the address asks for one; None for one year."""
    _, user, site, query = context.gettext, context.user, context.site, context.query
    if query.get("proposal"):
        if query.get("scenario", TODAY) != TODAY or asks_for_amounts(query):
            raise ToldError([_("The address asks for a proposal and for other amounts. Keep one of them.")])
        proposed = services.reasons.proposed_plan(user, site, query["proposal"])
        if proposed is None:
            return None
        workbench = services.simulate.workbench(user, site, proposed.loaded.sha256)
        title = _("Your proposal of the best plan of {years} years", years=proposed.horizon.n_years)
        found = _explained(services, context, workbench, proposed.horizon, proposed.plan, title)
        return replace(found, told=tuple(outlook_sentences(proposed.horizon.model.outlook, True, context)))
    if not is_of_years(services, context):
        return None
    if asks_for_amounts(query):
        raise ToldError([_("Amounts that are only tried are of one year. Save them, and carry the scenario on.")])
    planned = planned_of(services, context, query, 1)
    title = scenario_title(planned.scenario, context) if planned.scenario else _("Today's budget, carried on")
    horizon = planned.result.horizon
    found = _explained(services, context, planned.workbench, horizon, planned.result.plan, title)
    return replace(found, told=(*plan_sentences(planned, context), *growth_sentences(planned, context)))


def is_of_years(services: Services, context: PageContext) -> bool:
    """Whether the address asks for more than one year, by itself or by its scenario."""
    query = context.query
    if query.get("years", "1") not in ("", "1"):
        return True
    if query.get("scenario", TODAY) == TODAY or query.get("t"):
        return False
    return services.scenarios.scenario(context.user, context.site, query["scenario"]).is_plan


def _explained(
    services: Services, context: PageContext, workbench: Workbench, horizon: Horizon, plan: Array, title: str
) -> Explained:
    year = year_of(context, horizon.n_years)
    reasons = services.reasons.explain_plan(context.user, context.site, workbench.loaded, horizon, plan, year)
    return Explained(workbench, reasons, view.names_of(reasons, dict(workbench.area_names), context), title)


def year_of(context: PageContext, n_years: int) -> int | None:
    """The year that the address looks at; None: all of them."""
    text = context.query.get("year", ALL_YEARS)
    if text in ("", ALL_YEARS):
        return None
    if text.isascii() and text.isdecimal() and 1 <= int(text[:3]) <= n_years:
        return int(text[:3])
    told = context.gettext(
        "“{value}” is no year of this plan: it has the years 1 to {last}.", value=text[:40], last=n_years
    )
    raise ToldError([told])
