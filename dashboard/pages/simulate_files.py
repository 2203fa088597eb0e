"""Files of the Simulate page: the model's coefficients, the areas' shapes, and what is tried as CSV and XLSX."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from budget_model.coverage.kernel import VERSION as KERNEL_VERSION
from budget_model.errors import AllocationError
from dashboard.context import PageContext
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.services.scenarios import SavedScenario
from dashboard.services.simulate import Workbench
from dashboard.services.simulate_tries import Run
from dashboard.services.years import Asked
from dashboard.shown_errors import ToldError
from dashboard.views import scenario_tables, years_tables
from dashboard.views.simulate_address import changes_of_query, moves_of_query
from dashboard.views.simulate_problems import problem_sentences
from data.writers.tables import csv_bytes, xlsx_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def kernel_file(services: Services, context: PageContext) -> Resource:
    sha256 = context.query.get("model", "")
    content = services.simulate.kernel(context.user, context.site, sha256)
    return Resource(content, "application/octet-stream", version=f"{sha256}-{KERNEL_VERSION}")


def areas_file(services: Services, context: PageContext) -> Resource:
    content = services.simulate.area_shapes(context.user, context.site, context.query.get("model", ""))
    return Resource(content, "application/geo+json")


def scenario_file(services: Services, context: PageContext, kind: str) -> Resource:
    """Allocation and results of what the address asks for, with source, model and mark in the file."""
    _ = context.gettext
    asked = context.query.get("scenario")
    workbench, run = saved(services, context) if asked else tried(services, context)
    scenario = services.scenarios.scenario(context.user, context.site, asked) if asked else None
    if scenario is not None and scenario.is_plan and not context.query.get("t"):
        return plan_file(services, context, scenario, kind)
    notes = [
        *scenario_tables.scenario_notes(scenario, bool(context.query.get("t")), context),
        *scenario_tables.notes(workbench, run, context),
    ]
    tables = scenario_tables.tables(workbench, run, context)
    if scenario is not None and scenario.is_plan:
        notes.append((_("Year"), _("year 1 of a plan of {years} years", years=scenario.n_years)))
    name = scenario_tables.file_name(scenario, bool(context.query.get("t")), kind, context)
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, tables), XLSX, name)


def plan_file(services: Services, context: PageContext, scenario: SavedScenario, kind: str) -> Resource:
    """A saved plan of several years: money and results of each of them."""
    planned = services.years.planned(context.user, context.site, Asked(str(scenario.id), has_own_years=True))
    notes, tables = years_tables.notes(planned, context), years_tables.tables(planned, context)
    name = scenario_tables.file_name(scenario, False, kind, context)
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(context.gettext("Notes"), notes, tables), XLSX, name)


def saved(services: Services, context: PageContext) -> tuple[Workbench, Run]:
    """A saved scenario, area by area as it was saved, with the totals that the address moves on it."""
    user, site, query = context.user, context.site, context.query
    if any(query.get(name) for name in ("model", "c")):
        raise ToldError([context.gettext("The address asks for a saved scenario and for amounts. Keep one of them.")])
    scenario = services.scenarios.scenario(user, site, query["scenario"])
    workbench = services.simulate.workbench(user, site, scenario.model_sha256)
    changes = moves_of_query(query, workbench.model)
    if changes is None:
        raise ToldError([context.gettext("The amounts in this address cannot be read.")])
    try:
        return workbench, services.scenarios.run(user, site, scenario.id, changes)
    except AllocationError as error:
        raise ToldError(problem_sentences(error.problems, workbench.loaded, context)) from error


def tried(services: Services, context: PageContext) -> tuple[Workbench, Run]:
    """The amounts in the address; what it does not name stays as it is today."""
    workbench = services.simulate.workbench(context.user, context.site, context.query.get("model") or None)
    changes = changes_of_query(context.query, workbench.model)
    if changes is None:
        raise ToldError([context.gettext("The amounts in this address cannot be read.")])
    try:
        return workbench, services.simulate.run(context.user, context.site, workbench.loaded.sha256, changes)
    except AllocationError as error:
        raise ToldError(problem_sentences(error.problems, workbench.loaded, context)) from error


QUERIES = {
    **dict.fromkeys(("kernel.bin", "areas.json"), frozenset({"model"})),
    **dict.fromkeys(("scenario.csv", "scenario.xlsx"), frozenset({"model", "t", "c", "scenario"})),
}
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "kernel.bin": kernel_file,
    "areas.json": areas_file,
    "scenario.csv": partial(scenario_file, kind="csv"),
    "scenario.xlsx": partial(scenario_file, kind="xlsx"),
}
