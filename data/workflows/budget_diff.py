"""What a file would change among the stored lines of its years: new, moved (an amount), relabelled, gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from budget_model.errors import Problem
from budget_model.spending.lines import STAGES, Amounts, amount_text, labels_of, totals_by_year
from data.store import lines
from data.store import tags as tag_store
from data.store.tables import BudgetLine

NEW, MOVED, RELABELLED, GONE = KINDS = ("new", "moved", "relabelled", "gone")
NAMING_LABELS = ("activity", "target", "programme", "entity")
NAMED_LINES = 3
Key = tuple[int, str]


@dataclass(frozen=True)
class LineChange:
    """One line that differs. Amounts by stage; `before` None: the line was not there, `after` None: it is gone.

    was : what the line was called before, where it is called something else now, whatever its amounts do
    """

    kind: str
    year: int
    code: str
    name: str
    before: Amounts | None
    after: Amounts | None
    is_tagged: bool
    was: str | None = None

    @property
    def title(self) -> str:
        """What the line is called; both names where that changed."""
        return self.name if self.was is None else f"{self.was} → {self.name}"


@dataclass(frozen=True)
class YearChange:
    """One year of the file: its lines, its totals, and those that were stored before."""

    lines: int
    before: Amounts
    file: Amounts
    lines_before: int


@dataclass(frozen=True)
class BudgetDiff:
    """Everything that would change. `changes` has the new lines of a year only where the year had lines before."""

    changes: tuple[LineChange, ...]
    counts: Mapping[str, int]  # by kind, and unchanged
    years: Mapping[int, YearChange]

    def keys(self, kind: str) -> tuple[Key, ...]:
        """Lines of a kind, by year and code."""
        return tuple(sorted((change.year, change.code) for change in self.changes if change.kind == kind))

    def warnings(self, file: str) -> tuple[Problem, ...]:
        """Tagged lines that are called something else now: their code may have been given to another thing."""
        renamed = [change for change in self.changes if change.was is not None and change.is_tagged]
        if not renamed:
            return ()
        named = "; ".join(f"'{one.code}' of {one.year}: {one.title}" for one in renamed[:NAMED_LINES])
        message = (
            f"{len(renamed):,} tagged lines are called something else than before ({named}). Their tags stay and go on "
            "counting. Check on the review desk whether each is still the same line, and tag it anew if not."
        )
        return (
            Problem(
                "tagged_line_renamed",
                message,
                "warning",
                file=file,
                value=renamed[0].code,
                facts={"count": len(renamed)},
            ),
        )


def diff_lines(session: Session, site_id: int, frame: pl.DataFrame) -> BudgetDiff:
    """Compare a frame of budget lines with what is stored of its years; nothing is stored."""
    years = frame["year"].unique().sort().to_list()
    stored = {(line.year, line.code): line for year in years for line in lines.list_lines(session, site_id, year)}
    filled = {year for year, _ in stored}
    counts = dict.fromkeys((*KINDS, "unchanged"), 0)
    changes: list[LineChange] = []
    for change in _changes(stored, frame):
        counts[change.kind] += 1
        if change.kind != NEW or change.year in filled:
            changes.append(change)
    counts["unchanged"] = frame.height - counts[NEW] - counts[MOVED] - counts[RELABELLED]
    totals = totals_by_year(frame)
    by_year = {
        year: YearChange(
            totals[year].lines,
            _sums(line for key, line in stored.items() if key[0] == year),
            totals[year].amounts,
            sum(key[0] == year for key in stored),
        )
        for year in years
    }
    return BudgetDiff(tuple(_marked(session, site_id, changes)), counts, by_year)


def _changes(stored: Mapping[Key, BudgetLine], frame: pl.DataFrame) -> Iterator[LineChange]:
    there: set[Key] = set()
    for row in frame.iter_rows(named=True):
        key = (row["year"], row["code"])
        there.add(key)
        line, labels = stored.get(key), labels_of(row)
        after = {stage: row[stage] for stage in STAGES}
        if line is None:
            yield LineChange(NEW, *key, _name(labels, key), None, after, False)
        elif any(getattr(line, stage) != after[stage] for stage in STAGES):
            yield LineChange(MOVED, *key, *_names(line, labels, key, after))
        elif line.labels != labels or line.gender_share != row["gender_share"]:
            yield LineChange(RELABELLED, *key, *_names(line, labels, key, after))
    for key in sorted(stored.keys() - there):
        yield LineChange(GONE, *key, _name(stored[key].labels, key), amounts_of(stored[key]), None, False)


def amounts_of(line: BudgetLine) -> dict[str, Decimal | None]:
    """Amounts of a stored line by stage."""
    return {stage: getattr(line, stage) for stage in STAGES}


def _name(labels: Mapping[str, str], key: Key) -> str:
    return next((labels[name] for name in NAMING_LABELS if labels.get(name)), key[1])


def _names(
    line: BudgetLine, labels: Mapping[str, str], key: Key, after: Amounts
) -> tuple[str, Amounts, Amounts, bool, str | None]:
    """Name, amounts before and after, and the earlier name where a label that says what the line is has changed."""
    for label in NAMING_LABELS:
        old, new = line.labels.get(label, ""), labels.get(label, "")
        if old and new and old != new:
            return new, amounts_of(line), after, False, str(old)
    return _name(labels, key), amounts_of(line), after, False, None


def _sums(found: Iterator[BudgetLine]) -> dict[str, Decimal | None]:
    totals: dict[str, Decimal | None] = dict.fromkeys(STAGES)
    for line in found:
        for stage, amount in amounts_of(line).items():
            if amount is not None:
                totals[stage] = (totals[stage] or Decimal(0)) + amount
    return totals


def _marked(session: Session, site_id: int, changes: Sequence[LineChange]) -> Iterator[LineChange]:
    """The changes, with those of tagged lines marked."""
    tagged = tag_store.find_heads(session, site_id, [(change.year, change.code) for change in changes])
    for change in changes:
        is_tagged = (change.year, change.code) in tagged
        yield replace(change, is_tagged=is_tagged)


def change_row(change: LineChange) -> dict[str, Any]:
    """Columns of `BudgetImportChange`."""
    return {
        "year": change.year,
        "code": change.code,
        "kind": change.kind,
        "name": change.title,
        "is_tagged": change.is_tagged,
        "before": amounts_document(change.before),
        "after": amounts_document(change.after),
    }


def amounts_document(amounts: Amounts | None) -> dict[str, str | None] | None:
    """Amounts as text of exact decimals; None where there is no line."""
    if amounts is None:
        return None
    return {stage: None if (amount := amounts[stage]) is None else amount_text(amount) for stage in STAGES}
