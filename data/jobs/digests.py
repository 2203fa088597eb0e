"""Digests of alerts that are due, made by the worker: whoever subscribes on a page needs no cron job."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import BudgetModelError
from data.mail import MailSettings
from data.workflows.digest_run import Outcome, run_digests

log = logging.getLogger(__name__)


def deliver_digests(factory: sessionmaker[Session], folder: Path, now: datetime | None = None) -> tuple[Outcome, ...]:
    """Make and deliver what is due, each once whoever else runs; wrong mail settings are logged."""
    try:
        mail = MailSettings.from_environment()
    except BudgetModelError as wrong:
        log.error("Digests by mail wait: %s", wrong)
        mail = None
    outcomes = run_digests(factory, folder, mail, now or datetime.now(UTC))
    for one in outcomes:
        if one.error:
            log.error("The digest of subscription %s was not delivered: %s", one.subscription_id, one.error)
    return outcomes
