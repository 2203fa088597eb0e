"""Priorities of women and men over all sessions of a site, and the weights of the model that are mixed from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.needs.focus_groups import (
    GROUPS,
    LEAST_PARTICIPANTS,
    WEIGHTINGS,
    GroupPriorities,
    Method,
    SessionScores,
    Weighting,
    aggregate_priorities,
    focus_factors,
    mixed_weight,
)
from data.readers.focus_groups import SEX_OF
from data.store import audit
from data.store import focus_groups as store
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import PriorityMix

MIX_STEP = Decimal("0.01")
DEFAULT_WEIGHTING: Weighting = "participants"


@dataclass(frozen=True)
class Mix:
    """How far the focus groups count in the weights; `set_by` None where nobody has said anything."""

    focus_share: Decimal = Decimal(0)
    weighting: Weighting = DEFAULT_WEIGHTING
    set_by: str | None = None
    set_at: datetime | None = None
    reason: str = ""


def load_priorities(
    session: Session, site_id: int, weighting: Weighting | None = None
) -> dict[str, GroupPriorities | None]:
    """Group -> its priorities over the site's sessions that are not withdrawn.

    None where it has no session, or fewer than `LEAST_PARTICIPANTS` persons in all: what so few said is not shown.
    weighting : of the sessions; None takes the one of the site's mix
    """
    used = weighting or load_mix(session, site_id).weighting
    sessions = store.list_sessions(session, site_id)
    scores = store.load_scores(session, [one.id for one in sessions])
    found: dict[str, GroupPriorities | None] = {}
    for group in GROUPS:
        said = [
            SessionScores(_method(one.method), sum(one.participants.get(SEX_OF[group], {}).values()), given)
            for one in sessions
            if (given := scores[one.id].get(group))
        ]
        together = aggregate_priorities(said, used)
        found[group] = together if together and together.participants >= LEAST_PARTICIPANTS else None
    return found


def load_mix(session: Session, site_id: int) -> Mix:
    """The mix that counts; survey only where nobody has set one."""
    row = store.find_mix(session, site_id)
    return Mix() if row is None else Mix(row.focus_share, _weighting(row.weighting), row.set_by, row.set_at, row.reason)


def set_mix(
    factory: sessionmaker[Session], site_slug: str, focus_share: Decimal, weighting: str, actor: str, reason: str
) -> Mix:
    """Set how far the focus groups count; the earlier mixes stay on record.

    focus_share : 0 (survey only) to 1 (focus groups only), in hundredths

    Raises InputError where the share, the weighting or the reason cannot be kept, or where the site has no session
    and the share is above 0.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        problems = _mix_problems(focus_share, weighting, reason)
        if not problems and focus_share and not store.list_sessions(session, site.id):
            message = "There is no focus group session at this site yet. Enter one before its priorities count."
            problems = [Problem("focus.mix_no_sessions", message, column="focus_share")]
        if problems:
            raise InputError(problems)
        row = PriorityMix(
            site_id=site.id,
            set_at=datetime.now(UTC),
            set_by=actor,
            focus_share=focus_share,
            weighting=weighting,
            reason=reason.strip(),
        )
        store.add_mix(session, row)
        detail = {"focus_share": str(focus_share), "weighting": weighting, "reason": row.reason}
        audit.record(session, actor, "focus.mix", site.slug, site.id, detail)
        return load_mix(session, site.id)


def mix_weights(
    session: Session, site_id: int, needs: Sequence[str], survey: np.ndarray
) -> tuple[np.ndarray, dict[str, Any] | None]:
    """Weights (N, G) of the model's needs, and what the model says of their mix (None: survey only).

    survey : (N, G), the survey's part; 1 unless something else is stored with the need
    """
    mix = load_mix(session, site_id)
    if not mix.focus_share or mix.set_at is None:
        return survey, None
    found = load_priorities(session, site_id, mix.weighting)
    factors = weight_table(found, needs)
    focus = np.array([[factors[group][need] for group in GROUPS] for need in needs])
    weights = mixed_weight(survey, focus, float(mix.focus_share))
    statement = {
        "focus_share": float(mix.focus_share),
        "weighting": mix.weighting,
        "set_on": mix.set_at.date().isoformat(),
        "sessions": {group: one.sessions if one else 0 for group, one in found.items()},
        "participants": {group: one.participants if one else 0 for group, one in found.items()},
    }
    return weights, statement


def weight_table(found: Mapping[str, GroupPriorities | None], needs: Sequence[str]) -> dict[str, dict[str, float]]:
    """Group -> need -> factor of the focus groups; 1 where a group has no priorities."""
    return {group: focus_factors(one.shares if one else None, needs) for group, one in found.items()}


def _mix_problems(focus_share: Decimal, weighting: str, reason: str) -> list[Problem]:
    problems = []
    if not focus_share.is_finite() or not 0 <= focus_share <= 1 or focus_share != focus_share.quantize(MIX_STEP):
        facts = {"value": f"{100 * focus_share:f} %" if focus_share.is_finite() else str(focus_share)}
        message = f"The share of the focus groups is {focus_share}. Write 0 to 1 in hundredths (0 % to 100 %)."
        problems.append(Problem("focus.mix", message, column="focus_share", value=str(focus_share), facts=facts))
    if weighting not in WEIGHTINGS:
        message = f"The weighting is '{weighting}'. Write one of: {', '.join(WEIGHTINGS)}."
        problems.append(Problem("focus.weighting", message, column="weighting", value=weighting))
    if not reason.strip():
        message = "Say why the mix is set like this, and who agreed."
        problems.append(Problem("focus.mix_reason", message, column="reason"))
    return problems


def _method(method: str) -> Method:
    return "ranks" if method == "ranks" else "points"


def _weighting(weighting: str) -> Literal["participants", "session"]:
    return "session" if weighting == "session" else "participants"
