"""Lines of municipalities that keep a site here: how many were looked at, what counts, what the file itself declares.

Sites with invented data are left out: their lines say nothing of the real municipality of the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.spending.counting import count
from budget_model.spending.lines import STAGES
from budget_model.spending.ranking import LinesOfGender
from budget_model.spending.schemes import Scheme
from data.readers.declared_marks import DeclaredMark, declared_marks
from data.store.tables import BudgetLine, Site
from data.workflows.tagged_lines import CountingTag, approved_tags

Amounts = Mapping[str, Decimal | None]
STAGE = "pim"
DIGITS = 60  # of exact sums of products


@dataclass(frozen=True)
class FunctionTotal:
    """Lines of a function, or of a programme where the file has no functions; None: no line of them has the stage."""

    name: str
    lines: int
    amounts: Amounts


@dataclass(frozen=True)
class MunicipalLines:
    """The lines of a municipality's year, at the site that keeps them."""

    slug: str
    year: int
    gender: LinesOfGender
    functions: tuple[FunctionTotal, ...]


def lines_of_municipalities(
    session: Session, country: str, scheme: Scheme, is_visible: Callable[[Site], bool]
) -> dict[str, tuple[MunicipalLines, ...]]:
    """By code of the district, oldest year first: the sites of a country with real lines, as far as they are visible.

    Of two sites of one district the first by slug is taken: lines of both together would be counted twice.
    """
    query = select(Site).where(Site.country == country, Site.official_code.is_not(None), Site.is_synthetic.is_(False))
    found: dict[str, tuple[MunicipalLines, ...]] = {}
    for site in session.scalars(query.order_by(Site.slug)):
        if str(site.official_code) not in found and is_visible(site):
            years = _of_site(session, site, scheme)
            if years:
                found[str(site.official_code)] = years
    return found


def has_invented_lines(session: Session, slug: str) -> bool:
    """Whether a site's own lines are invented, and therefore left out."""
    return bool(session.scalar(select(Site.is_synthetic).where(Site.slug == slug)))


Line = tuple[str, Mapping[str, str], Amounts, Decimal | None, CountingTag | None]


def _of_site(session: Session, site: Site, scheme: Scheme) -> tuple[MunicipalLines, ...]:
    tags, marks = approved_tags(session, site.id), declared_marks(site.country)
    columns = [BudgetLine.year, BudgetLine.code, BudgetLine.labels, BudgetLine.gender_share]
    columns += [getattr(BudgetLine, stage) for stage in STAGES]
    by_year: dict[int, list[Line]] = {}
    for year, code, labels, share, *amounts in session.execute(select(*columns).where(BudgetLine.site_id == site.id)):
        line = (code, labels, dict(zip(STAGES, amounts, strict=True)), share, tags.get((year, code)))
        by_year.setdefault(year, []).append(line)
    return tuple(
        MunicipalLines(site.slug, year, _gender(by_year[year], scheme, marks), _functions(by_year[year]))
        for year in sorted(by_year)
    )


def _gender(lines: Sequence[Line], scheme: Scheme, marks: Sequence[DeclaredMark]) -> LinesOfGender:
    shares = [(line[2][STAGE], count(line[4].tag if line[4] else None, scheme).share) for line in lines]
    looked_at = [(amount, share) for amount, share in shares if share is not None]
    declared = [(line[2][STAGE], declared_share(line[1], line[3], marks)) for line in lines]
    stated = [(amount, share) for amount, share in declared if share is not None]
    return LinesOfGender(
        len(lines),
        len(looked_at),
        _sum([(amount, Decimal(1)) for amount, _share in shares]),
        _sum([(amount, Decimal(1)) for amount, _share in looked_at]) or Decimal(0),
        _sum(looked_at),
        _sum(stated),
    )


def declared_share(labels: Mapping[str, str], stated: Decimal | None, marks: Sequence[DeclaredMark]) -> Decimal | None:
    """The share of a line (0-1) that the file itself declares; None where it says nothing.

    What the file states as a share goes before a mark in a name, which takes the whole line.
    """
    if stated is not None:
        return stated
    said = [one for mark in marks if (one := mark.says(labels)) is not None]
    return Decimal(int(any(said))) if said else None


def _sum(parts: Sequence[tuple[Decimal | None, Decimal]]) -> Decimal | None:
    """Of amounts times shares; None where there is no amount."""
    with localcontext(prec=DIGITS):
        known = [amount * share for amount, share in parts if amount is not None]
        return sum(known, Decimal(0)) if known else None


def _functions(lines: Sequence[Line]) -> tuple[FunctionTotal, ...]:
    """The largest modified budget first; lines without function or programme stand together under no name."""
    found: dict[str, list[Amounts]] = {}
    for _code, labels, amounts, _share, _tag in lines:
        found.setdefault(labels.get("function") or labels.get("programme") or "", []).append(amounts)
    totals = [
        FunctionTotal(name, len(many), {stage: _sum([(one[stage], Decimal(1)) for one in many]) for stage in STAGES})
        for name, many in found.items()
    ]
    return tuple(sorted(totals, key=lambda one: (-(one.amounts[STAGE] or Decimal(0)), one.name)))
