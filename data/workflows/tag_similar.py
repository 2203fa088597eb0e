"""Lines that are like one line and tagged already, and the tags of one year carried over to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, case, literal, or_, select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.spending.trends import series_key
from data.store import tags as store
from data.store.engine import transaction
from data.store.lines import list_lines
from data.store.sites import load_site
from data.store.tables import BudgetLine, LineTag, LineTagVersion
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
    same = [BudgetLine.labels[name].as_string() == text for name, text in telling.items()]
    number_shared = sum((case((one, 1), else_=0) for one in same), literal(0))
    query = (
        select(BudgetLine, LineTag, LineTagVersion)
        .join(
            LineTag,
            and_(
                LineTag.site_id == BudgetLine.site_id,
                LineTag.year == BudgetLine.year,
                LineTag.code == BudgetLine.code,
            ),
        )
        .join(LineTagVersion, LineTagVersion.id == LineTag.version_id)
        .where(BudgetLine.site_id == site_id, BudgetLine.id != line.id, or_(*same))
        .order_by(number_shared.desc(), BudgetLine.year.desc(), BudgetLine.code)
        .limit(MOST_LOOKED_AT)
    )
    series = series_key(line.code, line.labels)
    found = [_similar(other, head, version, telling, series) for other, head, version in session.execute(query)]
    found.sort(key=lambda one: (not one.is_same_series, -len(one.shared), one.state != store.APPROVED, -one.year))
    return found[:limit]


def _similar(
    line: BudgetLine, head: LineTag, version: LineTagVersion, telling: Mapping[str, str], series: str
) -> SimilarLine:
    shared = tuple(name for name, text in telling.items() if line.labels.get(name) == text)
    is_same = series_key(line.code, line.labels) == series
    return SimilarLine(line.year, line.code, line.labels, shared, is_same, head.state, version.content)


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
