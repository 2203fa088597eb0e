"""Blind ratings of lines, and how far raters agree in each scheme.

What counts as somebody's own judgement: a blind rating, and the first proposal of a line's tag, made when there was
no tag to look at. Later versions, reviews and approvals do not count: whoever makes them has seen what others said.
Of a rater's judgements of a line the blind rating goes before the proposal, and the last rating before earlier ones.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, NotFoundError, Problem
from budget_model.spending.agreement import Agreement, agreement
from budget_model.spending.counting import classify
from budget_model.spending.schemes import Scheme
from data.readers.schemes import read_schemes
from data.store import audit
from data.store import tags as store
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import LineRating
from data.workflows.tag_people import DOUBTERS, require_name, require_role
from data.workflows.tag_steps import stored_tag


def rate_line(
    factory: sessionmaker[Session], site_slug: str, year: int, code: str, scheme_id: str, value: str, actor: str
) -> LineRating:
    """Keep what a rater says of a line in one scheme; it changes no tag.

    value : one of the scheme's classes (`Scheme.screened_codes`)
    Raises InputError for another value, NotFoundError for an unknown line or scheme, AccessError.
    """
    scheme = scheme_of(scheme_id)
    if value not in scheme.screened_codes():
        message = f"'{value}' is no class of '{scheme.id}'. There are: {', '.join(scheme.screened_codes())}."
        raise InputError(Problem("tag_rating", message, value=value, facts={"scheme": scheme.id}))
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        require_role(session, actor, site.id, DOUBTERS, "rate budget lines")
        require_name(actor, "rate")
        store.load_lines(session, site.id, [(year, code)])
        rating = LineRating(
            site_id=site.id, year=year, code=code, scheme=scheme.id, value=value, rater=actor, at=datetime.now(UTC)
        )
        store.add_rating(session, rating)
        audit.record(session, actor, "tag.rate", code, site.id, {"year": year, "scheme": scheme.id})
        return rating


def scheme_of(scheme_id: str) -> Scheme:
    """A scheme by its id; NotFoundError."""
    schemes = read_schemes()
    if scheme_id not in schemes:
        raise NotFoundError("scheme", scheme_id)
    return schemes[scheme_id]


def load_agreement(session: Session, site_id: int, scheme_id: str, year: int | None = None) -> Agreement:
    """How far raters agree in a scheme, on the lines that at least two judged by themselves."""
    scheme = scheme_of(scheme_id)
    ratings: dict[str, dict[str, str]] = defaultdict(dict)
    values = set(scheme.screened_codes())
    for proposal in store.first_proposals(session, site_id, year):
        value = classify(stored_tag(proposal.content), scheme)
        if value in values and value is not None:
            ratings[f"{proposal.year}/{proposal.code}"][proposal.author] = value
    for rating in store.latest_ratings(session, site_id, scheme.id, year):
        if rating.value in values:
            ratings[f"{rating.year}/{rating.code}"][rating.rater] = rating.value
    return agreement(ratings, scheme.screened_codes(), scheme.scale)
