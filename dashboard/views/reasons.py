"""Reasons of an allocation in sentences and rows: whose work, where next, why money moved. No Dash here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from budget_model.coverage.explain import LIMITS
from budget_model.coverage.explain_programmes import ProgrammeChange, beside, best_area_of_each
from budget_model.coverage.types import Array
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.reasons import Reasons
from dashboard.views.reasons_flow import Flow, FlowNames, build_flow
from dashboard.views.simulate_names import group_name, need_name, programme_name

HALF_A_PERSON = 0.5
DECIMALS = 2  # of needs met by 1,000
SHOWN_PROGRAMMES = 13  # the sum and twelve
SHOWN_NEXT = 12
SHOWN_CUTS = 8
LIMIT_WORDS = {
    "locked": mark("locked: its money stays where it is"),
    "ceiling": mark("at its ceiling: it may not get more"),
    "capacity": mark("at its capacity: more money serves nobody"),
}


@dataclass(frozen=True)
class Names:
    """What the parts of the model are called in the reader's language."""

    programmes: Sequence[str]
    needs: Sequence[str]
    groups: Sequence[str]
    areas: Sequence[str]


def names_of(reasons: Reasons, areas: dict[str, str], context: PageContext) -> Names:
    model, loaded = reasons.model, reasons.loaded
    return Names(
        [programme_name(loaded, code, context) for code in model.programmes],
        [need_name(loaded, code, context) for code in model.needs],
        [group_name(code, context) for code in model.groups],
        [areas.get(code, code) for code in model.areas],
    )


def by_group(values: Array, names: Names, context: PageContext, decimals: int = 0) -> str:
    """`women 12, men 8`"""
    return ", ".join(
        f"{name.lower()} {context.formats.number(float(value), decimals)}"
        for name, value in zip(names.groups, values, strict=True)
    )


# ---- whose work ------------------------------------------------------------------------------------------------------


def work_sentence(reasons: Reasons, names: Names, context: PageContext) -> str:
    """How many needs are covered, how many of them by the programmes, and which programme meets most."""
    _, formats = context.gettext, context.formats
    persons, background = reasons.persons, float(reasons.here.background.sum())
    met = float(persons.sum())
    if met < HALF_A_PERSON:
        return _("These programmes meet no need: all that is covered is covered without them.")
    first = int(persons.sum(axis=(1, 2, 3)).argmax())
    return _(
        "Of {covered} needs covered, {background} are covered without these programmes and {met} by them "
        "({groups}). Most are met by “{programme}”: {most}.",
        covered=formats.number(background + met),
        background=formats.number(background),
        met=formats.number(met),
        groups=by_group(persons.sum(axis=(0, 1, 2)), names, context),
        programme=names.programmes[first],
        most=formats.number(float(persons[first].sum())),
    )


def flow_of(reasons: Reasons, names: Names, most: int, context: PageContext) -> Flow:
    _ = context.gettext
    called = FlowNames(names.programmes, names.needs, names.groups, _("Other programmes"), _("Other needs"))
    return build_flow(reasons.persons.sum(axis=2), called, most)


def programme_cells(reasons: Reasons, names: Names, context: PageContext) -> list[list[str]]:
    """The sum of all, then a row a programme: its money, needs met by group and in all, and against today."""
    formats, model = context.formats, reasons.model
    persons = reasons.persons.sum(axis=(1, 2))  # (P, G)
    change = (reasons.persons - reasons.today.of_programmes(model)).sum(axis=(1, 2, 3))
    money = reasons.money
    rows = [
        [
            names.programmes[p],
            formats.money(float(money[p]), model.currency),
            *(formats.number(float(value)) for value in persons[p]),
            formats.number(float(persons[p].sum())),
            formats.signed(float(change[p])),
        ]
        for p in sorted(range(len(persons)), key=lambda p: -float(persons[p].sum()))
    ]
    whole = [
        context.gettext("All programmes"),
        formats.money(float(money.sum()), model.currency),
        *(formats.number(float(value)) for value in persons.sum(axis=0)),
        formats.number(float(persons.sum())),
        formats.signed(float(change.sum())),
    ]
    return [whole, *rows]


def need_cells(reasons: Reasons, names: Names, context: PageContext) -> list[list[str]]:
    """Rows of each need: what is covered without the programmes, each programme's part, and all of it together."""
    rows: list[list[str]] = []
    persons = reasons.persons.sum(axis=2)  # (P, N, G)
    background = reasons.here.background.sum(axis=1)  # (N, G)
    for n in sorted(range(len(names.needs)), key=lambda n: -float(persons[:, n].sum())):
        rows += list(_rows_of_need(n, persons[:, n], background[n], names, context))
    return rows


def _rows_of_need(n: int, persons: Array, background: Array, names: Names, context: PageContext) -> Iterator[list[str]]:
    _ = context.gettext
    yield _need_row(names.needs[n], _("without these programmes"), background, context)
    for p in sorted(range(len(persons)), key=lambda p: -float(persons[p].sum())):
        if persons[p].sum() > 0:
            yield _need_row(names.needs[n], names.programmes[p], persons[p], context)
    yield _need_row(names.needs[n], _("all together"), background + persons.sum(axis=0), context)


def _need_row(need: str, by: str, values: Array, context: PageContext) -> list[str]:
    number = context.formats.number
    return [need, by, *(number(float(value), 1) for value in values), number(float(values.sum()), 1)]


# ---- the next money --------------------------------------------------------------------------------------------------


