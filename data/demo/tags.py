"""Invented gender tags of the demonstration's budget, brought in as people do it, step by step: proposed by one,
reviewed and approved by another, disputed by a third."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from data.store.sites import load_site
from data.store.tables import BudgetLine
from data.store.tags import APPROVED, DISPUTED, PROPOSED, REVIEWED, Key, list_heads
from data.workflows.tag_bulk import BulkChange, apply_bulk, approve_bulk, review_bulk
from data.workflows.tags import dispute_tag

FILE = Path(__file__).with_name("tags.yaml")
FIRST_REASON = "primera lectura de la línea, antes de ver sus datos."
Factory = sessionmaker[Session]


@dataclass(frozen=True)
class People:
    """Log-in names of those who take the steps."""

    author: str
    approver: str
    doubter: str


@dataclass(frozen=True)
class Entry:
    """An entry of the file with the lines that it is about."""

    content: Mapping[str, Any]
    keys: tuple[Key, ...]


def tag_lines(factory: Factory, site_slug: str, people: People, file: Path = FILE) -> int:
    """Tag the lines of a site by a file of entries; says how many lines have a tag then.

    Lines that have a tag already only take the steps that are still missing: a build that was broken off goes on.
    """
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    with factory() as session:
        site_id = load_site(session, site_slug).id
        by_purpose = _lines_by_purpose(session, site_id)
    entries = [Entry(one, tuple(_keys(one, by_purpose))) for one in content["entries"]]
    there = _states(factory, site_id)
    for entry in entries:
        keys = [key for key in entry.keys if key not in there]
        if keys:
            _propose(factory, site_slug, people.author, keys, entry.content, content["opening"])
    ends = {key: entry.content["state"] for entry in entries for key in entry.keys}
    if to_review := _waiting(factory, site_id, ends, (REVIEWED, APPROVED), PROPOSED):
        review_bulk(factory, site_slug, to_review, people.approver)
    if to_approve := _waiting(factory, site_id, ends, (APPROVED,), REVIEWED):
        approve_bulk(factory, site_slug, to_approve, people.approver)
    doubts = {key: entry.content.get("dispute", "") for entry in entries for key in entry.keys}
    for key in _waiting(factory, site_id, ends, (DISPUTED,), PROPOSED):
        dispute_tag(factory, site_slug, *key, people.doubter, content["opening"] + doubts[key])
    return len(_states(factory, site_id))


def _states(factory: Factory, site_id: int) -> dict[Key, tuple[str, int]]:
    """State and version of every line that has a tag."""
    with factory() as session:
        return {(head.year, head.code): (head.state, head.version) for head in list_heads(session, site_id)}


def _waiting(
    factory: Factory, site_id: int, ends: Mapping[Key, str], wanted: Sequence[str], state: str
) -> dict[Key, int]:
    """Versions of the lines that stand in a state and are to end in one of those wanted."""
    states = _states(factory, site_id)
    return {key: states[key][1] for key, end in ends.items() if end in wanted and states[key][0] == state}


def _lines_by_purpose(session: Session, site_id: int) -> dict[tuple[int, str], list[str]]:
    """Codes of lines by year and purpose."""
    found: dict[tuple[int, str], list[str]] = {}
    query = select(BudgetLine.year, BudgetLine.code, BudgetLine.labels).where(BudgetLine.site_id == site_id)
    for year, code, labels in session.execute(query.order_by(BudgetLine.year, BudgetLine.code)):
        found.setdefault((year, labels.get("purpose_code", "")), []).append(code)
    return found


def _keys(content: Mapping[str, Any], by_purpose: Mapping[tuple[int, str], Sequence[str]]) -> Iterator[Key]:
    for year in content["years"]:
        for purpose in content["purposes"]:
            yield from ((year, code) for code in by_purpose.get((year, purpose), ()))


def _propose(
    factory: Factory, site_slug: str, author: str, keys: Sequence[Key], content: Mapping[str, Any], opening: str
) -> None:
    """Propose an entry on its lines, perhaps after an earlier reading."""
    versions = dict.fromkeys(keys, 0)
    if "first" in content:
        first = BulkChange(content["first"], opening + FIRST_REASON)
        versions = {
            (one.year, one.code): one.version for one in apply_bulk(factory, site_slug, versions, first, author)
        }
    change = BulkChange(content["tag"], opening + content["rationale"], tuple(content.get("evidence", ())))
    apply_bulk(factory, site_slug, versions, change, author)
