"""Scores of a year's proposals by the site's model of today, computed once and kept with what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.proposals import FEASIBLE, ProposalRecord
from budget_model.assembly.scores import ProposalModel, best_list, build_proposal_model, effect_of, score_proposals
from data.store import assembly as store
from data.store import audit
from data.store.areas import list_areas
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, AssemblyScore
from data.workflows.models import build_model, latest_round_id
from data.workflows.proposals import record_of, zone_codes

DRAWS, SEED = 500, 0
MONEY_SCALE = 100


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
        records, versions = feasible_records(session, process)
        held = build_proposal_model(document, records, model_areas(session, site.id, document["areas"]))
        votes = [(vote.id, vote.result) for vote in store.list_votes(session, process.id)]
    scores = {code: asdict(score) for code, score in score_proposals(held, n_draws, SEED).items()}
    content = {
        "source": document["source"],
        "draws": n_draws,
        "versions": versions,
        "scores": scores,
        "without": dict(held.without),
        "lists": {str(vote_id): vote_lists(held, result) for vote_id, result in votes},
        "programmes": programme_names(document),
    }
    with transaction(factory) as session:
        store.lock_process(session, process.id)
        kept = store.find_scores(session, process.id)
        if kept is None:
            kept = AssemblyScore(process_id=process.id)
            session.add(kept)
        kept.round_id, kept.saved_at, kept.saved_by, kept.content = round_id, datetime.now(UTC), actor, content
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


def programme_names(document: Mapping[str, Any]) -> dict[str, Any]:
    return {programme["id"]: programme.get("name") or {} for programme in document["programmes"]}
