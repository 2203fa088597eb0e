"""Two to four scenarios side by side: money, coverage, gap, gains and losses, chances. No Dash here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from budget_model.coverage.plans import PlanResult
from budget_model.coverage.scenario import MEN, WOMEN, GroupTotals
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.scenarios import SavedScenario
from dashboard.services.simulate_models import LoadedModel
from dashboard.services.years import Together
from dashboard.views.simulate_names import covered_name, group_name, programme_name
from dashboard.views.years_assumptions import outlook_sentences

DECIMALS = 2
DIFFERENCE_DECIMALS = DECIMALS + 1
FEWEST, MOST = 2, 4


@dataclass(frozen=True)
class Compared:
    """A scenario with its result, computed again on the server from the stored amounts.

    result : through the years that all scenarios compared share; totals are over all of them
    """

    saved: SavedScenario
    loaded: LoadedModel
    result: PlanResult

    @property
    def groups(self) -> tuple[str, ...]:
        return self.loaded.model.groups

    @property
    def n_years(self) -> int:
        return self.result.horizon.n_years


def compared_of(found: Together) -> list[Compared]:
    pairs = zip(found.scenarios, found.results, strict=True)
    return [Compared(saved, found.loaded, result) for saved, result in pairs]


def years_sentences(compared: Sequence[Compared], context: PageContext) -> list[str]:
    """Over which years the scenarios are compared, and what that makes of each; nothing where all are of one year."""
    _, years = context.gettext, compared[0].n_years
    if years == 1:
        return []
    told = [
        _(
            "Compared over {years} years, against today's budget carried on: every total is over all of them.",
            years=years,
        )
    ]
    for one in compared:
        facts = {"name": one.saved.name, "own": one.saved.n_years, "years": years}
        if not one.saved.is_plan:
            told.append(_("“{name}” states one year; its amounts are carried on as today's budget is.", **facts))
        elif one.saved.n_years > years:
            told.append(_("“{name}” is a plan of {own} years; its first {years} are compared.", **facts))
        else:
            told.append(_("“{name}” is a plan of {own} years.", **facts))
    return [*told, *outlook_sentences(compared[0].result.horizon.model.outlook, False, context)]


def chosen_ids(query: Mapping[str, str]) -> list[int]:
    """Ids that the address names as `s<number>=on`, in the order of the numbers."""
    names = [name[1:] for name in query if name[:1] == "s"]
    return sorted({int(name) for name in names if name.isascii() and name.isdecimal() and len(name) < 10})


IN_A_YEAR = mark("{group}: gain (persons)"), mark("{group}: lose (persons)")
OVER_YEARS = mark("{group}: gain (person-years)"), mark("{group}: lose (person-years)")


def main_rows(compared: Sequence[Compared], context: PageContext) -> list[list[str]]:
    """What is compared, a row each; the first cell names it with its unit."""
    _, formats = context.gettext, context.formats
    gain, loss = OVER_YEARS if compared[0].n_years > 1 else IN_A_YEAR
    rows = [
        [_("Saved by"), *(one.saved.owner for one in compared)],
        [_("Saved on (UTC)"), *(formats.moment(one.saved.created_at) for one in compared)],
        [_("Note"), *(one.saved.note or "–" for one in compared)],
        [_("Model"), *(one.saved.model_sha256[:12] for one in compared)],
        *_money_totals(compared, context),
    ]
    for g, group in enumerate(compared[0].groups):
        name = group_name(group, context)
        totals = [one.result.groups for one in compared]
        rows += [
            [
                _("{group}: needs covered", group=name),
                *(formats.share(float(t.coverage[g]), DECIMALS) for t in totals),
            ],
            [
                _("{group}: change against today", group=name),
                *(formats.points(float(t.coverage[g] - t.coverage_baseline[g]), DIFFERENCE_DECIMALS) for t in totals),
            ],
            [_(gain, group=name), *(formats.number(float(t.gained[g])) for t in totals)],
            [_(loss, group=name), *(formats.number(float(t.lost[g])) for t in totals)],
        ]
    rows.append([_("Gap, women minus men"), *(formats.points(gap_of(one), DIFFERENCE_DECIMALS) for one in compared)])
    return rows


def _money_totals(compared: Sequence[Compared], context: PageContext) -> list[list[str]]:
    _, money, years = context.gettext, partial(context.formats.money, currency=currency(context)), compared[0].n_years
    if years == 1:
        return [[_("Money a year"), *(money(one.saved.spent) for one in compared)]]
    return [
        [_("Allocated, all {years} years", years=years), *(money(float(one.result.plan.sum())) for one in compared)],
        [_("To run works of earlier years"), *(money(float(one.result.running_cost.sum())) for one in compared)],
    ]


def year_columns(compared: Sequence[Compared], context: PageContext) -> list[str]:
    return [context.gettext("Year"), context.gettext("What"), *(one.saved.name for one in compared)]


def year_rows(compared: Sequence[Compared], context: PageContext) -> list[list[str]]:
    """Money, coverage of each group and the gap in every year; nothing where one year is compared."""
    _, formats, rows = context.gettext, context.formats, []
    for index in range(compared[0].n_years) if compared[0].n_years > 1 else ():
        years = [one.result.years[index] for one in compared]
        spent = [float(one.result.plan[index].sum() + one.result.running_cost[index].sum()) for one in compared]
        money = [formats.money(amount, currency(context)) for amount in spent]
        rows.append([str(index + 1), _("Money, running costs included"), *money])
        for g, group in enumerate(compared[0].groups):
            shares = [formats.share(float(year.groups.coverage[g]), DECIMALS) for year in years]
            rows.append([str(index + 1), _("{group}: needs covered", group=group_name(group, context)), *shares])
        gaps = [
            formats.points(women_minus_men(one.groups, year.groups), DIFFERENCE_DECIMALS)
            for one, year in zip(compared, years, strict=True)
        ]
        rows.append([str(index + 1), _("Gap, women minus men"), *gaps])
    return rows


def gap_of(one: Compared) -> float | None:
    """Women's minus men's coverage (share), over all years compared."""
    return women_minus_men(one.groups, one.result.groups)


def women_minus_men(groups: Sequence[str], totals: GroupTotals) -> float | None:
    if WOMEN not in groups or MEN not in groups:
        return None
    return float(totals.coverage[groups.index(WOMEN)] - totals.coverage[groups.index(MEN)])


def need_rows(compared: Sequence[Compared], context: PageContext) -> list[list[str]]:
    """Coverage of each need: women and men of each scenario, those that differ most first."""
    formats, first = context.formats, compared[0]
    loaded = first.loaded
    rows: list[tuple[float, list[str]]] = []
    for n, need in enumerate(loaded.model.needs):
        values = [[float(one.result.needs.coverage[n, g]) for g in range(len(first.groups))] for one in compared]
        spread = max(max(column) - min(column) for column in zip(*values, strict=True))
        cells = [formats.share(value, DECIMALS) for one in values for value in one]
        rows.append((spread, [covered_name(loaded, need, context), *cells]))
    return [cells for _spread, cells in sorted(rows, key=lambda row: -row[0])]


def money_rows(compared: Sequence[Compared], context: PageContext) -> list[list[str]]:
    """Money of each programme over the years compared: today's, then each scenario's; those that differ most first."""
    formats, loaded = context.formats, compared[0].loaded
    model, rows = loaded.model, []
    for p, code in enumerate(model.programmes):
        amounts = [float(one.result.plan[:, p].sum()) for one in compared]
        today = float(compared[0].result.horizon.baseline[:, p].sum())
        spread = max([*amounts, today]) - min([*amounts, today])
        texts = [formats.money(value, currency(context)) for value in (today, *amounts)]
        rows.append((spread, [programme_name(loaded, code, context), *texts]))
    return [cells for _spread, cells in sorted(rows, key=lambda row: -row[0])]


def sentence(compared: Sequence[Compared], context: PageContext) -> str:
    """Which scenario covers most of women's needs, which most of men's, which has the smallest gap."""
    _ = context.gettext
    parts = []
    for g, group in enumerate(compared[0].groups):
        best = max(compared, key=lambda one: float(one.result.groups.coverage[g]))
        share = context.formats.share(float(best.result.groups.coverage[g]), DECIMALS)
        name = group_name(group, context)
        parts.append(_("{group}: “{name}” covers most ({share}).", group=name, name=best.saved.name, share=share))
    if gap_of(compared[0]) is not None:
        closest = min(compared, key=lambda one: abs(gap_of(one) or 0.0))
        points = context.formats.points(gap_of(closest), DIFFERENCE_DECIMALS)
        parts.append(_("Smallest gap: “{name}” ({points}).", name=closest.saved.name, points=points))
    return " ".join(parts)


def interval_rows(result: Mapping[str, Any], names: Sequence[str], context: PageContext) -> list[list[str]]:
    """Coverage of each group with its P5 to P95, a row a scenario."""
    formats, rows = context.formats, []
    for name, document in zip(names, result["allocations"], strict=True):
        cells = [name]
        for figures in document.get("horizon", document)["groups"].values():
            low, high = figures["p5"], figures["p95"]
            middle = formats.share(figures["coverage"], DECIMALS)
            cells.append(f"{middle} ({formats.share(low, DECIMALS)} – {formats.share(high, DECIMALS)})")
        rows.append(cells)
    return rows


def chance_sentences(result: Mapping[str, Any], names: Sequence[str], context: PageContext) -> list[str]:
    """How often one scenario covers more than another, by group: one sentence a pair and group."""
    _, formats = context.gettext, context.formats
    told = []
    for i, name in enumerate(names):
        for j in range(i + 1, len(names)):
            for group, found in result["chances"][i][j]["groups"].items():
                told.append(
                    _(
                        "{group}: “{one}” covers more than “{other}” in {share} of the draws, less in {less}.",
                        group=group_name(group, context),
                        one=name,
                        other=names[j],
                        share=formats.share(found["better"], 0),
                        less=formats.share(found["worse"], 0),
                    )
                )
    return told


def currency(context: PageContext) -> str:
    return context.site.currency if context.site else ""
