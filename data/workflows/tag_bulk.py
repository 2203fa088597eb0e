"""Many lines at once: what a change would do is shown first, and done only if nothing changed in between.

A change names facets and leaves all others of a line as they are. Preview and step go line by line through the same
checks as a single tag; the step is all of it or nothing, one transaction, one batch.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.spending.tags import changed_fields, parse_tag
from data.readers.schemes import read_schemes
from data.store import tags as store
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import BudgetLine, LineTagVersion, Site
from data.store.tags import Key
from data.workflows.tag_people import TAGGERS, require_name, require_role
from data.workflows.tag_steps import (
    APPROVE,
    REVIEW,
    Step,
    TagState,
    advanced,
    known_needs,
    open_lines,
    proposal,
    save_steps,
)

Factory = sessionmaker[Session]
MOST_LINES = 5_000  # of one step: a transaction that others wait for


@dataclass(frozen=True)
class BulkChange:
    """What is to be said of many lines.

    facets : facet -> value, as `parse_tag` takes them; None takes the facet away. Facets that are not named stay
    only_untagged : leave lines alone that have a tag
    """

    facets: Mapping[str, Any]
    rationale: str
    evidence: Sequence[str] = ()
    only_untagged: bool = False


@dataclass(frozen=True)
class PreviewLine:
    """What the change would do to one line. Nothing to do: `content` is None."""

    year: int
    code: str
    labels: Mapping[str, str]
    amounts: Mapping[str, Any]  # stage -> Decimal or None
    version: int  # 0: untagged
    state: str | None
    before: Mapping[str, Any]
    content: Mapping[str, Any] | None
    changes: Mapping[str, tuple[Any, Any]]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class BulkPreview:
    """All lines of a change. It can be done if no line is refused."""

    lines: tuple[PreviewLine, ...]

    @property
    def changed(self) -> tuple[PreviewLine, ...]:
        return tuple(line for line in self.lines if line.content is not None and not line.problems)

    @property
    def refused(self) -> tuple[PreviewLine, ...]:
        return tuple(line for line in self.lines if line.problems)

    def versions(self) -> dict[Key, int]:
        """The version that each line had: what `apply_bulk` holds against those of then."""
        return {(line.year, line.code): line.version for line in self.lines}


def preview_bulk(session: Session, site_id: int, keys: Sequence[Key], change: BulkChange, actor: str) -> BulkPreview:
    """What a change would do to these lines; nothing is stored.

    Raises InputError for lines that are gone or too many, NotFoundError for lines that never were there.
    """
    _refuse_many(keys)
    lines = store.load_lines(session, site_id, keys)
    heads = store.find_heads(session, site_id, keys)
    versions = store.load_versions_by_id(session, [head.version_id for head in heads.values()])
    known = known_needs(session, site_id)
    shown = []
    for key in dict.fromkeys(keys):
        before = versions[heads[key].version_id] if key in heads else None
        shown.append(_preview_line(lines[key], before, change, known, actor))
    return BulkPreview(tuple(shown))


def apply_bulk(
    factory: Factory, site_slug: str, versions: Mapping[Key, int], change: BulkChange, actor: str
) -> tuple[TagState, ...]:
    """Propose the change on the lines of a preview; lines that need no change are left alone.

    versions : `BulkPreview.versions()`; a line that has another version now stops the whole step
    Raises StaleVersionError with what the other person did, InputError with every refused line, AccessError.
    """
    _refuse_many(list(versions))
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        require_role(session, actor, site.id, TAGGERS, "tag budget lines")
        newest = open_lines(session, site, dict(versions))
        steps, problems = _steps(session, site, newest, change, actor)
        if problems:
            raise InputError(problems)
        return tuple(save_steps(session, site, actor, steps, new_batch())) if steps else ()


def review_bulk(
    factory: Factory, site_slug: str, versions: Mapping[Key, int], actor: str, remark: str = ""
) -> tuple[TagState, ...]:
    """Review the tags of many lines, all of them or none; see `review_tag`."""
    return _advance_bulk(factory, site_slug, versions, actor, REVIEW, remark)


def approve_bulk(
    factory: Factory, site_slug: str, versions: Mapping[Key, int], actor: str, remark: str = ""
) -> tuple[TagState, ...]:
    """Approve the tags of many lines, all of them or none; see `approve_tag`."""
    return _advance_bulk(factory, site_slug, versions, actor, APPROVE, remark)


def _advance_bulk(
    factory: Factory, site_slug: str, versions: Mapping[Key, int], actor: str, action: str, remark: str
) -> tuple[TagState, ...]:
    _refuse_many(list(versions))
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        require_role(session, actor, site.id, TAGGERS, f"{action} tags")
        require_name(actor, action)
        steps, problems = [], []
        opened = open_lines(session, site, dict(versions))
        histories = store.list_histories(session, site.id, list(opened))
        for key in opened:
            try:
                steps.append(advanced(_existing(histories.get(key), key), action, actor, remark))
            except InputError as refusal:
                problems += refusal.problems
        if problems:
            raise InputError(problems)
        return tuple(save_steps(session, site, actor, steps, new_batch())) if steps else ()


def _existing(history: Sequence[LineTagVersion] | None, key: Key) -> Sequence[LineTagVersion]:
    if not history:
        message = f"The line '{key[1]}' of {key[0]} has no tag yet. Propose one first."
        raise InputError(Problem("tag_none", message, value=key[1], facts={"year": key[0], "code": key[1]}))
    return history


def new_batch() -> str:
    """A name for the versions of one bulk step."""
    return secrets.token_hex(8)


def _refuse_many(keys: Sequence[Key]) -> None:
    if not keys:
        raise InputError(Problem("tag_bulk_none", "No line is chosen. Choose at least one."))
    if len(keys) > MOST_LINES:
        message = f"{len(keys):,} lines are chosen; {MOST_LINES:,} can be changed at once. Narrow the filter."
        raise InputError(Problem("tag_bulk_many", message, facts={"count": len(keys), "most": MOST_LINES}))


def _preview_line(
    line: BudgetLine, before: LineTagVersion | None, change: BulkChange, known: frozenset[str] | None, actor: str
) -> PreviewLine:
    key = (line.year, line.code)
    problems: tuple[Problem, ...] = ()
    content = None
    try:
        step = _step(key, before, change, known, actor)
        content = step.content if step else None
    except InputError as refusal:
        problems = refusal.problems
    earlier = before.content if before else {}
    return PreviewLine(
        line.year,
        line.code,
        line.labels,
        {stage: getattr(line, stage) for stage in ("pia", "pim", "accrued")},
        before.version if before else 0,
        before.state if before else None,
        earlier,
        content,
        changed_fields(earlier, content) if content is not None else {},
        problems,
    )


def _steps(
    session: Session, site: Site, newest: Mapping[Key, LineTagVersion | None], change: BulkChange, actor: str
) -> tuple[list[Step], list[Problem]]:
    known = known_needs(session, site.id)
    steps, problems = [], []
    for key, before in newest.items():
        try:
            step = _step(key, before, change, known, actor)
        except InputError as refusal:
            problems += [_of_line(problem, key) for problem in refusal.problems]
            continue
        if step is not None:
            steps.append(step)
    return steps, problems


def _step(
    key: Key, before: LineTagVersion | None, change: BulkChange, known: frozenset[str] | None, actor: str
) -> Step | None:
    """The proposal for a line; None where there is nothing to do."""
    if before is not None and change.only_untagged:
        return None
    merged = {**(before.content if before else {}), **change.facets}
    tag = parse_tag({name: value for name, value in merged.items() if value is not None}, read_schemes(), known)
    step = proposal(key, before, tag, change.rationale, change.evidence, actor)
    return step if step is None or step.changes or before is None else None


def _of_line(problem: Problem, key: Key) -> Problem:
    message = f"Line '{key[1]}' of {key[0]}: {problem.message}"
    facts = {**problem.facts, "year": key[0], "code": key[1]}
    return Problem(problem.rule, message, column=problem.column, value=problem.value, facts=facts)
