"""What people do with the tag of a line: propose, review, approve, dispute, go back. Every step is a further version.

    proposed → reviewed → approved        by somebody else than the author of the content (four eyes)
    any of them → disputed                with a reason; a new proposal answers it
    any → an earlier version              as a new proposal by whoever goes back

The approved version is what counts in statements until another one is approved; a proposal or a dispute beside it does
not take it away. A step says on which version it is based: if somebody saved another one meanwhile, it is refused
with what they did, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.spending.tags import parse_tag
from data.readers.schemes import read_schemes
from data.store import tags as store
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tags import DISPUTED, PROPOSED, Key
from data.workflows.tag_people import DOUBTERS, TAGGERS, require_name, require_role
from data.workflows.tag_steps import (
    APPROVE,
    DISPUTE,
    RETURN,
    REVIEW,
    Step,
    TagState,
    advanced,
    known_needs,
    open_line,
    proposal,
    same_content,
    save_steps,
    tagged_line,
    text_of,
    unchanged,
)

Factory = sessionmaker[Session]


def propose_tag(
    factory: Factory,
    site_slug: str,
    year: int,
    code: str,
    content: Mapping[str, Any],
    rationale: str,
    actor: str,
    *,
    evidence: Sequence[str] = (),
    based_on: int | None = None,
) -> TagState:
    """Propose what a line is to be tagged with; the actor becomes the author of the content.

    content : facets as `budget_model.spending.tags.parse_tag` takes them; what is left out is unknown
    based_on : the version that the proposal started from, 0 for an untagged line; None takes whatever is there
    Raises InputError (what is unsound; a line that is gone), StaleVersionError, AccessError, NotFoundError.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        require_role(session, actor, site.id, TAGGERS, "tag budget lines")
        tag = parse_tag(content, read_schemes(), known_needs(session, site.id))
        before = open_line(session, site, (year, code), based_on)
        step = proposal((year, code), before, tag, rationale, evidence, actor)
        return unchanged(session, before) if step is None else save_steps(session, site, actor, [step])[0]


def review_tag(
    factory: Factory, site_slug: str, year: int, code: str, actor: str, *, remark: str = "", based_on: int | None = None
) -> TagState:
    """Say that a proposal was looked through; not by its author.

    Raises InputError for a tag that is not proposed, or for the author; StaleVersionError, AccessError, NotFoundError.
    """
    return _advance(factory, site_slug, (year, code), actor, REVIEW, remark, based_on)


def approve_tag(
    factory: Factory, site_slug: str, year: int, code: str, actor: str, *, remark: str = "", based_on: int | None = None
) -> TagState:
    """Approve what was reviewed; from then on it counts. Not by the author of the content.

    Raises as `review_tag`.
    """
    return _advance(factory, site_slug, (year, code), actor, APPROVE, remark, based_on)


def dispute_tag(
    factory: Factory, site_slug: str, year: int, code: str, actor: str, reason: str, *, based_on: int | None = None
) -> TagState:
    """Say that a tag is wrong, and why. An approved version goes on counting until another one is approved.

    Raises InputError without a reason, StaleVersionError, AccessError, NotFoundError.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        require_role(session, actor, site.id, DOUBTERS, "dispute tags")
        require_name(actor, "dispute")
        before = tagged_line(session, site, (year, code), based_on)
        step = same_content(before, DISPUTED, DISPUTE, reason=text_of(reason, "a reason for the dispute"))
        return save_steps(session, site, actor, [step])[0]


def return_tag(
    factory: Factory,
    site_slug: str,
    year: int,
    code: str,
    to_version: int,
    actor: str,
    reason: str,
    *,
    based_on: int | None = None,
) -> TagState:
    """Go back to an earlier version: its content, rationale and evidence become a new proposal of the actor's.

    A proposal whatever state the earlier version had, so that nobody alone changes what counts: what is approved now
    counts until a second person has passed the proposal. The actor is its author, as of every other proposal.

    Raises InputError without a reason, NotFoundError for a version that is not there, StaleVersionError, AccessError.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        require_role(session, actor, site.id, TAGGERS, "tag budget lines")
        before = tagged_line(session, site, (year, code), based_on)
        earlier = store.load_version(session, site.id, (year, code), to_version)
        step = Step(
            (year, code),
            before,
            PROPOSED,
            RETURN,
            actor,
            earlier.content,
            earlier.rationale,
            earlier.evidence,
            text_of(reason, "a reason for going back"),
            earlier.version,
        )
        return save_steps(session, site, actor, [step])[0]


def _advance(
    factory: Factory, site_slug: str, key: Key, actor: str, action: str, remark: str, based_on: int | None
) -> TagState:
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        require_role(session, actor, site.id, TAGGERS, f"{action} tags")
        require_name(actor, action)
        tagged_line(session, site, key, based_on)
        history = store.list_versions(session, site.id, key)
        return save_steps(session, site, actor, [advanced(history, action, actor, remark)])[0]
