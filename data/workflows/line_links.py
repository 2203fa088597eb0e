"""Budget lines, programmes and needs of a site beside each other: what of a year's budget the model stands on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem
from budget_model.spending.links import LinkCoverage, LinkedLine, link_coverage
from data.store.lines import list_lines
from data.store.rounds import latest_round
from data.store.tables import BudgetLine, Indicator, Need
from data.workflows.models import latest_budget_year
from data.workflows.need_cells import NeedNames
from data.workflows.programme_parts import ProgrammeParts, stored_parts
from data.workflows.statement import NAMING_LABELS

SOURCE_LABELS = ("fund", "source")
Texts = Mapping[str, str]


@dataclass(frozen=True)
class ProgrammeLinks:
    """A programme with what feeds it and what it meets. `amount`: of the year's lines times their shares."""

    code: str
    name: Texts
    amount: Decimal
    stated: Decimal | None  # an amount that no line stands behind
    lines: tuple[tuple[str, Decimal], ...]  # code of a line of the year, share
    gone: tuple[str, ...]  # lines that it names and the year does not have
    needs: tuple[str, ...]


@dataclass(frozen=True)
class SourceLinks:
    """A funding source: its money in the year, and what of it is behind programmes. `source` None: not known."""

    source: str | None
    line_count: int
    amount: Decimal
    linked_amount: Decimal


@dataclass(frozen=True)
class SiteLinks:
    """Everything about the links of a year, by modified budget (PIM)."""

    year: int
    coverage: LinkCoverage
    programmes: tuple[ProgrammeLinks, ...]
    sources: tuple[SourceLinks, ...]
    need_names: Mapping[str, Texts]
    needs_without_programme: tuple[str, ...]
    line_names: Mapping[str, str]
    files: tuple[str, ...]


def load_links(session: Session, site_id: int, year: int | None = None) -> SiteLinks:
    """The links of a year (None: the last with a modified budget). InputError for a year without lines."""
    chosen = year if year is not None else latest_budget_year(session, site_id)
    lines = list_lines(session, site_id, chosen) if chosen is not None else []
    if chosen is None or not lines:
        message = f"The site has no budget lines of {chosen or 'any year'}. Import them first."
        raise InputError(Problem("no_rows", message, value=str(chosen or "")))
    programmes = stored_parts(session, site_id)
    linked = [_linked(line, programmes) for line in lines]
    needs = _need_names(session, site_id)
    served = {link.indicator_code for parts in programmes for link in parts.links}
    return SiteLinks(
        chosen,
        link_coverage(linked),
        tuple(_programme(parts, lines) for parts in programmes),
        _by_source(lines, linked),
        needs,
        tuple(code for code in needs if code not in served),
        {line.code: line_name(line) for line in lines},
        tuple(sorted({line.source_file for line in lines})),
    )


def line_name(line: BudgetLine) -> str:
    """What a line is called: the first label that names it, else its code."""
    return next((line.labels[name] for name in NAMING_LABELS if line.labels.get(name)), line.code)


def source_name(line: BudgetLine) -> str | None:
    """Its funding source as the file calls it; None where no label says it."""
    return next((line.labels[name] for name in SOURCE_LABELS if line.labels.get(name)), None)


def _linked(line: BudgetLine, programmes: Sequence[ProgrammeParts]) -> LinkedLine:
    shares = {parts.programme.code: parts.lines[line.code] for parts in programmes if line.code in parts.lines}
    return LinkedLine(line.code, line.pim, shares)


def _programme(parts: ProgrammeParts, lines: Sequence[BudgetLine]) -> ProgrammeLinks:
    there = {line.code: line for line in lines}
    own = [(code, share) for code, share in sorted(parts.lines.items()) if code in there]
    return ProgrammeLinks(
        parts.programme.code,
        parts.programme.name,
        sum(((there[code].pim or Decimal(0)) * share for code, share in own), Decimal(0)),
        parts.programme.stated_baseline,
        tuple(own),
        tuple(sorted(code for code in parts.lines if code not in there)),
        tuple(link.indicator_code for link in parts.links),
    )


def _by_source(lines: Sequence[BudgetLine], linked: Sequence[LinkedLine]) -> tuple[SourceLinks, ...]:
    groups: dict[str | None, list[LinkedLine]] = {}
    for line, one in zip(lines, linked, strict=True):
        groups.setdefault(source_name(line), []).append(one)
    found = []
    for source, own in groups.items():
        part = link_coverage(own)
        found.append(SourceLinks(source, part.line_count, part.amount, part.linked_amount))
    return tuple(sorted(found, key=lambda one: (-one.amount, one.source or "")))


def _need_names(session: Session, site_id: int) -> dict[str, Texts]:
    """Needs of the newest round that has any, by code."""
    found = latest_round(session, site_id, has_needs=True)
    if found is None:
        return {}
    query = select(Indicator).where(Indicator.id.in_(select(Need.indicator_id).where(Need.round_id == found.id)))
    ordered = session.scalars(query.order_by(Indicator.code, Indicator.version))
    return {one.code: NeedNames.of(one.definition).lacking for one in ordered}
