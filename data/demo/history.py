"""How the demonstration's rounds became public: checked, validated, discussed and published, on record as any round.

The people are the demonstration's accounts, the organisation is invented, and both say so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from data.demo.texts import TEXTS
from data.store.rounds import load_round
from data.store.sites import load_site
from data.store.validation import list_representation
from data.workflows.publication import publish_round
from data.workflows.round_states import (
    DRAFT,
    PUBLISHED,
    VALIDATED,
    Representation,
    change_state,
    is_hardly_checked,
    record_representation,
    state_of_round,
)
from data.workflows.validation import check_round_answers

VALIDATOR, PUBLISHER = "demo-encuestadora", "demo-oficial"  # log-ins of accounts.yaml; publishing takes two people
REASON = TEXTS["validation_reason"]
MEETING = date(2026, 6, 12)
ORGANISATION, CONCLUSIONS = TEXTS["organisation"], TEXTS["conclusions"]


def validate_demo(
    factory: sessionmaker[Session], bank_folder: Path, site_slug: str, round_code: str, meeting: date = MEETING
) -> None:
    """Hold the draft against the rules, record who took part, validate; nothing where that is done."""
    if state_of_round(factory, site_slug, round_code) != DRAFT:
        return
    checked = check_round_answers(factory, bank_folder, site_slug, round_code, VALIDATOR)
    if not _has_representation(factory, site_slug, round_code):
        held_on = min(meeting, datetime.now(UTC).date())  # a clock may stand before that day
        entry = Representation(ORGANISATION, women=11, men=1, held_on=held_on, conclusions=CONCLUSIONS)
        record_representation(factory, site_slug, round_code, entry, VALIDATOR)
    change_state(
        factory,
        site_slug,
        round_code,
        VALIDATED,
        VALIDATOR,
        REASON if checked.errors or is_hardly_checked(checked.result) else "",
    )


def _has_representation(factory: sessionmaker[Session], site_slug: str, round_code: str) -> bool:
    with factory() as session:
        survey_round = load_round(session, load_site(session, site_slug).id, round_code)
        return bool(list_representation(session, survey_round.id))


def publish_demo(factory: sessionmaker[Session], bank_folder: Path, site_slug: str, round_code: str) -> None:
    """Publish the validated round with its protected figures; nothing where it is public."""
    if state_of_round(factory, site_slug, round_code) != PUBLISHED:
        publish_round(factory, bank_folder, site_slug, round_code, PUBLISHER)
