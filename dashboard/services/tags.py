"""Gender tags of budget lines for the review desk: the queue, one line with its history, every step, and agreement.

Each step asks for the role here and again in the workflow, which also keeps the four eyes and the versions. Who gets
`StaleVersionError` still has what they wrote: nothing of theirs was stored, nothing of the other person's is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from budget_model.spending.agreement import Agreement
from budget_model.spending.counting import SchemeTotals, scheme_totals
from budget_model.spending.lines import STAGES
from budget_model.spending.schemes import Scheme
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, SIGNED_IN, may, require
from data.readers.schemes import read_schemes
from data.store import tag_queue
from data.store import tags as store
from data.store.indicators import list_indicators
from data.store.lines import list_years
from data.store.tables import LineTagVersion
from data.store.tag_counts import count_by_states, count_states
from data.store.tag_queue import QueueGroup, QueueQuery, QueueRow
from data.store.tags import APPROVED, PROPOSED, REVIEWED
from data.workflows.tag_bulk import (
    BulkChange,
    BulkPreview,
    apply_bulk,
    approve_bulk,
    preview_bulk,
    review_bulk,
)
from data.workflows.tag_eyes import needs_another
from data.workflows.tag_ratings import load_agreement, rate_line, scheme_of
from data.workflows.tag_similar import CarriedTags, SimilarLine, carry_tags, similar_lines
from data.workflows.tag_steps import TagState
from data.workflows.tagged_lines import tagged_lines
from data.workflows.tags import approve_tag, dispute_tag, propose_tag, return_tag, review_tag

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from dashboard.services import Store

DOUBTERS = PLANNERS | {"monitor"}
READING = "see the tags of budget lines"
TAGGING = "tag budget lines"
Key = tuple[int, str]


@dataclass(frozen=True)
class QueuePage:
    """A page of the queue. `count`: lines of the query over all pages; `states`: all lines of the year by state."""

    rows: tuple[QueueRow, ...]
    count: int
    states: Mapping[str, int]
    years: tuple[int, ...]


@dataclass(frozen=True)
class VersionInfo:
    """One version of a tag, as the history shows it."""

    version: int
    state: str
    action: str
    at: datetime
    actor: str
    author: str
    content: Mapping[str, Any]
    rationale: str
    evidence: tuple[str, ...]
    reason: str
    restored_version: int | None
    batch: str | None
    counts: bool  # the approved version that statements use


@dataclass(frozen=True)
class LineDetail:
    """A line for the side panel. `version` 0: untagged. `may_…`: what this person may do now, four eyes included."""

    year: int
    code: str
    labels: Mapping[str, str]
    amounts: Mapping[str, Decimal | None]
    gender_share: Decimal | None
    source: str  # file and line
    version: int
    history: tuple[VersionInfo, ...]  # the newest first
    may_propose: bool
    may_review: bool
    may_approve: bool
    may_dispute: bool
    may_return: bool

    @property
    def newest(self) -> VersionInfo | None:
        return self.history[0] if self.history else None


@dataclass(frozen=True)
class UnratedLine:
    """A line as a blind rater sees it."""

    year: int
    code: str
    labels: Mapping[str, str]
    amounts: Mapping[str, Decimal | None]


class TagService:
    """Tags of a site's lines."""

    def __init__(self, given: Store):
        self._store = given

    # --- reading -----------------------------------------------------------------------------------------------------

    def schemes(self) -> Mapping[str, Scheme]:
        """The schemes by id, with labels and texts by language."""
        return read_schemes()

    def queue(self, user: Person, site: SiteRef, query: QueueQuery) -> QueuePage:
        """One page of lines with where their tags stand."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            rows, count, states = _page(session, site.id, query)
            return QueuePage(tuple(rows), count, states, tuple(list_years(session, site.id)))

    def page(self, user: Person, site: SiteRef, query: QueueQuery) -> tuple[Sequence[QueueRow], int, Mapping[str, int]]:
        """Rows, count and states of `queue`, for a reader who knows the years."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            return _page(session, site.id, query)

    def counts(self, user: Person, site: SiteRef, query: QueueQuery) -> tuple[int, Mapping[str, int]]:
        """Lines of the query over all pages, and all lines of its year by state."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            states = count_states(session, site.id, query.year)
            count = count_by_states(query, states)
            return tag_queue.count_rows(session, site.id, query) if count is None else count, states

    def rows(self, user: Person, site: SiteRef, query: QueueQuery) -> tuple[list[QueueRow], int]:
        """One page of lines for a grid that scrolls, and how many the query has."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            return tag_queue.list_page(session, site.id, query)

    def labels(self, user: Person, site: SiteRef, year: int) -> tuple[str, ...]:
        """Labels that a year's lines carry, from its first lines."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            first = tag_queue.list_rows(session, site.id, QueueQuery(year, limit=50))
            return tuple(dict.fromkeys(name for row in first for name in row.labels))

    def row(self, user: Person, site: SiteRef, key: Key) -> QueueRow | None:
        """One line of the queue; None where it is gone."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            return tag_queue.find_row(session, site.id, *key)

    def similar(self, user: Person, site: SiteRef, key: Key) -> tuple[SimilarLine, ...]:
        """Tagged lines like a line. NotFoundError; InputError for a line that is gone."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            return tuple(similar_lines(session, site.id, *key))

    def years(self, user: Person, site: SiteRef) -> tuple[int, ...]:
        """Years that have lines, oldest first."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            return tuple(list_years(session, site.id))

    def needs(self, user: Person, site: SiteRef) -> Mapping[str, Mapping[str, str]]:
        """Needs that a tag may name: indicator -> label by language."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            return {one.code: one.definition.get("label", {}) for one in list_indicators(session, site.id)}

    def groups(self, user: Person, site: SiteRef, query: QueueQuery, label: str) -> tuple[QueueGroup, ...]:
        """The lines of a query summed by a label: programme, function …"""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            return tuple(tag_queue.list_groups(session, site.id, query, label))

    def keys(self, user: Person, site: SiteRef, query: QueueQuery) -> tuple[Key, ...]:
        """Year and code of all lines of a query, to be changed in bulk."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            return tuple(tag_queue.list_keys(session, site.id, query))

    def line(self, user: Person, site: SiteRef, year: int, code: str) -> LineDetail:
        """A line with its history. NotFoundError; InputError for a line that is gone."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            line = store.load_lines(session, site.id, [(year, code)])[year, code]
            head = store.find_heads(session, site.id, [(year, code)]).get((year, code))
            versions = store.list_versions(session, site.id, (year, code))
            newest = versions[-1] if versions else None
            counting = head.approved_id if head else None
            tags, doubts = may(user, PLANNERS, site), may(user, DOUBTERS, site)
            is_other = newest is not None and newest.author != user.login
            is_second = newest is not None and not needs_another(versions, user.login)
            return LineDetail(
                year=year,
                code=code,
                labels=line.labels,
                amounts={stage: getattr(line, stage) for stage in STAGES},
                gender_share=line.gender_share,
                source=f"{line.source_file}, {line.source_line}" if line.source_line else line.source_file,
                version=newest.version if newest else 0,
                history=tuple(_version(one, counting) for one in reversed(versions)),
                may_propose=tags,
                may_review=tags and is_other and newest is not None and newest.state == PROPOSED,
                may_approve=tags and is_other and is_second and newest is not None and newest.state == REVIEWED,
                may_dispute=doubts and newest is not None,
                may_return=tags and newest is not None and newest.version > 1,
            )

    def totals(self, user: Person, site: SiteRef, scheme_id: str, stage: str, year: int | None = None) -> SchemeTotals:
        """What approved tags add up to by one scheme and stage."""
        require(user, SIGNED_IN, site, READING)
        scheme = scheme_of(scheme_id)
        with self._store.factory() as session:
            return scheme_totals(tagged_lines(session, site.id, year), scheme, stage)

    def agreement(self, user: Person, site: SiteRef, scheme_id: str, year: int | None = None) -> Agreement:
        """How far raters agree in a scheme."""
        require(user, SIGNED_IN, site, READING)
        with self._store.factory() as session:
            return load_agreement(session, site.id, scheme_id, year)

    # --- steps of one line -------------------------------------------------------------------------------------------

    def propose(
        self,
        user: Person,
        site: SiteRef,
        key: Key,
        content: Mapping[str, Any],
        rationale: str,
        evidence: Sequence[str],
        based_on: int,
    ) -> TagState:
        """Propose the facets of a line; `based_on` is the version that the page showed (0: untagged)."""
        require(user, PLANNERS, site, TAGGING)
        return propose_tag(
            self._store.factory, site.slug, *key, content, rationale, user.login, evidence=evidence, based_on=based_on
        )

    def review(self, user: Person, site: SiteRef, key: Key, based_on: int, remark: str = "") -> TagState:
        require(user, PLANNERS, site, TAGGING)
        return review_tag(self._store.factory, site.slug, *key, user.login, remark=remark, based_on=based_on)

    def approve(self, user: Person, site: SiteRef, key: Key, based_on: int, remark: str = "") -> TagState:
        require(user, PLANNERS, site, TAGGING)
        return approve_tag(self._store.factory, site.slug, *key, user.login, remark=remark, based_on=based_on)

    def dispute(self, user: Person, site: SiteRef, key: Key, based_on: int, reason: str) -> TagState:
        require(user, DOUBTERS, site, "dispute tags")
        return dispute_tag(self._store.factory, site.slug, *key, user.login, reason, based_on=based_on)

    def go_back(self, user: Person, site: SiteRef, key: Key, to_version: int, based_on: int, reason: str) -> TagState:
        """Return to an earlier version, as a new one."""
        require(user, PLANNERS, site, TAGGING)
        return return_tag(self._store.factory, site.slug, *key, to_version, user.login, reason, based_on=based_on)

    def next_unrated(self, user: Person, site: SiteRef, scheme_id: str, year: int) -> UnratedLine | None:
        """The line with the most money that this person has neither rated in the scheme nor tagged: without its tag."""
        require(user, DOUBTERS, site, "rate budget lines")
        scheme = scheme_of(scheme_id)
        with self._store.factory() as session:
            line = store.next_unrated(session, site.id, year, scheme.id, user.login)
            if line is None:
                return None
            return UnratedLine(line.year, line.code, line.labels, {one: getattr(line, one) for one in STAGES})

    def rate(self, user: Person, site: SiteRef, key: Key, scheme_id: str, value: str) -> None:
        """Keep a blind rating; the page must not have shown the tag."""
        require(user, DOUBTERS, site, "rate budget lines")
        rate_line(self._store.factory, site.slug, *key, scheme_id, value, user.login)

    # --- many lines --------------------------------------------------------------------------------------------------

    def preview(self, user: Person, site: SiteRef, keys: Sequence[Key], change: BulkChange) -> BulkPreview:
        """What a change would do to many lines; `BulkPreview.versions()` goes into `apply`."""
        require(user, PLANNERS, site, TAGGING)
        with self._store.factory() as session:
            return preview_bulk(session, site.id, keys, change, user.login)

    def apply(
        self, user: Person, site: SiteRef, versions: Mapping[Key, int], change: BulkChange
    ) -> tuple[TagState, ...]:
        """Do what was previewed, all of it or nothing."""
        require(user, PLANNERS, site, TAGGING)
        return apply_bulk(self._store.factory, site.slug, versions, change, user.login)

    def review_many(self, user: Person, site: SiteRef, versions: Mapping[Key, int]) -> tuple[TagState, ...]:
        require(user, PLANNERS, site, TAGGING)
        return review_bulk(self._store.factory, site.slug, versions, user.login)

    def approve_many(self, user: Person, site: SiteRef, versions: Mapping[Key, int]) -> tuple[TagState, ...]:
        require(user, PLANNERS, site, TAGGING)
        return approve_bulk(self._store.factory, site.slug, versions, user.login)

    def carry_over(self, user: Person, site: SiteRef, from_year: int, to_year: int, is_dry_run: bool) -> CarriedTags:
        """Propose the approved tags of a year on the same lines of another; `is_dry_run` shows what would happen."""
        require(user, PLANNERS, site, TAGGING)
        return carry_tags(self._store.factory, site.slug, from_year, to_year, user.login, is_dry_run)


def _page(session: Session, site_id: int, query: QueueQuery) -> tuple[Sequence[QueueRow], int, Mapping[str, int]]:
    states = count_states(session, site_id, query.year)
    count = count_by_states(query, states)
    if count is None:
        return *tag_queue.list_page(session, site_id, query), states
    return tag_queue.list_rows(session, site_id, query), count, states


def _version(one: LineTagVersion, counting: int | None) -> VersionInfo:
    return VersionInfo(
        one.version,
        one.state,
        one.action,
        one.at,
        one.actor,
        one.author,
        one.content,
        one.rationale,
        tuple(one.evidence),
        one.reason,
        one.restored_version,
        one.batch,
        counts=one.id == counting and one.state == APPROVED,
    )
