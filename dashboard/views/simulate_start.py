"""What the Simulate page starts from: an address may name a saved scenario, or amounts of programmes, or nothing.

An address is input: what it asks for in vain is said on the page, and today's budget is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from budget_model.coverage.allocation import spread_totals
from budget_model.coverage.types import BudgetModel
from budget_model.errors import AllocationError, NotFoundError
from dashboard.context import PageContext
from dashboard.services.scenarios import SavedScenario, totals_of
from dashboard.services.simulate import Workbench
from dashboard.services.simulate_tries import run_stored, try_changes
from dashboard.views.simulate_address import Changes, asks_for_amounts, changes_of_query, moves_of_query
from dashboard.views.simulate_names import programme_name
from dashboard.views.simulate_problems import problem_sentences

if TYPE_CHECKING:
    from dashboard.services import Services

ROUNDING = 0.02  # a cent that rounding put into another area is no other spread


@dataclass(frozen=True)
class Stored:
    """A saved scenario with its money by programme and area, as it is kept."""

    scenario: SavedScenario
    allocation: Mapping[tuple[str, str], Decimal]


@dataclass(frozen=True)
class Start:
    """The workbench, the amounts to start with, and what to say about the address."""

    workbench: Workbench
    changes: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    stored: Stored | None = None  # what the address opens; `changes` are then totals of every programme


def start_of(services: Services, context: PageContext) -> Start:
    """Read the address of a request."""
    if "scenario" in context.query:
        return _saved_start(services, context, context.query["scenario"])
    if asks_for_amounts(context.query):
        return _shared_start(services, context)
    return Start(services.simulate.workbench(context.user, context.site))


def _saved_start(services: Services, context: PageContext, scenario_id: str) -> Start:
    _, user, site = context.gettext, context.user, context.site
    try:
        scenario = services.scenarios.scenario(user, site, scenario_id)
        allocation = services.scenarios.years(user, site, scenario_id)[0]
    except NotFoundError:
        sentence = _("This site has no scenario “{number}”. Today's budget is shown.", number=scenario_id[:40])
        return Start(services.simulate.workbench(user, site), notices=(sentence,))
    workbench = services.simulate.workbench(user, site, scenario.model_sha256)
    opened = _(
        "Scenario “{name}” by {owner} is open. Saving keeps it as another one.",
        name=scenario.name,
        owner=scenario.owner,
    )
    totals = {code: str(total) for code, total in totals_of(allocation).items()}
    moved, refused = _moved(workbench, scenario, allocation, context)
    told = (opened, *plan_notices(scenario, context), *_age(workbench, context), *refused)
    return Start(workbench, {**totals, **moved}, told, Stored(scenario, allocation))


def plan_notices(scenario: SavedScenario, context: PageContext) -> list[str]:
    """Of a plan of several years one year stands on a page of sliders: which, and what becomes of the others."""
    _ = context.gettext
    if not scenario.is_plan:
        return []
    return [
        _(
            "It is a plan of {years} years. Year 1 stands here, the year that the model describes; Over the years "
            "shows all of them.",
            years=scenario.n_years,
        )
    ]


def kept_years(start: Start, context: PageContext) -> list[str]:
    """What saving makes of a plan whose first year stands on the sliders."""
    if start.stored is None or not start.stored.scenario.is_plan:
        return []
    return [
        context.gettext(
            "What you move changes year 1 of the plan; saving keeps its other years as they are, and the whole plan "
            "must keep its limits."
        )
    ]


def _moved(
    workbench: Workbench,
    scenario: SavedScenario,
    allocation: Mapping[tuple[str, str], Decimal],
    context: PageContext,
) -> tuple[Changes, list[str]]:
    """What the address moves on a saved scenario, and what to say where it asks in vain."""
    _ = context.gettext
    changes = moves_of_query(context.query, workbench.model)
    if changes is None:
        return {}, [_("The amounts in this address cannot be read. The scenario is shown as it was saved.")]
    try:
        run_stored(workbench.loaded, allocation, changes, scenario.maximum)
    except AllocationError as error:
        refused = problem_sentences(error.problems, workbench.loaded, context)
        return {}, [*refused, _("The scenario is shown as it was saved.")]
    return changes, []


def kept_spread(start: Start, context: PageContext) -> list[str]:
    """A scenario may have been saved area by area (on the command line): which amounts by area Simulate keeps."""
    names = _spread_otherwise(start, context)
    if not names:
        return []
    return [
        context.gettext(
            "The scenario spreads this money over the areas in another way than today: {programmes}. "
            "It is shown as it was saved. A programme that you move is spread over the areas as today from then on; "
            "the others keep their amounts.",
            programmes=names,
        )
    ]


def other_spread(start: Start, context: PageContext) -> list[str]:
    """For a page that knows totals only: which money it spreads in another way than the scenario does."""
    names = _spread_otherwise(start, context)
    if not names:
        return []
    return [
        context.gettext(
            "The scenario spreads this money over the areas in another way than this page does: {programmes}. "
            "Here the same totals are spread as today, so the results below differ from those saved.",
            programmes=names,
        )
    ]


def _spread_otherwise(start: Start, context: PageContext) -> str:
    """Names of those programmes, among the ones that the address does not move itself."""
    if start.stored is None:
        return ""
    loaded, totals = start.workbench.loaded, totals_of(start.stored.allocation)
    codes = spread_otherwise(loaded.model, start.stored.allocation)
    return ", ".join(programme_name(loaded, c, context) for c in codes if Decimal(start.changes[c]) == totals[c])


def spread_otherwise(model: BudgetModel, allocation: Mapping[tuple[str, str], Decimal]) -> list[str]:
    """Programmes whose amounts by area are not those that their totals give on this page, by more than a cent."""
    saved = np.array([[float(allocation.get((p, a), 0)) for a in model.areas] for p in model.programmes])
    differs = np.abs(saved - spread_totals(model, saved.sum(axis=1))) > ROUNDING
    return [code for code, is_other in zip(model.programmes, differs.any(axis=1), strict=True) if is_other]


def _shared_start(services: Services, context: PageContext) -> Start:
    _, user, site = context.gettext, context.user, context.site
    notices: list[str] = []
    try:
        workbench = services.simulate.workbench(user, site, context.query.get("model") or None)
        notices += _age(workbench, context)
    except NotFoundError:
        workbench = services.simulate.workbench(user, site)
        notices.append(_("This address was made with a model that is not here; today's model is shown instead."))
        if context.query.get("t"):  # places of programmes in a model that is not here mean nothing
            return Start(workbench, notices=(*notices, _("Today's budget is shown.")))
    changes = changes_of_query(context.query, workbench.model)
    if changes is None:
        sentence = _("The amounts in this address cannot be read. Today's budget is shown.")
        return Start(workbench, notices=(*notices, sentence))
    try:
        try_changes(workbench.loaded, changes)
    except AllocationError as error:
        refused = problem_sentences(error.problems, workbench.loaded, context)
        return Start(workbench, notices=(*notices, *refused, _("Today's budget is shown.")))
    return Start(workbench, changes, tuple(notices))


def _age(workbench: Workbench, context: PageContext) -> list[str]:
    if workbench.is_current:
        return []
    return [
        context.gettext(
            "These figures rest on an earlier model; survey, budget or programmes have changed since. "
            "Open Simulate from the menu for today's."
        )
    ]
