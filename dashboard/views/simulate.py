"""What the Simulate page shows: the workbench as plain data for the browser, and results as sentences. No Dash here."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from budget_model.coverage.allocation import area_split, baseline_totals
from budget_model.coverage.scenario import MEN, WOMEN, NeedTotals
from budget_model.coverage.types import Array, BudgetModel
from budget_model.errors import InputError, Problem
from dashboard.context import PageContext
from dashboard.i18n import SYMBOLS, mark
from dashboard.services.findings import NORMAL_95
from dashboard.services.simulate import LoadedModel, Run, Workbench
from dashboard.views.words import dimension_name, group_names, round_sources

SLIDER_ROOM = 2.5  # times today's amount, where a programme has no ceiling
SLIDER_START = 0.02  # of the budget, for a programme without money today
CENT = 0.01
WORTH_A_WORD = 0.5  # persons; less than half a person is no news
SHORTEST_LABEL = 4  # letters of an area's code that fit on the map

LIMIT_SENTENCES = {
    "above-budget": mark(
        "The amounts add up to {excess} more than the total of {limit}. Take that much from other programmes."
    ),
    "locked": mark("{programme} is locked by law and stays at {limit}."),
    "below-floor": mark("{programme}: {amount} is below its minimum."),
    "above-ceiling": mark("{programme}: {amount} is above its maximum."),
    "beyond-max-change": mark("{programme}: {amount} changes today's amount by more than is allowed."),
    "unknown-programme": mark("There is no programme “{programme}” in this model."),
    "amount-unreadable": mark("{programme}: “{value}” is not an amount of 0 or more with at most two decimals."),
}


@dataclass(frozen=True)
class Bounds:
    """How far a programme's total may go: currency / year; `high` None where there is no ceiling."""

    low: float
    high: float | None
    slider_top: float


def page_view(
    workbench: Workbench, context: PageContext, start: Mapping[str, str], keeps_address: bool
) -> dict[str, Any]:
    """The workbench for the scripts in `assets/`: names, limits, texts and addresses; the figures are in the kernel.

    Parameters
    ----------
    start : programme code -> amount, where the address asks for other amounts than today's
    keeps_address : whether the address in the browser already says what is shown (a saved scenario)
    """
    model = workbench.model
    sha256 = workbench.loaded.sha256
    return {
        "model": sha256,
        "is_current": workbench.is_current,
        "keeps_address": keeps_address,
        "kernel_address": context.address("simulate") + f"/kernel.bin?model={sha256}",
        "areas_address": context.address("simulate") + f"/areas.json?model={sha256}"
        if workbench.has_geometry
        else None,
        "format": {
            "locale": context.formats.plotly_locale,
            "percent_space": context.language == "es",
            "symbol": SYMBOLS.get(model.currency, model.currency),
        },
        "budget": budget_of(model),
        "is_weighted": bool((model.weight != 1).any()),
        "groups": [{"code": code, "name": group_name(code, context)} for code in model.groups],
        "needs": [_need(workbench, index, context) for index in range(len(model.needs))],
        "dimensions": _dimensions(workbench, context),
        "areas": [_area(workbench, code) for code in model.areas],
        "programmes": _programmes(workbench, context),
        "headings": _headings(workbench, context),
        "start": dict(start),
        "texts": {**browser_texts(context), **weight_texts(workbench.loaded, context)},
    }


def weight_texts(loaded: LoadedModel, context: PageContext) -> dict[str, str]:
    """What the small text of the weighted coverage says, where the weights are mixed with focus groups."""
    mix = loaded.weight_mix
    if not mix:
        return {}
    part = context.formats.share(mix["focus_share"], 0)
    text = context.gettext("weighted by priority {share} ({part} focus groups)", part=part, share="{share}")
    return {"weighted": text}


def weight_sentence(loaded: LoadedModel, context: PageContext) -> str:
    """Where the model's weights come from."""
    _ = context.gettext
    mix = loaded.weight_mix
    if not mix:
        if (loaded.model.weight == 1).all():
            return _("Every need weighs the same here: no priorities of focus groups are mixed in.")
        return _("The weights of the needs are those stored with the survey's needs.")
    return _(
        "The weights of the needs come {focus} from the focus groups and {survey} from the survey (set on {day}).",
        focus=context.formats.share(mix["focus_share"], 0),
        survey=context.formats.share(1 - mix["focus_share"], 0),
        day=context.formats.date(date.fromisoformat(mix["set_on"])),
    )


