"""A saved scenario against its baseline, written back as a proposed modification by budget line and funding source.

Two bases: `this_year` moves only what is not reserved yet (the highest of certified, committed, accrued and paid, as
far as the file has them), `next_year` moves whole lines, for the opening budget of the year after. What is reserved of
a line that several programmes share is shared like the line; of one that is shared above the whole, each programme has
its part of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_UP, Decimal

from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem
from budget_model.spending.modification import FundedLine, Modification, Portion, ProgrammeChange, propose
from budget_model.spending.source_rules import SourceRules
from budget_model.spending.written_back import LinkedMoney, WrittenBack, write_back
from data.readers.source_rules import rules_of_country
from data.store.lines import list_lines
from data.store.models import load_snapshot
from data.store.scenarios import load_scenario, load_years
from data.store.tables import BudgetLine, Scenario, Site, User
from data.workflows.line_links import line_name
from data.workflows.models import baseline_amounts
from data.workflows.programme_parts import ProgrammeParts, stored_parts
from data.workflows.scenarios import exact_allocation, load_calibrated
from data.workflows.tagged_lines import approved_tags

BASES = ("this_year", "next_year")
RESERVING_STAGES = ("certified", "committed", "accrued", "paid")  # the highest that a line has
CENTS = 100
Totals = Mapping[str, Decimal]


@dataclass(frozen=True)
class LineFacts:
    """What people recognise a line by, and its money."""

    code: str
    name: str
    labels: Mapping[str, str]
    source: str | None
    pim: Decimal
    reserved: Decimal | None


@dataclass(frozen=True)
class ProposedModification:
    """The modification with what is needed to read it."""

    scenario_id: int
    scenario_name: str
    n_years: int  # of a plan of several, the modification is of its first year
    owner: str
    saved_at: datetime
    year: int
    basis: str
    currency: str
    is_synthetic: bool
    site_name: str
    rules: SourceRules
    programme_names: Mapping[str, Mapping[str, str]]
    changes: Mapping[str, Decimal]  # programme -> scenario minus baseline; only those that change
    lines: Mapping[str, LineFacts]  # of the programmes that change
    result: Modification
    after: WrittenBack
    files: tuple[str, ...]


@dataclass(frozen=True)
class _Basis:
    """What a modification is made from: a scenario of a year against what the lines of that year hold today."""

    year: int
    before: Totals  # programme -> its money
    after: Totals
    programmes: Sequence[ProgrammeParts]
    lines: Sequence[BudgetLine]

    @property
    def changes(self) -> dict[str, Decimal]:
        """Programme -> scenario minus baseline; only those that change."""
        return {code: to - self.before[code] for code, to in self.after.items() if to != self.before[code]}


def propose_modification(
    session: Session, site_id: int, scenario_id: int, basis: str = "this_year", rules: SourceRules | None = None
) -> ProposedModification:
    """A scenario of a site as transfers between lines, with what could not be placed and why.

    rules : those of the site's country where None

    Raises NotFoundError for a scenario of another site, CatalogueError where the country has no rules, InputError for
    an unknown basis, a scenario without a budget year, or one whose baseline is no longer what the lines hold.
    """
    if basis not in BASES:
        message = f"There is no basis '{basis}'. There are: {', '.join(BASES)}."
        raise InputError(Problem("basis_unknown", message, value=basis))
    site, scenario = session.get_one(Site, site_id), load_scenario(session, site_id, scenario_id)
    rules, stands_on = rules or rules_of_country(site.country), _stands_on(session, scenario)
    funded, asked = _asked(session, site_id, stands_on, basis)
    result = propose(asked, funded, rules)
    return ProposedModification(
        scenario_id=scenario_id,
        scenario_name=scenario.name,
        n_years=scenario.n_years,
        owner=session.get_one(User, scenario.owner_id).display_name,
        saved_at=scenario.created_at,
        year=stands_on.year,
        basis=basis,
        currency=site.currency,
        is_synthetic=site.is_synthetic,
        site_name=site.name,
        rules=rules,
        programme_names={parts.programme.code: parts.programme.name for parts in stands_on.programmes},
        changes=stands_on.changes,
        lines={line.code: _facts(line, rules) for line in stands_on.lines if line.code in funded},
        result=result,
        after=_written_back(result, stands_on),
        files=tuple(sorted({line.source_file for line in stands_on.lines})),
    )


def _stands_on(session: Session, scenario: Scenario) -> _Basis:
    """What a scenario stands on; InputError without a budget year, or where its baseline is no longer what is held."""
    site_id, year = scenario.site_id, load_snapshot(session, scenario.site_id, scenario.model_sha256).budget_year
    if year is None:
        message = "The scenario stands on stated amounts, not on the lines of a budget year. Link lines to programmes."
        raise InputError(Problem("modification_no_year", message))
    programmes, lines = stored_parts(session, site_id), list_lines(session, site_id, year)
    before, after = _totals(session, site_id, scenario.id, scenario.model_sha256)
    _check_baseline(before, baseline_amounts(session, site_id, year, programmes), year)
    return _Basis(year, before, after, programmes, lines)


def _asked(
    session: Session, site_id: int, stands_on: _Basis, basis: str
) -> tuple[dict[str, FundedLine], list[ProgrammeChange]]:
    """The lines of the programmes that change, and what is asked of these programmes."""
    changes = stands_on.changes
    own = [parts for parts in stands_on.programmes if parts.programme.code in changes]
    linked = [line for line in stands_on.lines if any(line.code in parts.lines for parts in own)]
    funded = _funded_lines(session, site_id, stands_on, linked)
    if basis == "next_year":
        funded = {code: replace(one, reserved_cents=0) for code, one in funded.items()}
    return funded, [
        ProgrammeChange(one.programme.code, _cents(changes[one.programme.code]), _portions(one, funded)) for one in own
    ]


def _written_back(result: Modification, stands_on: _Basis) -> WrittenBack:
    """Every programme after the transfers; one that the scenario does not know keeps what it has."""
    linked = [
        LinkedMoney(one.programme.code, one.programme.stated_baseline or Decimal(0), one.lines)
        for one in stands_on.programmes
        if one.programme.code in stands_on.after
    ]
    budgets = {line.code: line.pim for line in stands_on.lines if line.pim is not None}
    return write_back(result.transfers, budgets, linked, stands_on.after)


def _totals(session: Session, site_id: int, scenario_id: int, model_sha256: str) -> tuple[Totals, Totals]:
    """Money of every programme before and in the scenario (year 1 of a plan), over all areas, in whole cents."""
    model = load_calibrated(session, site_id, model_sha256).model
    found = []
    for allocation in (exact_allocation(model), load_years(session, site_id, scenario_id)[0]):
        totals = dict.fromkeys(model.programmes, Decimal(0))
        for (programme, _area), amount in allocation.items():
            totals[programme] += amount
        found.append(totals)
    return found[0], found[1]


def _check_baseline(before: Totals, today: Totals, year: int) -> None:
    """The scenario must start from what the lines hold today; else its changes would be moved from other amounts."""
    moved = [code for code in before if before[code] != today.get(code)]
    if moved:
        told = "; ".join(
            f"{code}: {before[code]:,.2f} then, {'not there' if code not in today else format(today[code], ',.2f')} now"
            for code in moved
        )
        message = (
            f"Budget or programmes of {year} have changed since this scenario was saved ({told}). "
            "Open it in Simulate on today's budget, save it again, and propose that one."
        )
        facts = {"programmes": ", ".join(moved), "year": year}
        raise InputError(Problem("modification_baseline_moved", message, facts=facts))


def _funded_lines(
    session: Session, site_id: int, stands_on: _Basis, lines: Sequence[BudgetLine]
) -> dict[str, FundedLine]:
    locks = {
        code: found.tag.lock_law or ""
        for (_year, code), found in approved_tags(session, site_id, stands_on.year).items()
        if found.tag.is_locked
    }
    return {
        line.code: FundedLine(
            line.code,
            line.labels,
            _cents(line.pim or Decimal(0), ROUND_DOWN),
            None if (reserved := reserved_amount(line)) is None else _cents(reserved, ROUND_UP),
            locks.get(line.code),
            sum((one.lines.get(line.code, Decimal(0)) for one in stands_on.programmes), Decimal(0)),
        )
        for line in lines
    }


def reserved_amount(line: BudgetLine) -> Decimal | None:
    """What of a line is certified or spent already: the highest stage that is known; None where the file has none."""
    known = [amount for stage in RESERVING_STAGES if (amount := getattr(line, stage)) is not None]
    return max(known, default=None)


def _portions(parts: ProgrammeParts, lines: Mapping[str, FundedLine]) -> tuple[Portion, ...]:
    found = []
    for code, share in parts.lines.items():
        if code in lines:  # also without money today: it can get some
            line = lines[code]
            whole, reserved = max(0, line.budget_cents), line.reserved_cents
            free = 0 if reserved is None else min(whole, max(0, whole - reserved))
            part = share / max(Decimal(1), line.linked_share)  # a line is never given twice
            found.append(Portion(code, _part(whole, part), _part(free, part), share))
    return tuple(found)


def _part(cents: int, share: Decimal) -> int:
    return int((cents * share).to_integral_value(ROUND_DOWN))


def _cents(amount: Decimal, rounding: str = ROUND_HALF_EVEN) -> int:
    """Whole cents; what is free is never rounded up."""
    return int((amount * CENTS).to_integral_value(rounding))


def _facts(line: BudgetLine, rules: SourceRules) -> LineFacts:
    return LineFacts(
        line.code,
        line_name(line),
        line.labels,
        rules.source_of(line.labels),
        line.pim or Decimal(0),
        reserved_amount(line),
    )
