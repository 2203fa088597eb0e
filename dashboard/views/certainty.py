"""How sure a scenario's figures are: each with its P5 to P95, and how often it beats another. No Dash here.

Results are the plain data of `data.workflows.planned.planned_answer`; a figure that does not exist in some draw has no
interval and shows a dash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from dashboard.context import PageContext
from dashboard.services.years import Planned
from dashboard.views.simulate_names import covered_name, group_name

DECIMALS, MOST_DECIMALS = 2, 5
Write = Callable[[float | None], str]
WriteTo = Callable[[float | None, int], str]  # a figure, to so many decimals
Figures = Mapping[str, Any]


def ends(figures: Figures, name: str, write: Write) -> tuple[str, str, str]:
    """A figure with its two ends, written."""
    return write(figures[name]), write(figures.get(f"{name}_p5")), write(figures.get(f"{name}_p95"))


def fine_ends(figures: Figures, name: str, write: WriteTo, least: int) -> tuple[str, str, str]:
    """The same, with the decimals that it takes to tell the two ends apart: a count has a narrow interval, not none."""
    low, high = figures.get(f"{name}_p5"), figures.get(f"{name}_p95")
    for decimals in range(least, MOST_DECIMALS + 1):
        written = ends(figures, name, partial(_with_decimals, write, decimals))
        if low == high or written[1] != written[2]:
            return written
    return written


def _with_decimals(write: WriteTo, decimals: int, value: float | None) -> str:
    return write(value, decimals)


def group_sentences(result: Figures, context: PageContext) -> list[str]:
    """Coverage of each group with its interval: over all years where there are several."""
    _, formats = context.gettext, context.formats
    whole = result["horizon"] or result["years_drawn"][0]
    told = []
    for group, figures in whole["groups"].items():
        value, low, high = fine_ends(figures, "coverage", formats.share, DECIMALS)
        told.append(
            _(
                "{group}: {share} of needs covered; 9 of 10 draws lie between {low} and {high}.",
                group=group_name(group, context),
                share=value,
                low=low,
                high=high,
            )
        )
    return told


def chance_sentences(beats: Figures | None, name: str, other: str, context: PageContext) -> list[str]:
    """How often it covers more than another, by group, and how often its gap is the narrower one."""
    _, formats = context.gettext, context.formats
    if beats is None:
        return []
    told = [
        _(
            "{group}: {one} covers more than {other} in {share} of the draws, less in {less}.",
            group=group_name(group, context),
            one=name,
            other=other,
            share=formats.share(found["better"], 0),
            less=formats.share(found["worse"], 0),
        )
        for group, found in beats["groups"].items()
        if found["better"] is not None
    ]
    if beats["narrower_gap"] is not None:
        share = formats.share(beats["narrower_gap"], 0)
        told.append(_("The gap is narrower than with {other} in {share} of the draws.", other=other, share=share))
    return told


def has_no_doubt(result: Figures) -> bool:
    """Whether nothing was drawn: no survey error and no range is stated."""
    return not result["tornado"]["bars"]


# ---- tables ----------------------------------------------------------------------------------------------------------


def figure_columns(context: PageContext) -> list[str]:
    _ = context.gettext
    return [_("Figure"), _("Estimate"), _("P5"), _("P95")]


def main_rows(result: Figures, planned: Planned, context: PageContext) -> list[list[str]]:
    """Everything reported over all needs: of the one year, or over all years."""
    whole = result["horizon"] or result["years_drawn"][0]
    return [
        *_group_rows(whole, planned, context),
        *_gap_rows(whole, context),
        *_money_rows(result["years_drawn"], whole, planned, context),
    ]


def _group_rows(whole: Figures, planned: Planned, context: PageContext) -> Iterator[list[str]]:
    _, formats = context.gettext, context.formats

    persons = _("person-years") if planned.n_years > 1 else _("persons")
    for group, figures in whole["groups"].items():
        name = group_name(group, context)
        share = partial(fine_ends, figures, write=formats.share, least=DECIMALS)
        yield [_("{group}: needs covered", group=name), *share("coverage")]
        yield [_("{group}: needs covered, weighted", group=name), *share("weighted_coverage")]
        if planned.scenario is not None:
            today = _("{group}: needs covered with today's budget", group=name)
            yield [today, *share("coverage_baseline")]
            yield [_("{group}: gain ({unit})", group=name, unit=persons), *ends(figures, "gained", formats.number)]
            yield [_("{group}: lose ({unit})", group=name, unit=persons), *ends(figures, "lost", formats.number)]


def _gap_rows(whole: Figures, context: PageContext) -> Iterator[list[str]]:
    _, formats = context.gettext, context.formats

    def points(value: float | None, decimals: int) -> str:
        return formats.points(None if value is None else value / 100, decimals)

    if whole["gap"]["gap_pp"] is not None:
        yield [_("Gap, women minus men"), *fine_ends(whole["gap"], "gap_pp", points, DECIMALS + 1)]
        yield [
            _("Women's coverage over men's (ratio)"),
            *fine_ends(whole["gap"], "ratio", formats.number, 3),
        ]


def _money_rows(years: list[Figures], whole: Figures, planned: Planned, context: PageContext) -> Iterator[list[str]]:
    """Costs of a single year; over several, what they cost together."""
    _, formats, currency = context.gettext, context.formats, planned.loaded.model.currency

    def money(value: float | None) -> str:
        return formats.money(value, currency)

    if len(years) > 1:
        yield [_("Money over all years"), *ends(whole, "spent", money)]
        yield [_("of which to run works"), *ends(whole, "running_cost", money)]
        return
    found = years[0]["money"]
    yield [_("Money for one need that the programmes meet"), *ends(found, "per_met_need", money)]
    if found["per_additional_need"] is not None:
        yield [_("Money for one more need met than today"), *ends(found, "per_additional_need", money)]
    for group, figures in found["groups"].items():
        name = group_name(group, context)
        label = _("{group}: share of the spending that reaches them", group=name)
        yield [label, *ends(figures, "spending_share", lambda share: formats.share(share, 1))]


def year_columns(result: Figures, context: PageContext) -> list[str]:
    """Year, then for each group its coverage, P5 and P95."""
    _ = context.gettext
    names = [group_name(group, context) for group in result["years_drawn"][0]["groups"]]
    return [_("Year"), *(title for name in names for title in (name, f"{name}: P5", f"{name}: P95"))]


def year_rows(result: Figures, context: PageContext) -> list[list[str]]:
    formats = context.formats
    return [
        [
            str(year["year"]),
            *(
                text
                for figures in year["groups"].values()
                for text in fine_ends(figures, "coverage", formats.share, DECIMALS)
            ),
        ]
        for year in result["years_drawn"]
    ]


def need_columns(planned: Planned, context: PageContext) -> list[str]:
    _ = context.gettext
    shares = [_("Covered"), _("Group"), _("Estimate"), _("P5"), _("P95")]
    return [*shares, _("Gain, persons"), _("Lose, persons")] if planned.scenario is not None else shares


def need_rows(result: Figures, planned: Planned, context: PageContext) -> list[list[str]]:
    """A row a need and group in the last year; gains and losses with their intervals in brackets."""
    formats, rows = context.formats, []
    for need in result["years_drawn"][-1]["needs"]:
        name = covered_name(planned.loaded, need["need"], context)
        for group, figures in need["groups"].items():
            if figures["coverage"] is None:
                continue
            cells = [name, group_name(group, context)]
            cells += fine_ends(figures, "coverage", formats.share, DECIMALS)
            if planned.scenario is not None:
                cells += [in_brackets(ends(figures, key, formats.number)) for key in ("gained", "lost")]
            rows.append(cells)
    return rows


def in_brackets(written: tuple[str, str, str]) -> str:
    """`120 (80 – 160)`"""
    value, low, high = written
    return f"{value} ({low} – {high})"
