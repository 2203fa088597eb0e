"""Files of the Simulate page: the model's coefficients, the areas' shapes, and what is tried as CSV and XLSX."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from werkzeug.exceptions import BadRequest, NotFound

from budget_model.coverage.kernel import VERSION as KERNEL_VERSION
from budget_model.errors import InputError, NotFoundError
from dashboard.context import PageContext
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.views import scenario_tables
from dashboard.views.simulate_start import changes_of_address
from data.writers.tables import csv_bytes, xlsx_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def kernel_file(services: Services, context: PageContext) -> Resource:
    sha256 = context.query.get("model", "")
    content = found(lambda: services.simulate.kernel(context.user, context.site, sha256))
    return Resource(content, "application/octet-stream", version=f"{sha256}-{KERNEL_VERSION}")


def areas_file(services: Services, context: PageContext) -> Resource:
    return Resource(
        found(lambda: services.simulate.area_shapes(context.user, context.site, context.query.get("model", ""))),
        "application/geo+json",
    )


def scenario_file(services: Services, context: PageContext, kind: str) -> Resource:
    """Allocation and results of the amounts in the address, with source, model and mark in the file."""
    _, query = context.gettext, context.query
    workbench = found(lambda: services.simulate.workbench(context.user, context.site, query.get("model") or None))
    changes = changes_of_address(query.get("c", ""))
    if changes is None:
        raise BadRequest("amounts")
    run = found(lambda: services.simulate.run(context.user, context.site, workbench.loaded.sha256, changes))
    notes, tables = scenario_tables.notes(workbench, run, context), scenario_tables.tables(workbench, run, context)
    what = _("scenario")
    name = f"{context.site.slug if context.site else ''}-{what}.{kind}"
    if kind == "csv":
        return Resource(csv_bytes(notes, tables), "text/csv", name)
    return Resource(xlsx_bytes(_("Notes"), notes, tables), XLSX, name)


def found(get: Callable[[], Any]) -> Any:
    """What is not there is 404, what cannot be read is 400: for files there is no page to show a sentence on."""
    try:
        return get()
    except NotFoundError as error:
        raise NotFound(str(error)) from error
    except InputError as error:
        raise BadRequest(str(error)) from error


RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "kernel.bin": kernel_file,
    "areas.json": areas_file,
    "scenario.csv": partial(scenario_file, kind="csv"),
    "scenario.xlsx": partial(scenario_file, kind="xlsx"),
}
