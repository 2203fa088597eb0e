"""Budget lines in the store: kept by site, year and code; exact amounts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from budget_model.errors import InputError, NotFoundError, Problem
from budget_model.spelling import plain
from budget_model.spending.trends import series_key
from data.store import audit, line_sums
from data.store.bulk import insert_rows
from data.store.tables import BudgetLine
from data.store.tables.base import ExactNumber, Money, Share

STAGES = ("pia", "pim", "certified", "committed", "accrued", "paid")
CONTENT = ("labels", *STAGES, "gender_share")
PROBLEMS_NAMED = 20
SERIES_LETTERS = 32  # of a digest


@dataclass(frozen=True)
class LineCounts:
    """What an import did."""

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class YearTotals:
    """Sums of one year's lines; a stage that no line has is None."""

    year: int
    lines: int
    amounts: Mapping[str, Decimal | None]


def save_lines(session: Session, site_id: int, actor: str, rows: Sequence[Mapping[str, Any]]) -> LineCounts:
    """Add lines, and update those of the same year and code; lines that are not named stay.

    rows : `year, code, labels, source_file, source_sha256, source_line`, and what there is of `STAGES` and
        `gender_share` (0-1), as Decimals; what is left out is null. A line whose content stays the same keeps the
        source it came from.

    Raises InputError for a year and code that stand twice, and for amounts that cannot be kept exactly.
    """
    problems = [*_repeated(rows), *_unkeepable(rows)]
    if problems:
        raise InputError(problems)
    known = _contents(session, site_id, {row["year"] for row in rows})
    new, changed = [], []
    for row in rows:
        content = {"site_id": site_id, **dict.fromkeys((*STAGES, "gender_share")), **row}
        content |= {"series": series_of(row), "plain_words": plain_words(row["code"], row["labels"])}
        stored = known.get((row["year"], row["code"]))
        if stored is None:
            new.append(content)
        elif stored[1] != _content(content):
            changed.append({**content, "id": stored[0]})
    insert_rows(session, BudgetLine, new)
    if changed:
        session.execute(update(BudgetLine), changed)
        session.expire_all()
    line_sums.add_changes(session, site_id, {row["year"] for row in (*new, *changed)})
    counts = LineCounts(len(new), len(changed), len(rows) - len(new) - len(changed))
    _record(session, site_id, actor, rows, counts)
    return counts


def series_of(row: Mapping[str, Any]) -> str:
    """Digest of what a line is called in every year (`budget_model.spending.trends.series_key`)."""
    return hashlib.sha256(series_key(row["code"], row["labels"]).encode()).hexdigest()[:SERIES_LETTERS]


def plain_words(code: str, labels: Mapping[str, str]) -> str:
    """What words are looked for in: the code and each label's text, small letters without accents, a line each."""
    return "\n".join(plain(text) for text in (code, *labels.values()))


def remove_lines(session: Session, site_id: int, lines: Collection[BudgetLine]) -> None:
    """Take lines out of the budget; the history of their tags stays."""
    line_sums.add_changes(session, site_id, {line.year for line in lines})
    for line in lines:
        session.delete(line)


