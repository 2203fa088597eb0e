"""Scores of a year's proposals by the site's model of today, computed once and kept with what they rest on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.proposals import FEASIBLE, ProposalRecord
from budget_model.assembly.scores import (
    ENDS,
    GROUPS,
    ProposalModel,
    best_list,
    build_proposal_model,
    drawn_lists,
    effect_of,
    score_proposals,
)
from budget_model.coverage.types import Array
from data.store import assembly as store
from data.store import audit
from data.store.areas import list_areas
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, AssemblyScore
from data.workflows.models import build_model, latest_budget_year, latest_round_id
from data.workflows.proposals import record_of, zone_codes

DRAWS, SEED = 500, 0
MONEY_SCALE = 100
STORED = np.dtype("<f4")  # of draws, whatever the machine


def score_process(
    factory: sessionmaker[Session], site_slug: str, year: int, actor: str, n_draws: int = DRAWS
) -> dict[str, Any]:
    """Compute what every feasible proposal of a year would do, and the lists of its votes; keep it, give it.

    Raises NotFoundError (no such year, no round with needs), InputError (no programmes, needs missing).
    """
    with factory() as session:
        site = load_site(session, site_slug)
        process = store.load_process(session, site.id, year)
        round_id = latest_round_id(session, site.id)
        document = build_model(session, site.id, round_id)
        budget_year = latest_budget_year(session, site.id)
        records, versions = feasible_records(session, process)
        held = build_proposal_model(document, records, model_areas(session, site.id, document["areas"]))
        votes = [(vote.id, vote.result) for vote in store.list_votes(session, process.id)]
    found = {vote_id: vote_lists(held, result) for vote_id, result in votes}
    drawn = drawn_lists(held, [(code,) for code in held.codes] + codes_of_lists(found), n_draws, SEED)
    alone, of_lists = drawn[: len(held.codes)], drawn[len(held.codes) :]
    scores = {code: asdict(score) for code, score in score_proposals(held, drawn=alone).items()}
    content = {
        "source": document["source"],
        "budget_year": budget_year,
        "draws": n_draws,
        "versions": versions,
        "scores": scores,
        "drawn_codes": list(held.codes),
        "without": dict(held.without),
        "lists": {
            str(vote_id): {**lists, "intervals": list_intervals(of_lists[2 * place], of_lists[2 * place + 1])}
            for place, (vote_id, lists) in enumerate(found.items())
        },
        "programmes": programme_names(document),
    }
    with transaction(factory) as session:
        store.lock_process(session, process.id)
        kept = store.find_scores(session, process.id)
        if kept is None:
            kept = AssemblyScore(process_id=process.id)
            session.add(kept)
        kept.round_id, kept.saved_at, kept.saved_by, kept.content = round_id, datetime.now(UTC), actor, content
        kept.drawn = alone.astype(STORED).tobytes()
        told = {"scored": len(scores), "without": len(held.without)}
        audit.record(session, actor, "assembly.proposals.score", str(year), site.id, told)
    return content


def feasible_records(session: Session, process: AssemblyProcess) -> tuple[list[ProposalRecord], dict[str, int]]:
    """Feasible proposals in their newest versions, and which versions those are."""
    zones = zone_codes(session, process.site_id)
    rows = [row for row in store.list_proposals(session, process.id) if row.state == FEASIBLE]
    return [record_of(row, zones) for row in rows], {row.code: row.version for row in rows}


def model_areas(session: Session, site_id: int, areas: list[str]) -> dict[str, str]:
    """Code of every area below the site -> the area of the model that it is or lies in."""
    rows = {area.id: area for area in list_areas(session, site_id)}
    found = {}
    for area in rows.values():
        above = area
        while above.code not in areas and above.parent_id in rows:
            above = rows[above.parent_id]
        if area.level and above.code in areas:
            found[area.code] = above.code
    return found


def vote_lists(held: ProposalModel, result: Mapping[str, Any]) -> dict[str, Any]:
    """What the winners of a vote do for the needs, beside the best list under the same envelope."""
    costs = {code: int(Fraction(one["cost"]) * MONEY_SCALE) for code, one in result["projects"].items()}
    budget = int(Fraction(result["outcome"]["budget"]) * MONEY_SCALE)
    best = best_list(held, costs, budget)
    return {"winners": asdict(effect_of(held, result["outcome"]["winners"])), "best": asdict(best)}


def codes_of_lists(lists: Mapping[int, Mapping[str, Any]]) -> list[Sequence[str]]:
    """Winners and best list of every vote, in turn."""
    return [codes for one in lists.values() for codes in (one["winners"]["codes"], one["best"]["effect"]["codes"])]


def list_intervals(winners: Array, best: Array) -> dict[str, dict[str, tuple[float, float]]]:
    """Where needs met by the winners and by the best list (each (D, 2) persons) lie, and the second less the first."""
    return {name: ends_of(drawn) for name, drawn in (("winners", winners), ("best", best), ("more", best - winners))}


def ends_of(drawn: Array) -> dict[str, tuple[float, float]]:
    """P5 and P95 of women, men and both: drawn (D, 2) persons."""
    columns = {"women": drawn[:, 0], "men": drawn[:, 1], "both": drawn.sum(axis=1)}
    ends = {name: np.quantile(column, ENDS) for name, column in columns.items()}
    return {name: (float(low), float(high)) for name, (low, high) in ends.items()}


def interval_of_sum(kept: AssemblyScore, codes: Collection[str]) -> dict[str, tuple[float, float]] | None:
    """Where what these proposals do, each alone, lies when added up draw by draw; None where no draws are kept."""
    order = kept.content.get("drawn_codes")
    places = [order.index(code) for code in codes if code in order] if order else []
    if kept.drawn is None or not places:
        return None
    drawn = np.frombuffer(kept.drawn, STORED).reshape(len(order), -1, len(GROUPS))
    return ends_of(drawn[places].sum(axis=0, dtype=np.float64))


def programme_names(document: Mapping[str, Any]) -> dict[str, Any]:
    return {programme["id"]: programme.get("name") or {} for programme in document["programmes"]}
