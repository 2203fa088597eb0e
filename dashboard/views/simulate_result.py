"""The result of a tried allocation in words, and its cells for the browser. No Dash here."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from budget_model.coverage.scenario import MEN, WOMEN, NeedTotals
from budget_model.coverage.types import Array
from dashboard.context import PageContext
from dashboard.services.simulate_tries import Run
from dashboard.views.simulate_names import budget_of, covered_name, group_name, need_name
from dashboard.views.simulate_problems import problem_sentences, told_below

WORTH_A_WORD = 0.5  # persons; less than half a person is no news
SMALLEST_CHANGE = 0.00005  # share: what would be printed as 0.01 points
GAP_DECIMALS = 3  # one more than the shares of the tiles


def answer_view(run: Run, context: PageContext) -> dict[str, Any]:
    """The server's answer to a release: sentences, and coverage in every cell to hold the browser's against."""
    return {
        "model": run.loaded.sha256,
        "sentence": result_sentence(run, context),
        "finding": coverage_finding(run, context),
        "problems": problem_sentences(told_below(run.problems), run.loaded, context),
        "cells": packed_cells(run.result.coverage),
    }


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
    before, after = points(gaps[0], GAP_DECIMALS), points(gaps[1], GAP_DECIMALS)
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
    if not run.changes or np.abs(change).max() < SMALLEST_CHANGE:
        return _least_covered(run, needs, context)
    index = int(np.abs(change).max(axis=1).argmax())
    changes = ", ".join(
        f"{group_name(code, context).lower()} {context.formats.points(float(value))}"
        for code, value in zip(run.result.model.groups, change[index], strict=True)
        if not np.isnan(needs.coverage[index]).all()
    )
    name = covered_name(run.loaded, run.result.model.needs[index], context)
    return context.gettext("“{need}” changes most: {changes}", need=name, changes=changes)


def _least_covered(run: Run, needs: NeedTotals, context: PageContext) -> str:
    persons = needs.universe.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        coverage = needs.covered.sum(axis=1) / persons
    index = int(np.where(persons > 0, coverage, np.inf).argmin())
    name = covered_name(run.loaded, run.result.model.needs[index], context)
    share = context.formats.share(float(coverage[index]))
    return context.gettext("Lowest coverage: “{need}”, {share} of those concerned", need=name, share=share)