def _repeated(rows: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    seen: set[tuple[int, str]] = set()
    found = 0
    for row in rows:
        key = (row["year"], row["code"])
        if key in seen and found < PROBLEMS_NAMED:
            found += 1
            message = f"Budget line '{key[1]}' of {key[0]} stands twice. Name the columns that tell the lines apart."
            yield Problem("line_twice", message, line=row.get("source_line"), value=key[1])
        seen.add(key)


def _unkeepable(rows: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    kinds = {**dict.fromkeys(STAGES, Money()), "gender_share": Share()}
    found = 0
    for row in rows:
        for name, kind in kinds.items():
            message = _refusal(kind, row.get(name))
            if message and found < PROBLEMS_NAMED:
                found += 1
                yield Problem(
                    "line_amount", f"Budget line '{row['code']}', {name}: {message}", line=row.get("source_line")
                )


def _refusal(kind: ExactNumber, value: Any) -> str | None:
    try:
        if value is not None:
            kind.checked(value)
    except (TypeError, ValueError) as error:
        return str(error)
    return None


def _contents(
    session: Session, site_id: int, years: Collection[int]
) -> dict[tuple[int, str], tuple[int, tuple[Any, ...]]]:
    columns = [getattr(BudgetLine, name) for name in CONTENT]
    query = select(BudgetLine.id, BudgetLine.year, BudgetLine.code, *columns)
    query = query.where(BudgetLine.site_id == site_id, BudgetLine.year.in_(list(years)))
    return {(row[1], row[2]): (row[0], tuple(row[3:])) for row in session.execute(query)}


def _content(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in CONTENT)


def _record(session: Session, site_id: int, actor: str, rows: Sequence[Mapping[str, Any]], counts: LineCounts) -> None:
    detail = {
        "new": counts.new,
        "changed": counts.changed,
        "unchanged": counts.unchanged,
        "years": sorted({row["year"] for row in rows}),
        "sources": sorted({(row["source_file"], row["source_sha256"]) for row in rows}),
    }
    audit.record(session, actor, "budget.import", f"{len(rows)} budget lines", site_id, detail)


def list_years(session: Session, site_id: int) -> list[int]:
    """Years that have lines, ascending. From year to year: a DISTINCT would walk over every line."""
    later = select(func.min(BudgetLine.year)).where(BudgetLine.site_id == site_id)
    found: list[int] = []
    year = session.scalar(later)
    while year is not None:
        found.append(year)
        year = session.scalar(later.where(BudgetLine.year > year))
    return found


def list_lines(session: Session, site_id: int, year: int) -> list[BudgetLine]:
    """Lines of a year by code."""
    query = select(BudgetLine).where(BudgetLine.site_id == site_id, BudgetLine.year == year)
    return list(session.scalars(query.order_by(BudgetLine.code)))


def find_keys(
    session: Session, site_id: int, year: int, labels: Mapping[str, str], codes: Collection[str] = ()
) -> list[tuple[int, str]]:
    """Year and code of the lines whose labels are these texts, and whose codes are among these where any are given.

    Raises InputError where no line fits.
    """
    query = select(BudgetLine.year, BudgetLine.code).where(BudgetLine.site_id == site_id, BudgetLine.year == year)
    for name, text in labels.items():
        query = query.where(BudgetLine.labels[name].as_string() == text)
    if codes:
        query = query.where(BudgetLine.code.in_(list(codes)))
    found = [(row[0], row[1]) for row in session.execute(query.order_by(BudgetLine.code))]
    if not found:
        message = f"No line of {year} fits. Look at the labels with: budget export."
        raise InputError(Problem("lines_none", message, value=str(year)))
    return found


def load_line(session: Session, site_id: int, year: int, code: str) -> BudgetLine:
    """One line; NotFoundError if the site has none of that year and code."""
    query = select(BudgetLine).where(BudgetLine.site_id == site_id, BudgetLine.year == year, BudgetLine.code == code)
    line = session.scalar(query)
    if line is None:
        raise NotFoundError(f"budget line of {year}", code)
    return line


def files_by_year(session: Session, site_id: int) -> dict[int, tuple[str, ...]]:
    """Year -> names of the files that its lines came from, in the order of the alphabet."""
    query = select(BudgetLine.year, BudgetLine.source_file).where(BudgetLine.site_id == site_id).distinct()
    found: dict[int, tuple[str, ...]] = {}
    for year, file in session.execute(query.order_by(BudgetLine.source_file)):
        found[year] = (*found.get(year, ()), file)
    return found


def totals_by_year(session: Session, site_id: int) -> list[YearTotals]:
    """Exact sums of each year's stages, made by the database."""
    sums = [func.sum(getattr(BudgetLine, stage)) for stage in STAGES]
    query = select(BudgetLine.year, func.count(), *sums).where(BudgetLine.site_id == site_id)
    rows = session.execute(query.group_by(BudgetLine.year).order_by(BudgetLine.year))
    return [YearTotals(row[0], row[1], dict(zip(STAGES, row[2:], strict=True))) for row in rows]
