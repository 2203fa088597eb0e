"""A tried allocation as tables to take away: what the money becomes, what it does, and under which assumptions."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from dashboard.context import PageContext
from dashboard.services.scenarios import SavedScenario
from dashboard.services.simulate import Workbench
from dashboard.services.simulate_tries import Run
from dashboard.views.simulate_names import budget_of, covered_name, group_name, need_name, programme_name, source_parts
from data.workflows.mapping_guess import slug
from data.writers.tables import Cell, Table

LONGEST_SLUG = 60  # letters of a scenario's name in the name of its file
PERSON_DECIMALS = 6


def precision(context: PageContext) -> str:
    """What files with projected persons say of their decimals."""
    return context.gettext("Shares are in full precision, persons to a millionth of a person; the screens round both.")


def scenario_notes(scenario: SavedScenario | None, is_moved: bool, context: PageContext) -> list[tuple[str, str]]:
    """Which saved scenario the file holds: name, owner, day, note; nothing for amounts that are only tried.

    is_moved : whether the file holds the scenario with other amounts of some programmes
    """
    _ = context.gettext
    if scenario is None:
        return []
    found = [
        (_("Scenario"), scenario.name),
        (_("Saved by"), scenario.owner),
        (_("Saved on (UTC)"), context.formats.moment(scenario.created_at)),
        (_("Note"), scenario.note),
    ]
    if is_moved:
        found.append((_("Not as saved"), _("amounts of the scenario were moved in Simulate and are not saved")))
    return found


def file_name(scenario: SavedScenario | None, is_moved: bool, kind: str, context: PageContext) -> str:
    """`lomas-scenario-lamps-first.csv`; without a saved scenario `lomas-scenario.csv`."""
    _ = context.gettext
    parts = [context.site.slug if context.site else "", _("scenario")]
    if scenario is not None:
        parts.append(slug(scenario.name)[:LONGEST_SLUG].strip("-"))
    if is_moved:
        parts.append(slug(_("moved")))
    return f"{'-'.join(parts)}.{kind}"


def notes(workbench: Workbench, run: Run, context: PageContext, decimals: str = "") -> list[tuple[str, str]]:
    """What the file holds and where it comes from; synthetic data are called so.

    decimals : what the file says of its decimals, where it is another thing than `precision`
    """
    _, site = context.gettext, context.site
    changed = ", ".join(programme_name(run.loaded, code, context) for code in run.changes)
    found = [
        (_("Site"), site.name if site else ""),
        (_("Model"), run.loaded.sha256),
        (_("Source"), " · ".join(source_parts(workbench, context))),
        (_("Currency"), run.loaded.model.currency),
        (_("Total to allocate"), str(exact(budget_of(run.loaded.model)))),
        (_("Programmes changed"), changed or _("none: today's budget")),
        (_("Filters"), _("all programmes, needs, areas and groups")),
        (_("Reading"), _("Coverage is a projection of the model, not a promise; shares are between 0 and 1.")),
        (_("Precision"), decimals or precision(context)),
    ]
    if site and site.is_synthetic:
        found.insert(0, (_("Synthetic data"), _("An invented population. No figure here describes real people.")))
    return found


def tables(workbench: Workbench, run: Run, context: PageContext) -> list[Table]:
    """Allocation by programme and area; coverage and persons by need and group, and by need, area and group."""
    return [
        allocation_table(workbench, run, context),
        needs_table(run, context),
        cells_table(workbench, run, context),
    ]


def exact(value: float) -> Decimal:
    """An amount of the model to the cent."""
    return Decimal(repr(float(value))).quantize(Decimal("0.01"))


def allocation_table(workbench: Workbench, run: Run, context: PageContext) -> Table:
    _, model = context.gettext, run.loaded.model
    header = [_("Code"), _("Programme"), _("Area code"), _("Area"), _("Today"), _("Scenario"), _("Change")]
    rows = []
    for p, code in enumerate(model.programmes):
        for a, area in enumerate(model.areas):
            today, amount = exact(model.baseline[p, a]), exact(run.result.allocation[p, a])
            name = programme_name(run.loaded, code, context)
            rows.append([code, name, area, workbench.area_names.get(area, area), today, amount, amount - today])
    return Table(_("Allocation"), header, rows)


def needs_table(run: Run, context: PageContext) -> Table:
    _, model, needs = context.gettext, run.loaded.model, run.result.needs
    rows = []
    for n, code in enumerate(model.needs):
        for g, group in enumerate(model.groups):
            figures = [
                persons(needs.universe[n, g]),
                share(needs.coverage_baseline[n, g]),
                share(needs.coverage[n, g]),
                persons(needs.gained[n, g]),
                persons(needs.lost[n, g]),
            ]
            names = [need_name(run.loaded, code, context), covered_name(run.loaded, code, context)]
            rows.append([code, *names, group_name(group, context), *figures])
    header = [
        _("Code"),
        _("Need"),
        _("Who counts as covered"),
        _("Group"),
        _("People concerned"),
        _("Coverage today"),
        _("Coverage in the scenario"),
    ]
    return Table(_("Results by need"), [*header, _("Gain, persons"), _("Lose, persons")], rows)


def cells_table(workbench: Workbench, run: Run, context: PageContext) -> Table:
    _ = context.gettext
    header = [_("Need code"), _("Need"), _("Area code"), _("Area"), _("Group"), _("People concerned")]
    more = [
        _("Coverage today"),
        _("Coverage in the scenario"),
        _("People uncovered today"),
        _("People uncovered in the scenario"),
        _("Change"),
    ]
    return Table(_("Results by area"), [*header, *more], list(_cell_rows(workbench, run, context)))


def _cell_rows(workbench: Workbench, run: Run, context: PageContext) -> Iterator[list[Cell]]:
    model, result = run.loaded.model, run.result
    for n, a, g in np.argwhere(model.universe > 0):
        universe = float(model.universe[n, a, g])
        before, after = float(result.coverage_baseline[n, a, g]), float(result.coverage[n, a, g])
        area = model.areas[a]
        yield [
            model.needs[n],
            need_name(run.loaded, model.needs[n], context),
            area,
            workbench.area_names.get(area, area),
            group_name(model.groups[g], context),
            persons(universe),
            share(before),
            share(after),
            persons(universe * (1 - before)),
            persons(universe * (1 - after)),
            persons(universe * (before - after)),
        ]


def persons(value: float) -> float | None:
    """Persons with their fractions: projections are no counts; missing where the figure is.

    Beyond a millionth of a person there is only what adding up floats leaves behind (34.99999999999971).
    """
    return None if np.isnan(value) else round(float(value), PERSON_DECIMALS) + 0.0  # -0 becomes 0


def share(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
