"""Subscriptions of a person to digests of alerts. What they may see is asked anew whenever something is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from budget_model.errors import AccessError, InputError, NotFoundError
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import SIGNED_IN, require
from data.mail import MailSettings
from data.store import digests as store
from data.store.digests import Wish
from data.store.tables import DigestIssue, DigestSubscription, User
from data.workflows.digest_content import Document, compose
from data.workflows.digests import seen_sites, subscribe, unsubscribe

if TYPE_CHECKING:
    from dashboard.services import Store


@dataclass(frozen=True)
class IssueRow:
    """A digest of a subscription. `is_open`: it can be fetched now; a site that was closed since keeps it shut."""

    id: int
    period: str
    at: datetime
    is_open: bool
    error_rule: str | None


@dataclass(frozen=True)
class SubscriptionRow:
    """A subscription of the person with its newest digests."""

    id: int
    wish: Wish
    issues: tuple[IssueRow, ...]


@dataclass(frozen=True)
class DigestView:
    """Sites (slug to name) that the person may subscribe to, and what they have."""

    sites: Mapping[str, str]
    subscriptions: tuple[SubscriptionRow, ...]
    has_mail: bool


class DigestService:
    """Reads and keeps subscriptions of the person who asks, and of nobody else."""

    def __init__(self, store: Store):
        self._store = store

    def view(self, user: Person, site: SiteRef) -> DigestView:
        """Everything that the page shows."""
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            seen = {one.slug: one.name for one in seen_sites(session, _account(session, user))}
            rows = store.list_subscriptions(session, user.id)
            found = [SubscriptionRow(row.id, _wish(row), _issues(session, row, set(seen))) for row in rows]
        return DigestView(seen, tuple(found), has_mail())

    def subscribe(self, user: Person, site: SiteRef, wish: Wish) -> int:
        """Keep a subscription; InputError, or AccessError for a site that the person may not read."""
        require(user, SIGNED_IN, site, "subscribe to a digest")
        return subscribe(self._store.factory, user.login, wish)

    def unsubscribe(self, user: Person, site: SiteRef, subscription_id: int) -> None:
        """End a subscription of the person; NotFoundError for any other."""
        require(user, SIGNED_IN, site, "end a digest")
        unsubscribe(self._store.factory, subscription_id, user.login, user.login)

    def issue(self, user: Person, site: SiteRef, issue_id: int) -> tuple[Document, str]:
        """A digest as it was delivered and its period. AccessError where one of its sites was closed since."""
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            found = store.load_issue(session, issue_id, user.id or 0)
            seen = {one.slug for one in seen_sites(session, _account(session, user))}
            if not _is_open(found, seen):
                raise AccessError("read this digest", "/".join(sorted(user.roles_at(site.id))))
            assert found.document is not None  # what was delivered is kept
            return found.document, found.period

    def preview(self, user: Person, site: SiteRef, subscription_id: int) -> Document:
        """What the digest of a subscription would say now; nothing is kept or sent."""
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            row = store.load_subscription(session, subscription_id, user.id or 0)
            sites = seen_sites(session, _account(session, user), row.sites)
            if not sites:
                raise AccessError("read this digest", "/".join(sorted(user.roles_at(site.id))))
            return compose(session, row, sites, store.last_delivered(session, row.id), datetime.now(UTC))


def has_mail() -> bool:
    """Whether this process knows a sound mail server."""
    try:
        return MailSettings.from_environment() is not None
    except InputError:
        return False


def _account(session: Session, user: Person) -> User:
    found = session.get(User, user.id)
    if found is None:
        raise NotFoundError("user", user.login)
    return found


def _wish(row: DigestSubscription) -> Wish:
    sites = None if row.sites is None else tuple(row.sites)
    how = (row.language, row.frequency, row.delivery, row.address)
    return Wish(sites, row.scheme, row.stage, tuple(row.rules), *how)


def _issues(session: Session, row: DigestSubscription, seen: set[str]) -> tuple[IssueRow, ...]:
    return tuple(
        IssueRow(one.id, one.period, one.delivered_at or one.attempted_at, _is_open(one, seen), one.error_rule)
        for one in store.list_issues(session, row.id)
    )


def _is_open(issue: DigestIssue, seen: set[str]) -> bool:
    if issue.state != store.DELIVERED or issue.document is None:
        return False
    return all(site["slug"] in seen for site in issue.document["sites"])
