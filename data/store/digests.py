"""Subscriptions to digests and their issues in the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from budget_model.errors import NotFoundError
from data.store import audit
from data.store.tables import DigestIssue, DigestSubscription

MAKING, FAILED, DELIVERED = "making", "failed", "delivered"
LOST_AFTER = timedelta(hours=1)  # a digest in the making for so long is nobody's any more: its process has ended


@dataclass(frozen=True)
class Wish:
    """What a subscription states. `sites` None: all that the person may see, at the time of sending."""

    sites: tuple[str, ...] | None
    scheme: str
    stage: str
    rules: tuple[str, ...]
    language: str
    frequency: str
    delivery: str
    address: str | None = None


def add_subscription(session: Session, user_id: int, wish: Wish, actor: str, at: datetime) -> DigestSubscription:
    """Keep a subscription, with its entry in the audit trail."""
    row = DigestSubscription(
        user_id=user_id,
        sites=None if wish.sites is None else list(wish.sites),
        scheme=wish.scheme,
        stage=wish.stage,
        rules=list(wish.rules),
        language=wish.language,
        frequency=wish.frequency,
        delivery=wish.delivery,
        address=wish.address,
        created_at=at,
    )
    session.add(row)
    session.flush()
    detail = {name: getattr(row, name) for name in ("sites", "scheme", "rules", "frequency", "delivery", "address")}
    audit.record(session, actor, "digest.subscribe", str(row.id), None, detail)
    return row


def load_subscription(session: Session, subscription_id: int, user_id: int | None = None) -> DigestSubscription:
    """A subscription; of this person where one is named. NotFoundError, in the same words for a foreign one."""
    found = session.get(DigestSubscription, subscription_id)
    if found is None or user_id not in (None, found.user_id):
        raise NotFoundError("digest subscription", str(subscription_id))
    return found


def list_subscriptions(session: Session, user_id: int | None = None) -> list[DigestSubscription]:
    """Open subscriptions, of one person or of everybody, the oldest first."""
    query = select(DigestSubscription).where(DigestSubscription.ended_at.is_(None)).order_by(DigestSubscription.id)
    return list(session.scalars(query if user_id is None else query.where(DigestSubscription.user_id == user_id)))


def end_subscription(session: Session, row: DigestSubscription, actor: str, at: datetime) -> None:
    """End a subscription; one that has ended stays as it is."""
    if row.ended_at is None:
        row.ended_at = at
        audit.record(session, actor, "digest.unsubscribe", str(row.id))


def claim_issue(session: Session, subscription_id: int, period: str, at: datetime) -> DigestIssue | None:
    """The issue of a period for whoever makes it; None where it is delivered, or another process is making it."""
    found = find_issue(session, subscription_id, period)
    if found is None:
        return _new_issue(session, subscription_id, period, at)
    if found.state == DELIVERED or (found.state == MAKING and found.attempted_at > at - LOST_AFTER):
        return None
    mine = update(DigestIssue).where(
        DigestIssue.id == found.id, DigestIssue.state == found.state, DigestIssue.attempted_at == found.attempted_at
    )
    changed = session.execute(mine.values(state=MAKING, attempted_at=at))
    assert isinstance(changed, CursorResult)
    session.refresh(found)
    return found if changed.rowcount == 1 else None


def _new_issue(session: Session, subscription_id: int, period: str, at: datetime) -> DigestIssue | None:
    row = DigestIssue(subscription_id=subscription_id, period=period, state=MAKING, attempted_at=at)
    try:
        with session.begin_nested():  # another process may have begun since it was looked for
            session.add(row)
    except IntegrityError:
        return None
    return row


def find_issue(session: Session, subscription_id: int, period: str) -> DigestIssue | None:
    query = select(DigestIssue).where(DigestIssue.subscription_id == subscription_id, DigestIssue.period == period)
    return session.scalar(query)


def load_issue(session: Session, issue_id: int, user_id: int) -> DigestIssue:
    """A delivered issue of a person's own subscription; NotFoundError, in the same words for a foreign one."""
    found = session.get(DigestIssue, issue_id)
    if found is None or found.state != DELIVERED:
        raise NotFoundError("digest", str(issue_id))
    owner = session.get(DigestSubscription, found.subscription_id)
    if owner is None or owner.user_id != user_id:
        raise NotFoundError("digest", str(issue_id))
    return found


def last_delivered(session: Session, subscription_id: int) -> DigestIssue | None:
    """The newest digest that was delivered."""
    query = select(DigestIssue).where(DigestIssue.subscription_id == subscription_id, DigestIssue.state == DELIVERED)
    return session.scalar(query.order_by(DigestIssue.delivered_at.desc(), DigestIssue.id.desc()).limit(1))


def list_issues(session: Session, subscription_id: int, limit: int = 12) -> list[DigestIssue]:
    """The newest issues first, also those that failed."""
    query = select(DigestIssue).where(DigestIssue.subscription_id == subscription_id)
    return list(session.scalars(query.order_by(DigestIssue.id.desc()).limit(limit)))


def mark_delivered(
    session: Session, issue: DigestIssue, document: dict[str, Any], sha256: str, place: str, actor: str, at: datetime
) -> None:
    """Keep what was delivered, and where to."""
    issue.state, issue.delivered_at, issue.error_rule, issue.error = DELIVERED, at, None, ""
    issue.document, issue.content_sha256, issue.place = document, sha256, place
    sites = [site["slug"] for site in document["sites"]]
    detail = {"period": issue.period, "place": place, "sha256": sha256, "sites": sites}
    audit.record(session, actor, "digest.deliver", str(issue.subscription_id), None, detail)


def mark_failed(session: Session, issue: DigestIssue, rule: str, error: str, actor: str) -> None:
    """Keep why it failed: the next run tries again."""
    issue.state, issue.error_rule, issue.error = FAILED, rule, error[:1000]
    detail = {"period": issue.period, "error": error[:1000]}
    audit.record(session, actor, "digest.fail", str(issue.subscription_id), None, detail)
