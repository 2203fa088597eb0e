"""Lines that are like one line and tagged already, and the tags of one year carried over to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, literal, select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.spending.trends import series_key
from data.store import tags as store
from data.store.engine import transaction
from data.store.lines import list_lines
from data.store.sites import load_site
from data.store.tables import BudgetLine, LineTag, LineTagVersion
from data.store.tag_queue import SAME_LINE
from data.store.tags import Key
from data.workflows.tag_bulk import new_batch
from data.workflows.tag_people import TAGGERS, require_role
from data.workflows.tag_steps import open_lines, proposal, save_steps, stored_tag

TELLING = ("activity_code", "product_code", "programme_code", "purpose_code", "activity", "programme", "function")
MOST_LOOKED_AT = 400
CARRIED = "Carried over from {year}: {rationale}"


@dataclass(frozen=True)
class SimilarLine:
    """A tagged line, what it shares with the one that was asked about, and what it is tagged with."""

    year: int
    code: str
    labels: Mapping[str, str]
    shared: tuple[str, ...]  # labels with the same text
    is_same_series: bool  # the very line in another year
    state: str
    content: Mapping[str, Any]


def similar_lines(session: Session, site_id: int, year: int, code: str, limit: int = 8) -> list[SimilarLine]:
    """Tagged lines that share telling labels with a line, the most alike first; before all, it in other years.

    Raises as `store.load_lines` for a line that is not there.
    """
    line = store.load_lines(session, site_id, [(year, code)])[year, code]
    telling = {name: text for name in TELLING if (text := line.labels.get(name))}
    if not telling:
        return []
    found = [_candidate(row, telling, series_key(line.code, line.labels)) for row in _alike(session, line, telling)]
    found.sort(key=lambda one: (not one.is_same_series, -len(one.shared), one.state != store.APPROVED, -one.year))
    versions = store.load_versions_by_id(session, [one.version_id for one in found[:limit]])
    return [one.with_content(versions[one.version_id].content) for one in found[:limit]]


def _alike(session: Session, line: BudgetLine, telling: Mapping[str, str]) -> Sequence[Any]:
    """Tagged lines with at least one of the labels, most of them first: only what they are compared by."""
    same = [case((BudgetLine.labels[name].as_string() == text, 1), else_=0) for name, text in telling.items()]
    number_shared = sum(same, literal(0))
    query = (
        select(BudgetLine.year, BudgetLine.code, BudgetLine.labels, LineTag.state, LineTag.version_id)
        .join(LineTag, SAME_LINE)
        .where(BudgetLine.site_id == line.site_id, BudgetLine.id != line.id, number_shared > 0)
        .order_by(number_shared.desc(), BudgetLine.year.desc(), BudgetLine.code)
        .limit(MOST_LOOKED_AT)
    )
    return session.execute(query).all()


@dataclass(frozen=True)
class _Candidate:
    """A similar line before its tag is loaded."""

    year: int
    code: str
    labels: Mapping[str, str]
    shared: tuple[str, ...]
    is_same_series: bool
    state: str
    version_id: int

    def with_content(self, content: Mapping[str, Any]) -> SimilarLine:
        return SimilarLine(self.year, self.code, self.labels, self.shared, self.is_same_series, self.state, content)


def _candidate(row: Any, telling: Mapping[str, str], series: str) -> _Candidate:
    shared = tuple(name for name, text in telling.items() if row.labels.get(name) == text)
    is_same = series_key(row.code, row.labels) == series
    return _Candidate(row.year, row.code, row.labels, shared, is_same, row.state, row.version_id)


@dataclass(frozen=True)
class CarriedTags:
    """What came of carrying tags over."""

    proposed: tuple[Key, ...]
    ambiguous: tuple[Key, ...]  # lines whose series has several tags in the earlier year: left to people
    without: int  # untagged lines whose series has no approved tag in the earlier year


def carry_tags(
    factory: sessionmaker[Session], site_slug: str, from_year: int, to_year: int, actor: str, is_dry_run: bool = False
) -> CarriedTags:
    """Propose the approved tags of one year on the untagged lines of another that are the same line (`series_key`).

    Raises InputError where one of the years has no lines, AccessError, NotFoundError.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        require_role(session, actor, site.id, TAGGERS, "tag budget lines")
        earlier = _approved_by_series(session, site.id, from_year)
        done, chosen = _carried(session, site.id, to_year, earlier)
        if chosen and not is_dry_run:
            open_lines(session, site, dict.fromkeys(chosen, 0))
            steps = [
                proposal(
                    key,
                    None,
                    stored_tag(version.content),
                    CARRIED.format(year=from_year, rationale=version.rationale),
                    version.evidence,
                    actor,
                )
                for key, version in chosen.items()
            ]
            save_steps(session, site, actor, [step for step in steps if step is not None], new_batch())
        return done


def _approved_by_series(session: Session, site_id: int, year: int) -> dict[str, list[LineTagVersion]]:
    """Approved versions of a year by series, those with the same content once."""
    lines = {line.code: line for line in _lines_of(session, site_id, year)}
    found: dict[str, list[LineTagVersion]] = defaultdict(list)
    for head, _, approved in store.current_and_approved(session, site_id, year):
        line = lines.get(head.code)
        if approved is None or line is None:
            continue
        series = series_key(line.code, line.labels)
        if all(approved.content != other.content for other in found[series]):
            found[series].append(approved)
    return found


def _carried(
    session: Session, site_id: int, year: int, earlier: Mapping[str, list[LineTagVersion]]
) -> tuple[CarriedTags, dict[Key, LineTagVersion]]:
    tagged = {head.code for head in store.list_heads(session, site_id, year)}
    chosen: dict[Key, LineTagVersion] = {}
    ambiguous: list[Key] = []
    without = 0
    for line in _lines_of(session, site_id, year):
        versions = earlier.get(series_key(line.code, line.labels), []) if line.code not in tagged else None
        if versions is None:
            continue
        if len(versions) == 1:
            chosen[year, line.code] = versions[0]
        elif versions:
            ambiguous.append((year, line.code))
        else:
            without += 1
    return CarriedTags(tuple(chosen), tuple(ambiguous), without), chosen


def _lines_of(session: Session, site_id: int, year: int) -> Iterator[BudgetLine]:
    lines = list_lines(session, site_id, year)
    if not lines:
        message = f"The site has no budget lines of {year}. Import them first."
        raise InputError(Problem("no_rows", message, value=str(year)))
    yield from lines