def next_sentence(reasons: Reasons, names: Names, context: PageContext) -> str:
    _, formats, found = context.gettext, context.formats, reasons.moves.next
    amount = formats.money(found.amount, reasons.model.currency)
    p, a = best_area_of_each(found)[0]
    if found.limit[p, a] or found.gained[p, a].sum() <= 0:
        return _("No programme can use the next {amount}: each is locked, full, or meets nothing more.", amount=amount)
    if reasons.moves.next_year is not None and reasons.period is not None:
        return _(
            "The next {amount} meet most in “{programme}”{area}, spent in year {year}: {needs} person-years of needs "
            "until year {last} ({groups}).",
            amount=amount,
            programme=names.programmes[p],
            area=f", {names.areas[a]}" if len(names.areas) > 1 else "",
            year=int(reasons.moves.next_year[p]),
            last=reasons.period.n_years,
            needs=formats.number(float(found.gained[p, a].sum()), DECIMALS),
            groups=by_group(found.gained[p, a], names, context, DECIMALS),
        )
    return _(
        "The next {amount} a year meet most in “{programme}”{area}: {needs} needs ({groups}).",
        amount=amount,
        programme=names.programmes[p],
        area=f", {names.areas[a]}" if len(names.areas) > 1 else "",
        needs=formats.number(float(found.gained[p, a].sum()), DECIMALS),
        groups=by_group(found.gained[p, a], names, context, DECIMALS),
    )


def next_cells(reasons: Reasons, names: Names, context: PageContext) -> list[list[str]]:
    """Each programme in the area where the next money meets most: names, needs by group, what stands against it."""
    number, found = context.formats.number, reasons.moves.next
    return [
        [
            names.programmes[p],
            *([names.areas[a]] if len(names.areas) > 1 else []),
            *([str(int(reasons.moves.next_year[p]))] if reasons.moves.next_year is not None else []),
            *(number(float(value), DECIMALS) for value in found.gained[p, a]),
            number(float(found.gained[p, a].sum()), DECIMALS),
            limit_word(int(found.limit[p, a]), context) or "–",
        ]
        for p, a in best_area_of_each(found)
    ]


def limit_word(limit: int, context: PageContext) -> str:
    return context.gettext(LIMIT_WORDS[LIMITS[limit]]) if limit else ""


# ---- why money moved -------------------------------------------------------------------------------------------------


def cut_sentences(reasons: Reasons, names: Names, context: PageContext) -> list[str]:
    """Why each of the largest cuts was made: what its money met beside what the largest increase meets."""
    shown = reasons.moves.cuts[:SHOWN_CUTS]
    return [_cut_sentence(cut, beside(cut, reasons.moves.increases), reasons, names, context) for cut in shown]


def _cut_sentence(
    cut: ProgrammeChange, other: ProgrammeChange | None, reasons: Reasons, names: Names, context: PageContext
) -> str:
    _, formats, currency = context.gettext, context.formats, reasons.model.currency
    lost = _(
        "“{programme}” loses {money}{areas}. Each {thousand} of it met {needs} needs ({groups}).",
        programme=names.programmes[cut.programme],
        money=formats.money(-cut.change, currency),
        areas=_areas(cut, names, context),
        thousand=formats.money(1000, currency),
        needs=formats.number(float(cut.mean.sum()), DECIMALS),
        groups=by_group(cut.mean, names, context, DECIMALS),
    )
    if other is None:
        return f"{lost} {_('No programme gets more: this money is not given to anybody.')}"
    gained = _(
        "The largest increase is that of “{programme}” ({money}{areas}), where each {thousand} meets {needs} "
        "({groups}).",
        programme=names.programmes[other.programme],
        money=formats.money(other.change, currency),
        areas=_areas(other, names, context),
        thousand=formats.money(1000, currency),
        needs=formats.number(float(other.mean.sum()), DECIMALS),
        groups=by_group(other.mean, names, context, DECIMALS),
    )
    return f"{lost} {gained} {verdict(cut, other, context)}"


def _areas(change: ProgrammeChange, names: Names, context: PageContext) -> str:
    """Where it happens, if it is not everywhere."""
    if len(change.areas) == len(names.areas):
        return ""
    if len(change.areas) > 3:
        return context.gettext(" in {number} areas", number=len(change.areas))
    return context.gettext(" in {areas}", areas=", ".join(names.areas[a] for a in change.areas))


def verdict(cut: ProgrammeChange, other: ProgrammeChange, context: PageContext) -> str:
    """What moving the money does, and plainly where the number of needs cannot be the reason."""
    _, difference = context.gettext, float(other.mean.sum() - cut.mean.sum())
    amount = context.formats.number(abs(difference), DECIMALS)
    if abs(difference) < 0.005:
        return _("Both meet the same.")
    if difference > 0:
        return _("There it meets {number} more.", number=amount)
    return _(
        "There it meets {number} fewer, counted in persons: the number of needs met is not the reason for this cut.",
        number=amount,
    )


def change_cells(
    changes: Sequence[ProgrammeChange], reasons: Reasons, names: Names, context: PageContext
) -> list[list[str]]:
    """A row a programme: money that moves, and needs met by each 1,000 of it: by group, in all, first and last."""
    number = context.formats.number
    return [
        [
            names.programmes[one.programme],
            signed_money(one.change, reasons.model.currency, context),
            *(number(float(value), DECIMALS) for value in one.mean),
            number(float(one.mean.sum()), DECIMALS),
            number(float(one.first.sum()), DECIMALS),
            number(float(one.last.sum()), DECIMALS),
        ]
        for one in changes
    ]


def signed_money(value: float, currency: str, context: PageContext) -> str:
    text = context.formats.money(value, currency)
    return f"+{text}" if value > 0 else text


def is_weighted(reasons: Reasons) -> bool:
    """Whether the model's weights differ: the reasons count persons all the same, and the page says so."""
    return not bool(np.all(reasons.model.weight == 1))