def budget_of(model: BudgetModel) -> float:
    """The total that may be allocated: the stated budget, else what is spent today."""
    return float(model.constraints.budget if model.constraints.budget is not None else model.baseline.sum())


def group_name(code: str, context: PageContext) -> str:
    return group_names(context).get(code, code)


def need_name(loaded: LoadedModel, code: str, context: PageContext) -> str:
    return context.in_language(loaded.need_names.get(code), code)


def programme_name(loaded: LoadedModel, code: str, context: PageContext) -> str:
    return context.in_language(loaded.programme_names.get(code), code)


def _need(workbench: Workbench, index: int, context: PageContext) -> dict[str, Any]:
    code = workbench.model.needs[index]
    return {
        "code": code,
        "name": need_name(workbench.loaded, code, context),
        "dimension": workbench.dimensions.get(code, ""),
        "intervals": sampling_intervals(workbench.model, index),
    }


def sampling_intervals(model: BudgetModel, need: int) -> list[list[float] | None]:
    """95 % interval of today's coverage of a need, [low, high] a group; None for a census or where nobody is concerned.

    The standard errors of the areas are added up as those of independent estimates.
    """
    universe = model.universe[need].sum(axis=0)
    concerned = model.universe[need] > 0
    errors = np.sqrt(np.where(concerned, model.deficit_se[need] ** 2, 0.0).sum(axis=0))  # NaN where one is missing
    found: list[list[float] | None] = []
    for persons, deficit, error in zip(universe, model.deficit[need].sum(axis=0), errors, strict=True):
        if not persons > 0 or not np.isfinite(error):
            found.append(None)
            continue
        coverage, half = 1 - deficit / persons, NORMAL_95 * error / persons
        found.append([max(0.0, float(coverage - half)), min(1.0, float(coverage + half))])
    return found


def _dimensions(workbench: Workbench, context: PageContext) -> list[dict[str, str]]:
    codes = dict.fromkeys(workbench.dimensions.get(need, "") for need in workbench.model.needs)
    named = [{"code": code, "name": dimension_name(code, context)} for code in codes if code]
    return sorted(named, key=lambda entry: entry["name"])


def _area(workbench: Workbench, code: str) -> dict[str, str]:
    name = workbench.area_names.get(code, code)
    return {"code": code, "name": name, "short": short_label(name, code)}


def short_label(name: str, code: str) -> str:
    """What fits on the map: the last word of a name like `Sector 4`, else the code, if short enough."""
    last = name.split()[-1] if name.split() else ""
    return next((text for text in (last, code) if 0 < len(text) <= SHORTEST_LABEL), "")


def _programmes(workbench: Workbench, context: PageContext) -> list[dict[str, Any]]:
    model, loaded = workbench.model, workbench.loaded
    totals = baseline_totals(model)
    entries = []
    for index, code in enumerate(model.programmes):
        note = workbench.programmes.get(code)
        bounds = total_bounds(model, index)
        needs = sorted({int(need) for need in model.links.need[model.links.programme == index]})
        entries.append(
            {
                "code": code,
                "name": programme_name(loaded, code, context),
                "today": float(totals[index]),
                "low": bounds.low,
                "high": bounds.high,
                "top": bounds.slider_top,
                "locked": bool(model.locked[index]),
                "reason": context.in_language(note.lock_reason if note else None),
                "needs": needs,
                "serves": ", ".join(need_name(loaded, model.needs[need], context) for need in needs),
            }
        )
    return entries


def _headings(workbench: Workbench, context: PageContext) -> list[dict[str, Any]]:
    """Programmes under their headings, both in the order of the model."""
    groups: dict[str, list[int]] = {}
    for index, code in enumerate(workbench.model.programmes):
        note = workbench.programmes.get(code)
        name = context.in_language(note.heading if note else None) or context.gettext("Other programmes")
        groups.setdefault(name, []).append(index)
    return [{"name": name, "programmes": programmes} for name, programmes in groups.items()]


