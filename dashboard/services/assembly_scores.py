"""What everybody may see of the scores of proposals: none that is out of date, none of a sensitive need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from data.store.indicators import list_versions
from data.store.tables import AssemblyProposal, AssemblyScore

Texts = Mapping[str, str]


@dataclass(frozen=True)
class ScoreBoard:
    """What the proposals of a year would do. `scores` and `without` (why there is none) by code, as stored.

    Proposals that were changed since, and for the public those of sensitive needs, are in neither. `lists`: by the
    number of a vote. None of it where nothing was computed, or nothing that this person may see.
    """

    scores: Mapping[str, Mapping[str, Any]]
    without: Mapping[str, str]
    lists: Mapping[str, Mapping[str, Any]]
    programmes: Mapping[str, Texts]
    draws: int
    saved_at: datetime | None
    round_code: str = ""  # of the survey round that the model rests on
    budget_year: int | None = None  # whose lines are today's budget; None: as stated with the programmes, or not kept


NO_SCORES = ScoreBoard({}, {}, {}, {}, 0, None)


def sensitive_needs(session: Session, site_id: int) -> frozenset[str]:
    """Needs that any version of their definition marks as sensitive: a later one does not open earlier scores."""
    return frozenset(row.code for row in list_versions(session, site_id) if row.definition.get("sensitive"))


def score_board(
    found: AssemblyScore, rows: Sequence[AssemblyProposal], sensitive: frozenset[str], round_code: str
) -> ScoreBoard:
    """What was stored, without what was changed since and without sensitive needs."""
    content = found.content
    hidden = {row.code for row in rows if row.need_code in sensitive}
    current = {row.code for row in rows if content["versions"].get(row.code) == row.version} - hidden
    return ScoreBoard(
        {code: one for code, one in content["scores"].items() if code in current},
        {code: reason for code, reason in content["without"].items() if code in current},
        {} if hidden & set(content["scores"]) else content["lists"],
        content["programmes"],
        content["draws"],
        found.saved_at,
        round_code,
        content.get("budget_year"),
    )
