"""Digests that are due are made and delivered, each once: what a cron job calls."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import BudgetModelError
from data.mail import MailError, MailSettings, send
from data.store import digests as store
from data.store.audit import COMMAND_LINE
from data.store.engine import transaction
from data.store.tables import DigestIssue, DigestSubscription, User
from data.workflows.digest_content import Document, compose, content_hash
from data.workflows.digest_pages import digest_html, digest_text, subject
from data.workflows.digests import MAIL, due_period, seen_sites

DELIVERED, FAILED, CLOSED, NOT_DUE, ELSEWHERE = "delivered", "failed", "no_access", "not_due", "in_another_run"


@dataclass(frozen=True)
class Outcome:
    """What became of a subscription in a run.

    delivered : to `place`, a file or a mail address
    failed : with its `error`; the next run tries again
    no_access : the person may read none of its sites now, or the account is closed; nothing was made
    not_due : the period's digest was delivered already, or no import came in
    in_another_run : another process is making it
    """

    subscription_id: int
    login: str
    outcome: str
    period: str | None = None
    place: str | None = None
    error: str | None = None


def run_digests(
    factory: sessionmaker[Session], folder: Path, mail: MailSettings | None, now: datetime
) -> tuple[Outcome, ...]:
    """Make and deliver what is due at `now` (aware); one that fails never keeps the others from going out."""
    with factory() as session:
        ids = [row.id for row in store.list_subscriptions(session)]
    return tuple(_run_one(factory, folder, mail, now, subscription_id) for subscription_id in ids)


def _run_one(
    factory: sessionmaker[Session], folder: Path, mail: MailSettings | None, now: datetime, subscription_id: int
) -> Outcome:
    with transaction(factory) as session:
        row = store.load_subscription(session, subscription_id)
        user = session.get_one(User, row.user_id)
        login, sites = user.login, seen_sites(session, user, row.sites)
        if not sites:
            return Outcome(subscription_id, login, CLOSED)
        period = due_period(session, row, sites, now)
        if period is None:
            return Outcome(subscription_id, login, NOT_DUE)
        claimed = store.claim_issue(session, subscription_id, period, now)
        if claimed is None:
            return Outcome(subscription_id, login, ELSEWHERE, period)
        session.flush()
        issue_id = claimed.id
    try:
        document, place = _deliver(factory, folder, mail, now, (subscription_id, issue_id, period))
    except (BudgetModelError, OSError) as error:
        with transaction(factory) as session:
            issue, rule = session.get_one(DigestIssue, issue_id), getattr(error, "rule", "disk")
            store.mark_failed(session, issue, rule, str(error), COMMAND_LINE)
        return Outcome(subscription_id, login, FAILED, period, error=str(error))
    with transaction(factory) as session:
        issue = session.get_one(DigestIssue, issue_id)
        store.mark_delivered(session, issue, document, content_hash(document), place, COMMAND_LINE, now)
    return Outcome(subscription_id, login, DELIVERED, period, place)


def _deliver(
    factory: sessionmaker[Session], folder: Path, mail: MailSettings | None, now: datetime, what: tuple[int, int, str]
) -> tuple[Document, str]:
    """The digest as it was delivered, and where to. Access is asked again, at the last moment."""
    subscription_id, issue_id, period = what
    with factory() as session:
        row = store.load_subscription(session, subscription_id)
        sites = seen_sites(session, session.get_one(User, row.user_id), row.sites)
        if not sites:
            raise MailError(
                "access", "Access to every site of this subscription ended while it was made: nothing was sent."
            )
        document = compose(session, row, sites, store.last_delivered(session, row.id), now)
    if row.delivery == MAIL:
        if mail is None:
            raise MailError("unset", "No mail server is set up here. Set SMTP_HOST and SMTP_FROM for `digest run`.")
        send(mail, mail_of(document, row, period, mail.sender, issue_id))
        return document, row.address or ""
    return document, write_file(folder, row, period, document)


def mail_of(document: Document, row: DigestSubscription, period: str, sender: str, issue_id: int) -> EmailMessage:
    """Text and page in one mail. Its id tells mail programs that a second copy is the same digest."""
    message = EmailMessage()
    message["Subject"] = " ".join(subject(document, period).split())
    message["From"], message["To"] = sender, row.address
    message["Message-ID"] = f"<digest-{issue_id}-{content_hash(document)[:16]}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(digest_text(document, period))
    message.add_alternative(digest_html(document, period), subtype="html")
    return message


def write_file(folder: Path, row: DigestSubscription, period: str, document: Document) -> str:
    """The page as a file that only the account of the server reads; its path below the folder."""
    name = f"subscription-{row.id}/{period}-{row.language}.html"
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, half = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(digest_html(document, period))
        os.replace(half, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(half)
        raise
    return name


def failures(outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    return tuple(one for one in outcomes if one.outcome == FAILED)
