"""The list of saved scenarios as rows. No Dash here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.context import PageContext
from dashboard.services.access import PLANNERS, may
from dashboard.services.scenarios import SavedScenario

DECIMALS = 2  # as on the tiles of Simulate: a scenario moves a whole municipality's coverage by little
DIFFERENCE_DECIMALS = DECIMALS + 1


@dataclass(frozen=True)
class Way:
    """A page that says more of a scenario."""

    text: str
    label: str  # with the scenario's name, for those who hear links one by one
    address: str


@dataclass(frozen=True)
class ScenarioRow:
    """One scenario, formatted."""

    name: str
    address: str  # opens it in Simulate, a plan of several years over its years
    owner: str
    saved_on: str
    note: str
    found: str  # under which assumed limit a search found it; empty where none did
    model: str
    women: str
    men: str
    gap: str
    spent: str
    year: str
    years: str  # how many the scenario states
    ways: tuple[Way, ...]


def scenario_rows(scenarios: Sequence[SavedScenario], context: PageContext) -> list[ScenarioRow]:
    """Rows in the order given."""
    return [_row(scenario, context) for scenario in scenarios]


def _row(scenario: SavedScenario, context: PageContext) -> ScenarioRow:
    formats = context.formats
    currency = context.site.currency if context.site else ""
    return ScenarioRow(
        name=scenario.name,
        address=context.address("years" if scenario.is_plan else "simulate", scenario=str(scenario.id)),
        owner=scenario.owner,
        saved_on=formats.moment(scenario.created_at),
        note=scenario.note,
        found=found_under(scenario, context),
        model=scenario.model_sha256[:12],
        women=_coverage(scenario, "women", context),
        men=_coverage(scenario, "men", context),
        gap=formats.points(gap(scenario.coverage), DIFFERENCE_DECIMALS),
        spent=formats.money(scenario.spent, currency),
        year=str(scenario.budget_year or ""),
        years=formats.number(scenario.n_years),
        ways=ways_of(scenario, context),
    )


def found_under(scenario: SavedScenario, context: PageContext) -> str:
    """The limit on growth that a search for the best assumed where programmes state no maximum."""
    _ = context.gettext
    if scenario.maximum is None:
        return ""
    times = scenario.maximum.times_today
    if times is None:
        return _("Found by a search without any maximum where a programme states none.")
    return _(
        "Found by a search that assumed at most {times} times today's money where a programme states no maximum.",
        times=context.formats.number(times, 0 if times == round(times) else 2),
    )


def ways_of(scenario: SavedScenario, context: PageContext) -> tuple[Way, ...]:
    """Why it does what it does, what becomes of it, and how sure that is."""
    _, name, number = context.gettext, scenario.name, str(scenario.id)
    sure = _("How sure is it?")  # stands in the spoken name as it is written: who speaks to the page says what they see
    ways = (
        Way(_("Reasons"), _("Reasons of “{name}”", name=name), context.address("reasons", scenario=number)),
        Way(_("Over the years"), _("“{name}” over the years", name=name), context.address("years", scenario=number)),
        Way(sure, _("{question} “{name}”", question=sure, name=name), context.address("certainty", scenario=number)),
    )
    if scenario.is_plan:
        first = _("Year 1 in Simulate")
        opened = context.address("simulate", scenario=number)
        ways = (*ways, Way(first, _("{what}: “{name}”", what=first, name=name), opened))
    if not may(context.user, PLANNERS, context.site):
        return ways
    by_line = _("By budget line")
    label = _("{what}: “{name}” as a proposed modification", what=by_line, name=name)
    return (*ways, Way(by_line, label, context.address("modification", scenario=number)))


def _coverage(scenario: SavedScenario, group: str, context: PageContext) -> str:
    """`58.10 % (+2.041 pp)`: coverage of identified needs and its change against the baseline of its own model."""
    now, before = scenario.coverage.get(group), scenario.coverage_baseline.get(group)
    if now is None or before is None:
        return context.formats.share(None)
    change = context.formats.points(now - before, DIFFERENCE_DECIMALS)
    return f"{context.formats.share(now, DECIMALS)} ({change})"


def gap(coverage: Mapping[str, float]) -> float | None:
    """Women minus men, as a share; None without both."""
    women, men = coverage.get("women"), coverage.get("men")
    return None if women is None or men is None else women - men
