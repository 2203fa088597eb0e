"""Subscriptions to digests of alerts: who may have which, and when one is due."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import AccessError, InputError, Problem
from budget_model.spending.digest import RULES
from budget_model.spending.lines import STAGES
from data.mail import is_address
from data.store import digests as store
from data.store.digests import Wish
from data.store.engine import transaction
from data.store.sites import list_sites
from data.store.tables import BudgetImport, DigestSubscription, Site, User
from data.store.users import load_user, roles_of
from data.workflows.statement import counting_schemes

READERS = frozenset({"surveyor", "monitor", "official", "admin"})  # who may read a site's trends
LANGUAGES = ("es", "en")
WEEKLY, MONTHLY, IMPORT = FREQUENCIES = ("weekly", "monthly", "import")
FILE, MAIL = DELIVERIES = ("file", "mail")


def seen_sites(session: Session, user: User, slugs: list[str] | None = None) -> list[Site]:
    """Sites whose alerts a person may read now, of those named (None: all of them); nothing for a closed account."""
    held = roles_of(session, user.id) if user.is_active else frozenset()
    where = {site for role, site in held if role in READERS}
    return [
        site
        for site in list_sites(session)
        if (slugs is None or site.slug in slugs) and (None in where or site.id in where)
    ]


def subscribe(factory: sessionmaker[Session], login: str, wish: Wish, at: datetime | None = None) -> int:
    """Keep a subscription; its id.

    Raises InputError with every problem, AccessError where the person may not read one of the sites now.
    """
    if problems := list(_problems(wish)):
        raise InputError(problems)
    with transaction(factory) as session:
        user = load_user(session, login)
        wanted = None if wish.sites is None else list(wish.sites)
        seen = {site.slug for site in seen_sites(session, user, wanted)}
        hidden = sorted(set(wanted or ()) - seen)
        if hidden or not seen:
            held = {role for role, _ in roles_of(session, user.id)}
            raise AccessError(f"have a digest of {', '.join(hidden) or 'any site'}", "/".join(sorted(held)) or "public")
        return store.add_subscription(session, user.id, wish, login, at or datetime.now(UTC)).id


def _problems(wish: Wish) -> Iterator[Problem]:
    choices = (
        ("scheme", wish.scheme, counting_schemes()),
        ("stage", wish.stage, STAGES),
        ("language", wish.language, LANGUAGES),
        ("frequency", wish.frequency, FREQUENCIES),
        ("delivery", wish.delivery, DELIVERIES),
        *(("rule", rule, RULES) for rule in wish.rules),
    )
    for name, value, known in choices:
        if value not in known:
            message = f"'{value}' is no {name} of a digest. Expected one of: {', '.join(known)}."
            yield Problem(f"digest_{name}", message, value=value)
    if wish.sites is not None and not wish.sites:
        yield Problem("digest_sites", "Choose at least one site, or all that you may see.")
    if not wish.rules:
        yield Problem("digest_rules", "Choose at least one rule.")
    if wish.delivery == MAIL and not is_address(wish.address or ""):
        message = "A digest by mail needs one mail address, e.g. ana@muni.gob.pe."
        yield Problem("digest_address", message, value=wish.address or "")


def unsubscribe(factory: sessionmaker[Session], subscription_id: int, actor: str, owner: str | None = None) -> None:
    """End a subscription: of `owner` only, where one is named. NotFoundError."""
    with transaction(factory) as session:
        user_id = None if owner is None else load_user(session, owner).id
        row = store.load_subscription(session, subscription_id, user_id)
        store.end_subscription(session, row, actor, datetime.now(UTC))


def due_period(session: Session, row: DigestSubscription, sites: list[Site], now: datetime) -> str | None:
    """The period of the digest that is due now; None where none is. A delivered period is never due again."""
    period = _period(session, row, sites, now)
    if period is None:
        return None
    found = store.find_issue(session, row.id, period)
    return None if found is not None and found.state == store.DELIVERED else period


def _period(session: Session, row: DigestSubscription, sites: list[Site], now: datetime) -> str | None:
    if row.frequency == WEEKLY:
        year, week, _ = now.isocalendar()
        return f"{year}-W{week:02d}"
    if row.frequency == MONTHLY:
        return f"{now:%Y-%m}"
    query = select(func.max(BudgetImport.id)).where(
        BudgetImport.site_id.in_([site.id for site in sites]), BudgetImport.at >= row.created_at
    )
    newest = session.scalar(query)
    last = store.last_delivered(session, row.id)
    known = int(last.period.removeprefix("import-")) if last is not None else 0
    return f"import-{newest}" if newest is not None and newest > known else None


def period_words(period: str) -> tuple[str, str]:
    """Kind of a period (weekly, monthly, import) and what tells it apart: 2026-W48, 2026-11, 57."""
    if match := re.fullmatch(r"import-(\d+)", period):
        return IMPORT, match[1]
    return (WEEKLY if "W" in period else MONTHLY), period
