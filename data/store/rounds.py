"""Survey rounds in the store. Their answers lie in the data bank folder."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, NotFoundError, Problem
from data.store import audit
from data.store.tables import Need, SurveyRound

DRAFT, VALIDATED, PUBLISHED = STATES = ("draft", "validated", "published")  # how far a round has come


def list_rounds(session: Session, site_id: int) -> list[SurveyRound]:
    """Rounds of a site, the newest first (by the day they ended, then by the order they came in)."""
    rounds = session.scalars(select(SurveyRound).where(SurveyRound.site_id == site_id)).all()
    return sorted(rounds, key=lambda one: (str(one.ends_on or one.starts_on or ""), one.id), reverse=True)


def load_round(session: Session, site_id: int, code: str) -> SurveyRound:
    """The round with this code; NotFoundError if the site has none."""
    found = session.scalar(select(SurveyRound).where(SurveyRound.site_id == site_id, SurveyRound.code == code))
    if found is None:
        raise NotFoundError("survey round", code)
    return found


def round_that_counts(rounds: Sequence[SurveyRound]) -> SurveyRound | None:
    """The newest published round; without one the newest validated, else the newest draft; None of no rounds.

    A draft may hold faults that nobody has looked for, so it never takes the place of what was published.

    rounds : the newest first
    """
    return max(rounds, key=lambda one: STATES.index(one.state), default=None)  # of several the first


def rounds_before(rounds: Sequence[SurveyRound], chosen: SurveyRound) -> list[SurveyRound]:
    """Earlier rounds that the chosen one is compared with, the newest first: drafts only where it is a draft itself."""
    earlier = rounds[[one.id for one in rounds].index(chosen.id) + 1 :]
    return [one for one in earlier if one.state != DRAFT or chosen.state == DRAFT]


def latest_round(session: Session, site_id: int, *, has_needs: bool = False) -> SurveyRound | None:
    """The round that counts (see `round_that_counts`), among all or among those whose needs are stored."""
    rounds = list_rounds(session, site_id)
    if has_needs:
        with_needs = set(session.scalars(select(Need.round_id).distinct()))
        rounds = [one for one in rounds if one.id in with_needs]
    return round_that_counts(rounds)


def save_round(session: Session, actor: str, survey_round: SurveyRound) -> SurveyRound:
    """Add a round; InputError if its code is taken at the site: a round is never overwritten."""
    site_id, code = survey_round.site_id, survey_round.code
    with session.no_autoflush:
        same = session.scalar(select(SurveyRound.id).where(SurveyRound.site_id == site_id, SurveyRound.code == code))
    if same is not None:
        message = f"The site has a round '{code}' already. Import under another code."
        raise InputError(Problem("round_exists", message, value=code))
    session.add(survey_round)
    session.flush()
    detail = {
        "households": survey_round.household_count,
        "persons": survey_round.person_count,
        "sha256": survey_round.content_sha256,
    }
    audit.record(session, actor, "survey.import", f"round {code}", site_id, detail)
    return survey_round
