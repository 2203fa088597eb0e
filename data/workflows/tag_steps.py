"""Steps of tags as single lines and bulk share them: checked against state and four eyes, stored with their trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from budget_model.errors import InputError, Problem, StaleVersionError
from budget_model.spending.counting import count
from budget_model.spending.tags import Tag, changed_fields, tag_document
from data.readers.schemes import read_schemes
from data.store import audit
from data.store import tags as store
from data.store.indicators import list_indicators
from data.store.tables import LineTag, LineTagVersion, Site
from data.store.tags import APPROVED, DISPUTED, PROPOSED, REVIEWED, Key
from data.workflows.tag_eyes import needs_another

PROPOSE, REVIEW, APPROVE, DISPUTE, RETURN = "propose", "review", "approve", "dispute", "return"
LONGEST_TEXT, MOST_EVIDENCE = 4000, 20


@dataclass(frozen=True)
class TagState:
    """Where the tag of a line stands after a step. `saved` False: there was nothing to do, and nothing was stored."""

    year: int
    code: str
    version: int
    state: str
    actor: str
    author: str
    content: Mapping[str, Any]
    approved_version: int | None
    saved: bool = True
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One step of one line, checked and ready to be stored."""

    key: Key
    before: LineTagVersion | None
    state: str
    action: str
    author: str
    content: Mapping[str, Any]
    rationale: str
    evidence: Sequence[str]
    reason: str = ""
    restored_version: int | None = None

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Facets that the step changes."""
        return changed_fields(self.before.content if self.before else {}, self.content)


def proposal(
    key: Key, before: LineTagVersion | None, tag: Tag, rationale: str, evidence: Sequence[str], actor: str
) -> Step | None:
    """The step of a proposal; None where the newest version says the very same and is not disputed."""
    content, kept = tag_document(tag), evidence_of(evidence)
    rationale = text_of(rationale, "a rationale: why the line is tagged so")
    if before is not None and before.state != DISPUTED:
        same = (before.content, before.rationale, list(before.evidence)) == (content, rationale, kept)
        if same:
            return None
    return Step(key, before, PROPOSED, PROPOSE, actor, content, rationale, kept)


def advanced(history: Sequence[LineTagVersion], action: str, actor: str, remark: str = "") -> Step:
    """The step of a review or an approval; InputError where the state or the four eyes forbid it.

    history : the line's versions, from the first to the newest
    """
    before = history[-1]
    wanted, becomes = {REVIEW: (PROPOSED, REVIEWED), APPROVE: (REVIEWED, APPROVED)}[action]
    facts = {"code": before.code, "year": before.year, "state": before.state, "author": before.author}
    if before.state != wanted:
        message = (
            f"The tag of '{before.code}' of {before.year} is {before.state}; to {action} it, it must be {wanted} first."
        )
        raise InputError(Problem("tag_state", message, value=before.state, facts={**facts, "wanted": wanted}))
    if before.author == actor:
        message = (
            f"'{actor}' wrote the tag of '{before.code}' of {before.year}, or went back to it: another person must "
            f"{action} it (four eyes)."
        )
        raise InputError(Problem("tag_four_eyes", message, value=actor, facts=facts))
    if action == APPROVE and needs_another(history, actor):
        message = (
            f"'{actor}' reviewed the tag of '{before.code}' of {before.year} and wrote part of it, or nobody's name "
            "stands for its content: another person must approve it (four eyes)."
        )
        raise InputError(Problem("tag_second_person", message, value=actor, facts=facts))
    return same_content(before, becomes, action, reason=remark.strip()[:LONGEST_TEXT])


def same_content(before: LineTagVersion, state: str, action: str, reason: str) -> Step:
    """The content of the newest version in another state."""
    return Step(
        (before.year, before.code),
        before,
        state,
        action,
        before.author,
        before.content,
        before.rationale,
        before.evidence,
        reason,
    )


def text_of(text: str, what: str) -> str:
    """The text without blanks around it; InputError where there is none."""
    if not text.strip():
        raise InputError(Problem("tag_text_missing", f"State {what}.", facts={"what": what}))
    if len(text.strip()) > LONGEST_TEXT:
        message = f"The text has {len(text.strip()):,} characters; {LONGEST_TEXT:,} fit. Put the rest into a document."
        raise InputError(Problem("tag_text_long", message))
    return text.strip()


def evidence_of(evidence: Sequence[str]) -> list[str]:
    """Documents and addresses without blank ones."""
    kept = [text_of(item, "the document") for item in evidence if item.strip()]
    if len(kept) > MOST_EVIDENCE:
        message = f"{len(kept)} documents are named; {MOST_EVIDENCE} fit. Name one that lists the others."
        raise InputError(Problem("tag_evidence_many", message))
    return kept


def save_steps(
    session: Session, site: Site, actor: str, steps: Sequence[Step], batch: str | None = None
) -> list[TagState]:
    """Store checked steps of locked lines, with their audit entries. Each line comes once."""
    schemes = read_schemes()
    rows = [_row(site.id, actor, step, batch) for step in steps]
    facets = [head_facets(stored_tag(step.content), schemes) for step in steps]
    store.add_versions(session, rows, facets)
    for step, row in zip(steps, rows, strict=True):
        detail = {
            "year": step.key[0],
            "version": row["version"],
            "state": step.state,
            "changes": {name: list(pair) for name, pair in step.changes.items()},
            **({"reason": step.reason} if step.reason else {}),
            **({"restored": step.restored_version} if step.restored_version else {}),
            **({"batch": batch} if batch else {}),
        }
        audit.record(session, actor, f"tag.{step.action}", step.key[1], site.id, detail)
    heads = store.find_heads(session, site.id, [step.key for step in steps])
    approved = store.load_versions_by_id(session, [head.approved_id for head in heads.values() if head.approved_id])
    return [_state(step, row, heads[step.key], approved) for step, row in zip(steps, rows, strict=True)]


def _row(site_id: int, actor: str, step: Step, batch: str | None) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {
        "site_id": site_id,
        "year": step.key[0],
        "code": step.key[1],
        "version": step.before.version + 1 if step.before else 1,
        "state": step.state,
        "action": step.action,
        "at": max(now, step.before.at) if step.before else now,  # versions follow each other, whatever the clock does
        "actor": actor,
        "author": step.author,
        "content": dict(step.content),
        "rationale": step.rationale,
        "evidence": list(step.evidence),
        "reason": step.reason,
        "restored_version": step.restored_version,
        "batch": batch,
    }


def _state(step: Step, row: Mapping[str, Any], head: LineTag, approved: Mapping[int, LineTagVersion]) -> TagState:
    counting = approved[head.approved_id].version if head.approved_id else None
    return TagState(
        *step.key,
        row["version"],
        step.state,
        row["actor"],
        step.author,
        row["content"],
        counting,
        changes=step.changes,
    )


def unchanged(session: Session, version: LineTagVersion | None) -> TagState:
    """The state of a tag that nothing was done to."""
    assert version is not None  # only a version that says the same makes a proposal superfluous
    head = store.find_heads(session, version.site_id, [(version.year, version.code)])[version.year, version.code]
    approved = store.load_versions_by_id(session, [head.approved_id] if head.approved_id else [])
    counting = approved[head.approved_id].version if head.approved_id else None
    return TagState(
        version.year,
        version.code,
        version.version,
        version.state,
        version.actor,
        version.author,
        version.content,
        counting,
        saved=False,
    )


def stored_tag(content: Mapping[str, Any]) -> Tag:
    """The tag of stored content: it was checked when it was saved, by the schemes of then."""
    return Tag.model_validate(dict(content))


def head_facets(tag: Tag, schemes: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of the head that repeat the content."""
    scheme = schemes.get(tag.attribution.scheme) if tag.attribution else None
    return {
        "marker": tag.marker,
        "sharp": tag.sharp,
        "policy": tag.policy,
        "beneficiary": tag.beneficiary,
        "women_share": tag.women_share,
        "scheme": tag.attribution.scheme if tag.attribution else None,
        "counted_share": count(tag, scheme).share if scheme else None,
        "is_locked": tag.is_locked,
        "is_capital": tag.is_capital,
    }