def total_bounds(model: BudgetModel, index: int) -> Bounds:
    """Limits of a programme's total that keep every area within its own floor, ceiling and limit on change.

    An area gets the total times its share, so the tightest area decides. A cent in each area is kept as room for the
    rounding of stored amounts. Today's amount is always within.
    """
    today = float(model.baseline[index].sum())
    shares = model.baseline[index] / today if today > 0 else area_split(model)[index]
    used = shares > 0
    lows, highs = _area_limits(model, index)
    lows = np.where(lows > 0, lows + CENT, lows)
    low = math.ceil(round(float((lows[used] / shares[used]).max()) * 100, 3)) / 100
    high = _highest(highs[used] - CENT, shares[used])
    room = max(SLIDER_ROOM * today, SLIDER_START * budget_of(model), 1.0)
    top = high if high is not None else _rounded_up(room)
    return Bounds(min(low, today), None if high is None else max(high, today), max(top, today))


def _highest(limits: Array, shares: Array) -> float | None:
    """The largest total, in whole units of money, that keeps each area's limit; None where nothing limits it."""
    highest = float((limits / shares).min())
    return float(math.floor(highest)) if math.isfinite(highest) else None


def _area_limits(model: BudgetModel, index: int) -> tuple[Array, Array]:
    lows, highs = model.floor[index], model.ceiling[index]
    if model.constraints.max_change is None:
        return lows, highs
    room = model.constraints.max_change * model.baseline[index]
    return np.maximum(lows, model.baseline[index] - room), np.minimum(highs, model.baseline[index] + room)


def _rounded_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= value * (1 - 1e-9))


# ---- results in words --------------------------------------------------------------------------------------------


def answer_view(run: Run, context: PageContext) -> dict[str, Any]:
    """The server's answer to a release: sentences, and coverage in every cell to hold the browser's against."""
    return {
        "model": run.loaded.sha256,
        "sentence": result_sentence(run, context),
        "finding": coverage_finding(run, context),
        "problems": problem_sentences(told_below(run.problems), run.loaded, context),
        "cells": packed_cells(run.result.coverage),
    }


def told_below(problems: Sequence[Problem]) -> list[Problem]:
    """Without the total: the page says that beside the sum itself, at once and without the server."""
    return [problem for problem in problems if problem.rule != "above-budget"]


def packed_cells(coverage: Array) -> str:
    """Coverage (N, A, G) as base64 of little-endian float32: exact to 6e-8, a tenth of the tolerance and more."""
    return base64.b64encode(np.ascontiguousarray(coverage, dtype="<f4").tobytes()).decode("ascii")


def result_sentence(run: Run, context: PageContext) -> str:
    """Who gains, who loses, what becomes of the gap, what money is left: a few sentences that stand alone."""
    parts = (
        [_gains_sentence(run, context), _losses_sentence(run, context)]
        if run.changes
        else [_today_sentence(run, context)]
    )
    parts += [_gap_sentence(run, context), _money_sentence(run, context)]
    return " ".join(part for part in parts if part)


def _today_sentence(run: Run, context: PageContext) -> str:
    groups, names = run.result.groups, run.result.model.groups
    shares = ", ".join(
        f"{group_name(code, context).lower()} {context.formats.share(float(coverage))}"
        for code, coverage in zip(names, groups.coverage_baseline, strict=True)
    )
    return context.gettext("Today's budget, coverage of identified needs: {shares}.", shares=shares)


def _by_group(values: Array, names: Sequence[str], context: PageContext) -> str:
    """`1,234 of women and 567 of men`"""
    _ = context.gettext
    parts = [
        _("{number} of {group}", number=context.formats.number(float(value)), group=group_name(code, context).lower())
        for code, value in zip(names, values, strict=True)
    ]
    return _(" and ").join(parts)


def _gains_sentence(run: Run, context: PageContext) -> str:
    groups = run.result.groups
    if groups.gained.max() < WORTH_A_WORD:
        return context.gettext("No need would be met that is not met today.")
    return context.gettext(
        "Needs newly met: {persons}, most of them {need}.",
        persons=_by_group(groups.gained, run.result.model.groups, context),
        need=_largest_need(run, run.result.needs.gained, context),
    )


def _losses_sentence(run: Run, context: PageContext) -> str:
    groups = run.result.groups
    if groups.lost.max() < WORTH_A_WORD:
        return context.gettext("Nobody loses.")
    return context.gettext(
        "Needs no longer met: {persons}, most of them {need}.",
        persons=_by_group(groups.lost, run.result.model.groups, context),
        need=_largest_need(run, run.result.needs.lost, context),
    )


def _largest_need(run: Run, values: Array, context: PageContext) -> str:
    index = int(values.sum(axis=1).argmax())
    return context.gettext("“{need}”", need=need_name(run.loaded, run.result.model.needs[index], context))


