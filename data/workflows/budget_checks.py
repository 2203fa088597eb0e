"""What keeps the lines of a file from a site's store. A preview and an import ask the same questions here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.errors import Problem
from budget_model.spending.lines import LABEL, STAGES, labels_of
from data.store import lines
from data.store.tables import Programme, ProgrammeLineShare, Site
from data.store.tags import load_lines

LONGEST_CODE = 200
LARGEST_AMOUNT = Decimal(10) ** 14  # what SQLite can keep in ten-thousandths
ENTITY_LABELS = frozenset({f"{LABEL}entity_code", f"{LABEL}entity"})
Key = tuple[int, str]


def refusals(
    session: Session, site: Site, frame: pl.DataFrame, currency: str | None, file: str, gone: Sequence[Key]
) -> tuple[list[Problem], list[Problem]]:
    """Why the lines cannot come in: where those that are gone are kept, and where they are removed. Nothing is changed.

    currency : of the file, None where it does not say
    gone : stored lines of the file's years that it no longer has
    """
    always = [*unstorable(frame, file), *other_currency(site, currency, file)]
    kept = [*always, *other_grain(session, site, gone, file)]
    if len(kept) > len(always):
        kept += other_entity(session, site, frame, gone, file)
    return kept, [*always, *feeding(session, site, gone, file)]


def unstorable(frame: pl.DataFrame, file: str) -> Iterator[Problem]:
    """Names that are too long and amounts that cannot be kept exactly."""
    for year, code, line in (
        frame.filter(pl.col("code").str.len_chars() > LONGEST_CODE).select("year", "code", "line").head(5).iter_rows()
    ):
        message = f"The line of {year} is named by {len(code)} characters; {LONGEST_CODE} fit. Use fewer columns."
        yield Problem("line_code_long", message, file=file, line=line, value=code[:60])
    for stage in STAGES:
        large = frame.filter(pl.col(stage).abs() >= LARGEST_AMOUNT)
        for line, amount in large.select("line", stage).head(5).iter_rows():
            message = f"The amount {amount:f} is too large to be kept exactly. Check the factor and the number format."
            yield Problem("amount_large", message, file=file, line=line, column=stage, value=f"{amount:f}")


def other_currency(site: Site, currency: str | None, file: str) -> Iterator[Problem]:
    """A file in another currency than the site's."""
    if currency and currency != site.currency:
        message = (
            f"The amounts are in {currency} and the site '{site.slug}' keeps its budget in {site.currency}. "
            "Import them at a site of that currency; amounts are never converted here."
        )
        yield Problem("currency_differs", message, file=file, value=currency)


def other_grain(session: Session, site: Site, gone: Sequence[Key], file: str) -> Iterator[Problem]:
    """A year of which the file has no stored line is the same money cut another way: it would count twice."""
    absent = Counter(year for year, _ in gone)
    before = {total.year: total.lines for total in lines.totals_by_year(session, site.id)}
    for year, count in sorted(absent.items()):
        if before[year] == count:
            message = (
                f"The site '{site.slug}' has {count:,} lines of {year} and the file has none of them: its lines beside "
                "those would count money twice. Replace them with --remove-gone."
            )
            facts = {"count": count, "year": year}
            yield Problem("lines_of_another_grain", message, file=file, value=str(year), facts=facts)


def other_entity(
    session: Session, site: Site, frame: pl.DataFrame, gone: Sequence[Key], file: str
) -> Iterator[Problem]:
    """Lines of another spending entity than those that are stored: perhaps the file of another municipality."""
    stored = load_lines(session, site.id, gone).values()
    for year in sorted({year for year, _ in gone}):
        ours = {entity_of(line.labels) for line in stored if line.year == year}
        rows = frame.filter(pl.col("year") == year).select(pl.col(ENTITY_LABELS & set(frame.columns))).unique()
        theirs = {entity_of(labels_of(row)) for row in rows.iter_rows(named=True)}
        if ours & theirs or not any(ours) or not any(theirs):
            continue
        facts = {"year": year, "stored": names_of(ours), "found": names_of(theirs)}
        message = (
            f"The lines of {year} at the site '{site.slug}' are of {facts['stored']}, those of the file of "
            f"{facts['found']}. Look whether this is the right file before you replace them."
        )
        told = f"{year}: {facts['stored']} → {facts['found']}"
        yield Problem("lines_of_another_entity", message, file=file, value=told, facts=facts)


def entity_of(labels: Mapping[str, Any]) -> str:
    """The entity that spends, by its code and name as far as they are stated."""
    parts = (str(labels.get(name) or "") for name in ("entity_code", "entity"))
    return " ".join(part for part in parts if part)


def names_of(entities: Collection[str]) -> str:
    named = sorted(one for one in entities if one)
    return "; ".join(named[:3])[:200] + (f" (+{len(named) - 3})" if len(named) > 3 else "")


def feeding(session: Session, site: Site, gone: Sequence[Key], file: str) -> Iterator[Problem]:
    """Lines that are gone and that a programme stands on: they cannot be removed."""
    found = load_lines(session, site.id, gone).values()
    names = {line.id: f"'{line.code}' of {line.year}" for line in found}
    codes = {line.id: f"{line.code} ({line.year})" for line in found}
    query = (
        select(ProgrammeLineShare.budget_line_id, Programme.code)
        .join(Programme, Programme.id == ProgrammeLineShare.programme_id)
        .where(ProgrammeLineShare.budget_line_id.in_(list(names)))
    )
    for line_id, programme in session.execute(query):
        message = (
            f"The line {names[line_id]} is no longer in the file, but it feeds the programme '{programme}'. Take it "
            "out of the programme first, or import without removing lines."
        )
        yield Problem("line_feeds_programme", message, file=file, value=f"{codes[line_id]} → {programme}")