def known_needs(session: Session, site_id: int) -> frozenset[str] | None:
    """Ids of the needs that a link may name; None where the site has no indicators yet."""
    return frozenset(indicator.code for indicator in list_indicators(session, site_id)) or None


def open_line(session: Session, site: Site, key: Key, based_on: int | None) -> LineTagVersion | None:
    """The newest version of a line (None: untagged), the line locked; StaleVersionError where it is another one."""
    return open_lines(session, site, {key: based_on})[key]


def tagged_line(session: Session, site: Site, key: Key, based_on: int | None) -> LineTagVersion:
    found = open_line(session, site, key, based_on)
    if found is None:
        message = f"The line '{key[1]}' of {key[0]} has no tag yet. Propose one first."
        raise InputError(Problem("tag_none", message, value=key[1], facts={"year": key[0], "code": key[1]}))
    return found


def open_lines(session: Session, site: Site, keys: Mapping[Key, int | None]) -> dict[Key, LineTagVersion | None]:
    """Newest versions of lines, which stay locked; the version that each is based on is held against it."""
    store.lock_lines(session, site.id, list(keys))
    heads = store.find_heads(session, site.id, list(keys))
    versions = store.load_versions_by_id(session, [head.version_id for head in heads.values()])
    found = {key: versions[heads[key].version_id] if key in heads else None for key in keys}
    for key, based_on in keys.items():
        newest = found[key].version if found[key] else 0
        if based_on is not None and based_on != newest:
            raise _stale(session, site, key, based_on, found[key])
    return found


def _stale(session: Session, site: Site, key: Key, based_on: int, newest: LineTagVersion | None) -> Exception:
    subject = f"Tag of '{key[1]}' of {key[0]}"
    if newest is None or based_on > newest.version:
        message = f"{subject}: there is no version {based_on}. Load the page again."
        return InputError(Problem("tag_version", message, value=str(based_on)))
    opened = store.load_version(session, site.id, key, based_on) if based_on else None
    changes = changed_fields(opened.content if opened else {}, newest.content)
    if (opened.state if opened else None) != newest.state:
        changes["state"] = (opened.state if opened else None, newest.state)
    at = f"{newest.at:%Y-%m-%d %H:%M} UTC"
    return StaleVersionError(subject, based_on, newest.version, newest.actor, at, newest.action, changes)