def gaps_of(run: Run) -> tuple[float, float] | None:
    """Women minus men, coverage of identified needs: today and in the scenario, as shares; None without both groups."""
    names = run.result.model.groups
    if WOMEN not in names or MEN not in names:
        return None
    groups, women, men = run.result.groups, names.index(WOMEN), names.index(MEN)
    return (
        float(groups.coverage_baseline[women] - groups.coverage_baseline[men]),
        float(groups.coverage[women] - groups.coverage[men]),
    )


def _gap_sentence(run: Run, context: PageContext) -> str:
    gaps, points = gaps_of(run), context.formats.points
    if gaps is None:
        return ""
    before, after = points(gaps[0], 2), points(gaps[1], 2)
    if before == after:
        return context.gettext("The gap (women minus men) is {after}.", after=after)
    return context.gettext("The gap (women minus men) goes from {before} to {after}.", before=before, after=after)


def _money_sentence(run: Run, context: PageContext) -> str:
    model = run.result.model
    left = round(budget_of(model) - run.result.spent, 2)
    amount = context.formats.money(abs(left), model.currency, 0 if left == int(left) else 2)
    if left < 0:
        return context.gettext("The amounts exceed the total by {amount}.", amount=amount)
    return (
        context.gettext("Left to allocate: {amount}.", amount=amount)
        if left
        else context.gettext("All money is allocated.")
    )


def coverage_finding(run: Run, context: PageContext) -> str:
    """The title of the dumbbells: what changes most, or what is covered least today."""
    needs = run.result.needs
    change = np.nan_to_num(needs.coverage - needs.coverage_baseline)
    if not run.changes or np.abs(change).max() < 0.0005:
        return _least_covered(run, needs, context)
    index = int(np.abs(change).max(axis=1).argmax())
    changes = ", ".join(
        f"{group_name(code, context).lower()} {context.formats.points(float(value))}"
        for code, value in zip(run.result.model.groups, change[index], strict=True)
        if not np.isnan(needs.coverage[index]).all()
    )
    name = need_name(run.loaded, run.result.model.needs[index], context)
    return context.gettext("“{need}” changes most: {changes}", need=name, changes=changes)


def _least_covered(run: Run, needs: NeedTotals, context: PageContext) -> str:
    persons = needs.universe.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        coverage = needs.covered.sum(axis=1) / persons
    index = int(np.where(persons > 0, coverage, np.inf).argmin())
    name = need_name(run.loaded, run.result.model.needs[index], context)
    share = context.formats.share(float(coverage[index]))
    return context.gettext("“{need}” is covered least: {share} of those concerned", need=name, share=share)


def problem_sentences(problems: Sequence[Problem], loaded: LoadedModel, context: PageContext) -> list[str]:
    """Limits that an allocation breaks, one sentence each, in the reader's language."""
    return list(dict.fromkeys(_problem_sentence(problem, loaded, context) for problem in problems))


def save_sentences(error: InputError, loaded: LoadedModel, free_name: str, context: PageContext) -> list[str]:
    """Why a scenario was not saved, and what to do; a name that is taken comes with one that is free."""
    _ = context.gettext
    sentences = {
        "scenario-name": _("Give the scenario a name of 1 to 120 characters."),
        "scenario-exists": _(
            "You already have a scenario of this name; scenarios are never overwritten. “{name}” is free.",
            name=free_name,
        ),
        "scenario-note": _("The note is too long: at most 2,000 characters are kept."),
    }
    found = [sentences.get(problem.rule) or _problem_sentence(problem, loaded, context) for problem in error.problems]
    return [_("Not saved."), *dict.fromkeys(found)]


def _problem_sentence(problem: Problem, loaded: LoadedModel, context: PageContext) -> str:
    sentence = LIMIT_SENTENCES.get(problem.rule)
    if sentence is None:
        return problem.message
    currency = loaded.model.currency
    money = {
        name: context.formats.money(float(problem.facts[name]), currency, 2)
        for name in ("amount", "limit", "excess")
        if name in problem.facts
    }
    code = str(problem.facts.get("programme", ""))
    totals = _total_facts(problem, loaded, context) if problem.rule == "locked" else {}
    facts = {
        "programme": programme_name(loaded, code, context),
        "value": str(problem.facts.get("value", "")),
        **money,
        **totals,
    }
    return context.gettext(sentence, **facts)


