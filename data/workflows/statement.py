"""The gender budget statement of a site and year: approved tags only, by one scheme of counting at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, NotFoundError, Problem
from budget_model.spending.lines import STAGES
from budget_model.spending.schemes import Scheme
from budget_model.spending.statement import (
    Breakdown,
    Counted,
    FloorResult,
    Key,
    breakdown,
    counted_money,
    cross_table,
    floor_result,
)
from data.readers.schemes import read_schemes
from data.store import tags as store
from data.store.lines import list_years
from data.store.tables import BudgetLine
from data.workflows.tagged_lines import tagged_lines

BROKEN_DOWN_BY = ("oecd_dac", "in_gbs", "pe_lio", "pe_beneficiary")  # marker, women's share, policy, beneficiary
ROWS, COLUMNS = "pe_lio", "pe_beneficiary"
FLOOR = "ph_five_percent"
DEFAULT_SCHEME, DEFAULT_STAGE = "eu_eige", "pim"
CONTRIBUTORS = 10
NAMING_LABELS = ("target", "activity", "product", "heading", "programme", "entity")


@dataclass(frozen=True)
class Statement:
    """All figures of a statement. `names`: what the lines that it names are called; `files`: where they came from."""

    year: int
    stage: str
    breakdowns: Mapping[str, Breakdown]
    cross: Mapping[tuple[str, str], tuple[int, Decimal]]
    counted: Counted
    floor: FloorResult | None
    floor_by: str
    names: Mapping[Key, str]
    files: tuple[str, ...]


def counting_schemes() -> tuple[str, ...]:
    """Schemes that count money, one of which a statement uses."""
    return tuple(name for name, one in read_schemes().items() if one.counts_money)


def counting_scheme(scheme_id: str) -> Scheme:
    """A scheme that counts money. NotFoundError where there is none of the name, InputError where it counts none."""
    found = read_schemes().get(scheme_id)
    if found is None:
        raise NotFoundError("scheme", scheme_id)
    if not found.counts_money:
        known = ", ".join(counting_schemes())
        message = (
            f"The scheme '{scheme_id}' is there and counts no money, so that nothing can be summed by it. Schemes that "
            f"count money: {known}."
        )
        raise InputError(Problem("scheme_counts_nothing", message, value=scheme_id, facts={"counting": known}))
    return found


def load_statement(
    session: Session, site_id: int, year: int, scheme_id: str = DEFAULT_SCHEME, stage: str = DEFAULT_STAGE
) -> Statement:
    """The statement of a year.

    Raises NotFoundError for an unknown scheme; InputError for one that counts no money, a year without lines or an
    unknown stage.
    """
    schemes = read_schemes()
    scheme = counting_scheme(scheme_id)
    if stage not in STAGES:
        raise InputError(Problem("stage_unknown", f"There is no stage '{stage}'. There are: {', '.join(STAGES)}."))
    if year not in list_years(session, site_id):
        message = f"The site has no budget lines of {year}. Import them first."
        raise InputError(Problem("no_rows", message, value=str(year)))
    lines = list(tagged_lines(session, site_id, year))
    floor = schemes[FLOOR].floor
    assert floor is not None  # a scheme of this kind has one
    counted = counted_money(lines, scheme, stage)
    by_floor = counted_money(lines, schemes[floor.counted_by], stage)
    breakdowns = {name: breakdown(lines, schemes[name], stage) for name in BROKEN_DOWN_BY}
    return Statement(
        year,
        stage,
        breakdowns,
        cross_table(lines, schemes[ROWS], schemes[COLUMNS], stage),
        counted,
        floor_result(by_floor, floor.share, stage),
        floor.counted_by,
        line_names(session, site_id, named_keys(breakdowns.values(), counted)),
        source_files(session, site_id, year),
    )


def named_keys(breakdowns: Iterable[Breakdown], counted: Counted) -> set[Key]:
    """Lines that the statement names."""
    parts = [part for one in breakdowns for part in (*one.classes, *one.unknown)]
    largest = {part.largest.key for part in parts if part.largest}
    return largest | {one.key for one in counted.contributions[:CONTRIBUTORS]}


def line_names(session: Session, site_id: int, keys: Iterable[Key]) -> dict[Key, str]:
    """What lines are called: the first label that names them, else their code."""
    lines = store.load_lines(session, site_id, sorted(keys))
    return {
        key: next((line.labels[name] for name in NAMING_LABELS if line.labels.get(name)), line.code)
        for key, line in lines.items()
    }


def source_files(session: Session, site_id: int, year: int) -> tuple[str, ...]:
    query = select(BudgetLine.source_file).where(BudgetLine.site_id == site_id, BudgetLine.year == year)
    return tuple(session.scalars(query.distinct().order_by(BudgetLine.source_file)))
