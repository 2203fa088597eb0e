"""The reasons of an allocation as tables to take away, in full precision. No Dash here."""

from __future__ import annotations

from collections.abc import Iterator

from budget_model.coverage.explain_programmes import ProgrammeChange
from dashboard.context import PageContext
from dashboard.services.reasons import Reasons
from dashboard.views.reasons import Names, limit_word
from data.writers.tables import Cell, Table


def tables(reasons: Reasons, names: Names, context: PageContext) -> list[Table]:
    """Contributions by need, area and group; the next money by line; cuts and increases by programme."""
    _ = context.gettext
    work = [_("Need code"), _("Need"), _("Area"), _("Group"), _("By code"), _("Covered by"), _("Persons")]
    groups = list(names.groups)
    year = [_("Spent in year")] if reasons.period else []
    following = [
        _("Programme code"),
        _("Programme"),
        _("Area"),
        *year,
        *groups,
        _("Together"),
        _("What stands against it"),
    ]
    moved = [
        _("Programme code"),
        _("Programme"),
        _("Change"),
        *groups,
        _("Together"),
        _("First 1,000"),
        _("Last 1,000"),
    ]
    return [
        Table(_("Whose work"), work, list(_work_rows(reasons, names, context))),
        Table(_("The next 1,000"), following, list(_next_rows(reasons, names, context))),
        Table(_("Cuts"), moved, [_change_row(one, reasons, names) for one in reasons.moves.cuts]),
        Table(_("Increases"), moved, [_change_row(one, reasons, names) for one in reasons.moves.increases]),
    ]


def _work_rows(reasons: Reasons, names: Names, context: PageContext) -> Iterator[list[Cell]]:
    model, links = reasons.model, reasons.model.links
    without = context.gettext("without these programmes")
    for n, need in enumerate(model.needs):
        for a in range(len(model.areas)):
            for g in range(len(model.groups)):
                if model.universe[n, a, g] <= 0:
                    continue
                place: list[Cell] = [need, names.needs[n], names.areas[a], names.groups[g]]
                yield [*place, "", without, float(reasons.here.background[n, a, g])]
                for link in (links.need == n).nonzero()[0]:
                    p = int(links.programme[link])
                    persons = float(reasons.here.by_link[link, a, g])
                    yield [*place, model.programmes[p], names.programmes[p], persons]


def _next_rows(reasons: Reasons, names: Names, context: PageContext) -> Iterator[list[Cell]]:
    found = reasons.moves.next
    for p, code in enumerate(reasons.model.programmes):
        for a, area in enumerate(names.areas):
            values = [float(value) for value in found.gained[p, a]]
            word = limit_word(int(found.limit[p, a]), context)
            year = [] if reasons.moves.next_year is None else [int(reasons.moves.next_year[p])]
            yield [code, names.programmes[p], area, *year, *values, sum(values), word]


def _change_row(one: ProgrammeChange, reasons: Reasons, names: Names) -> list[Cell]:
    means = [float(value) for value in one.mean]
    ends = [float(one.first.sum()), float(one.last.sum())]
    code = reasons.model.programmes[one.programme]
    return [code, names.programmes[one.programme], one.change, *means, sum(means), *ends]