def _total_facts(problem: Problem, loaded: LoadedModel, context: PageContext) -> dict[str, str]:
    """A lock is told by the programme's total, not by the area where it was noticed."""
    model = loaded.model
    index = model.programmes.index(str(problem.facts["programme"]))
    return {"limit": context.formats.money(float(model.baseline[index].sum()), model.currency)}


# ---- provenance and assumptions ----------------------------------------------------------------------------------


def inconsistency_rows(workbench: Workbench, context: PageContext) -> list[list[str]]:
    """Need, area, group, what the records claim, what the survey found; formatted."""
    calibrated, model = workbench.loaded.calibrated, workbench.model
    share = context.formats.share
    return [
        [
            need_name(workbench.loaded, model.needs[n], context),
            workbench.area_names.get(model.areas[a], model.areas[a]),
            group_name(model.groups[g], context),
            share(float(calibrated.records[n, a, g])),
            share(float(calibrated.survey[n, a, g])),
        ]
        for n, a, g in np.argwhere(calibrated.inconsistent)
    ]


def source_parts(workbench: Workbench, context: PageContext) -> list[str]:
    """Round, year and model, for the note under the pictures and at the head of downloads."""
    _ = context.gettext
    year = workbench.loaded.budget_year
    return [
        *round_sources(workbench.survey_round, context),
        _("budget of {year}", year=year) if year else _("amounts as stated by the programmes"),
        _("model {hash}", hash=workbench.loaded.sha256[:12]),
    ]


def browser_texts(context: PageContext) -> dict[str, str]:
    """Sentences that the scripts fill in while the page is used."""
    _ = context.gettext
    return {
        "amount_of": _("{programme}: amount per year"),
        "today_amount": _("Today {amount}"),
        "locked": _("Locked."),
        "amount_missing": _("Enter an amount; 0 if the programme gets nothing."),
        "amount_ambiguous": _(
            "Does the point mark thousands or decimals? Write 1250 or 1,250 for thousands, 1.25 for decimals."
        ),
        "amount_negative": _("An amount cannot be below 0."),
        "amount_unreadable": _("This is not an amount. Write digits, such as 1250000, 1,250,000 or 1250.50."),
        "amount_below": _("{amount} is below the minimum of {low}. The amount was not taken over."),
        "amount_above": _("{amount} is above the maximum of {high}. The amount was not taken over."),
        "against_today": _("{change} against today ({today})"),
        "needs_met": _("needs met: {persons}"),
        "weighted": _("weighted by priority {share}"),
        "gap_before": _("today {gap}"),
        "of_total": _("of {total}"),
        "over_total": _(
            "{excess} above the total: take that much from other programmes. It cannot be saved like this."
        ),
        "within_total": _("The amounts keep within the total."),
        "over_announced": _("The amounts now exceed the total."),
        "within_announced": _("The amounts keep within the total again."),
        "largest": _("The {number} largest, and those you change"),
        "changed_needs": _("Only those that this scenario changes"),
        "all_needs": _("All needs"),
        "dimension": _("By dimension"),
        "order_uncovered": _("Most people uncovered today first"),
        "order_gap": _("Largest gap against women today first"),
        "order_name": _("By name"),
        "everybody": _("Women and men"),
        "map_label": _("Map of people still uncovered. Arrow keys move between the areas."),
        "area_uncovered": _("{area}: {now} people uncovered (today {before}, change {change})"),
        "area_nobody": _("{area}: nobody is concerned"),
        "nobody": _("nobody concerned"),
        "at_least": _("{low} and more"),
        "area_table": _("People uncovered by area: {need}, {group}"),
        "coverage_table": _("Coverage by need and group, and persons who gain and lose against today"),
        "need": _("Need"),
        "group": _("Group"),
        "concerned": _("People concerned"),
        "today": _("Today"),
        "interval": _("Today, 95 % interval"),
        "scenario": _("Scenario"),
        "change": _("Change"),
        "gain": _("Gain, persons"),
        "lose": _("Lose, persons"),
        "area": _("Area"),
        "copied": _("The address is copied."),
        "copy_by_hand": _("The address is selected: copy it with Ctrl+C."),
        "no_answer": _("The server has not confirmed this result yet. What you see was computed in your browser."),
        "differs": _(
            "Browser and server differ by up to {points} percentage points. The server's figures are shown; "
            "please report this."
        ),
        "not_loaded": _("The model could not be loaded. Load the page again; if that does not help, log in again."),
    }
