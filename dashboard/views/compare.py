"""Two to four scenarios side by side: money, coverage, gap, gains and losses, chances. No Dash here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.context import PageContext
from dashboard.services.scenarios import SavedScenario
from dashboard.services.simulate import Run
from dashboard.views.simulate_names import covered_name, group_name, programme_name

DECIMALS = 2
DIFFERENCE_DECIMALS = DECIMALS + 1
FEWEST, MOST = 2, 4


@dataclass(frozen=True)
class Compared:
    """A scenario with its result, computed again on the server from the stored amounts."""

    saved: SavedScenario
    run: Run

    @property
    def groups(self) -> tuple[str, ...]:
        return self.run.loaded.model.groups


def chosen_ids(query: Mapping[str, str]) -> list[int]:
    """Ids that the address names as `s<number>=on`, in the order of the numbers."""
    names = [name[1:] for name in query if name[:1] == "s"]
    return sorted({int(name) for name in names if name.isascii() and name.isdecimal() and len(name) < 10})


def main_rows(compared: Sequence[Compared], context: PageContext) -> list[list[str]]:
    """What is compared, a row each; the first cell names it with its unit."""
    _, formats = context.gettext, context.formats
    rows = [
        [_("Saved by"), *(one.saved.owner for one in compared)],
        [_("Saved on (UTC)"), *(formats.moment(one.saved.created_at) for one in compared)],
        [_("Note"), *(one.saved.note or "–" for one in compared)],
        [_("Model"), *(one.saved.model_sha256[:12] for one in compared)],
        [_("Money a year"), *(formats.money(one.saved.spent, currency(context)) for one in compared)],
    ]
    for g, group in enumerate(compared[0].groups):
        name = group_name(group, context)
        totals = [one.run.result.groups for one in compared]
        rows += [
            [
                _("{group}: needs covered", group=name),
                *(formats.share(float(t.coverage[g]), DECIMALS) for t in totals),
            ],
            [
                _("{group}: change against today", group=name),
                *(formats.points(float(t.coverage[g] - t.coverage_baseline[g]), DIFFERENCE_DECIMALS) for t in totals),
            ],
            [_("{group}: gain (persons)", group=name), *(formats.number(float(t.gained[g])) for t in totals)],
            [_("{group}: lose (persons)", group=name), *(formats.number(float(t.lost[g])) for t in totals)],
        ]
    rows.append([_("Gap, women minus men"), *(formats.points(gap_of(one), DIFFERENCE_DECIMALS) for one in compared)])
    return rows


def gap_of(one: Compared) -> float | None:
    """Women's minus men's coverage (share)."""
    groups, coverage = one.groups, one.run.result.groups.coverage
    if "women" not in groups or "men" not in groups:
        return None
    return float(coverage[groups.index("women")] - coverage[groups.index("men")])


def need_rows(compared: Sequence[Compared], context: PageContext) -> list[list[str]]:
    """Coverage of each need: women and men of each scenario, those that differ most first."""
    formats, first = context.formats, compared[0]
    loaded = first.run.loaded
    rows: list[tuple[float, list[str]]] = []
    for n, need in enumerate(loaded.model.needs):
        values = [[float(one.run.result.needs.coverage[n, g]) for g in range(len(first.groups))] for one in compared]
        spread = max(max(column) - min(column) for column in zip(*values, strict=True))
        cells = [formats.share(value, DECIMALS) for one in values for value in one]
        rows.append((spread, [covered_name(loaded, need, context), *cells]))
    return [cells for _spread, cells in sorted(rows, key=lambda row: -row[0])]


def money_rows(compared: Sequence[Compared], context: PageContext) -> list[list[str]]:
    """Money of each programme: today, then each scenario; those that differ most first."""
    formats, loaded = context.formats, compared[0].run.loaded
    model, rows = loaded.model, []
    for p, code in enumerate(model.programmes):
        amounts = [float(one.run.result.allocation[p].sum()) for one in compared]
        today = float(model.baseline[p].sum())
        spread = max([*amounts, today]) - min([*amounts, today])
        texts = [formats.money(value, currency(context)) for value in (today, *amounts)]
        rows.append((spread, [programme_name(loaded, code, context), *texts]))
    return [cells for _spread, cells in sorted(rows, key=lambda row: -row[0])]


def sentence(compared: Sequence[Compared], context: PageContext) -> str:
    """Which scenario covers most of women's needs, which most of men's, which has the smallest gap."""
    _ = context.gettext
    parts = []
    for g, group in enumerate(compared[0].groups):
        best = max(compared, key=lambda one: float(one.run.result.groups.coverage[g]))
        share = context.formats.share(float(best.run.result.groups.coverage[g]), DECIMALS)
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
        for figures in document["groups"].values():
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
