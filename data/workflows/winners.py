"""Winners of the participatory budget as they were counted, and the tags that their budget lines are proposed with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from budget_model.spending.tags import parse_tag
from data.readers.schemes import read_schemes
from data.store import assembly as store
from data.store.areas import list_areas
from data.store.tables import AssemblyProcess, AssemblyProposal, Site
from data.store.tags import Key
from data.workflows.tag_steps import known_needs, open_lines, proposal, save_steps

RATIONALES = {
    "es": "Ganó en el presupuesto participativo de {year} como {code}, con {votes} votos. Aún nadie evaluó la línea.",
    "en": "Won in the participatory budget of {year} as {code}, with {votes} votes. Nobody has screened the line yet.",
}


@dataclass(frozen=True)
class Winner:
    """A winner as it was counted, with what its proposal says of it."""

    code: str
    title: Mapping[str, str]  # by language
    zone: str  # name; empty: the whole site
    cost: Decimal
    votes: int
    vote_id: int
    seal: str  # hash of the vote's record
    need_code: str | None
    women: int | None
    men: int | None


def winners_of(session: Session, process: AssemblyProcess) -> dict[str, Winner]:
    """Winners of all counted votes of a process by code, in the order of their choice."""
    rows = {row.code: row for row in store.list_proposals(session, process.id)}
    areas = {area.id: area for area in list_areas(session, process.site_id)}
    found: dict[str, Winner] = {}
    for vote in store.list_votes(session, process.id):
        for code in vote.result["outcome"]["winners"]:
            told, area = vote.result["projects"][code], areas[vote.area_id]
            winner = _winner(code, told, rows.get(code), area.name if area.level else "", vote.id, vote.record["hash"])
            found.setdefault(code, winner)
    return found


def _winner(
    code: str, told: Mapping[str, Any], row: AssemblyProposal | None, zone: str, vote_id: int, seal: str
) -> Winner:
    title = dict(row.title) if row is not None and row.title else {"es": told["name"] or code}
    need, women, men = (row.need_code, row.women, row.men) if row is not None else (None, None, None)
    return Winner(code, title, zone, Decimal(told["cost"]), told["votes"], vote_id, seal, need, women, men)


def source_name(process: AssemblyProcess) -> str:
    """What lines that were made of winners name as their source."""
    return f"Presupuesto participativo {process.year}"


# --- tags ------------------------------------------------------------------------------------------------------------


def propose_tags(
    session: Session,
    site: Site,
    process: AssemblyProcess,
    lines: Mapping[Key, Winner],
    actor: str,
    language: str,
    only_untagged: bool = False,
) -> None:
    """Propose the tags of lines that carry out winners, in the transaction of `session`."""
    schemes, needs = read_schemes(), known_needs(session, site.id)
    before = open_lines(session, site, dict.fromkeys(lines))
    steps = []
    for key, winner in lines.items():
        if only_untagged and before[key] is not None:
            continue
        tag = parse_tag(tag_content(winner, needs), schemes, needs)
        reason = RATIONALES[language].format(year=process.year, code=winner.code, votes=f"{winner.votes:,}")
        steps.append(proposal(key, before[key], tag, reason, evidence_of(site, process, winner, language), actor))
    save_steps(session, site, actor, [step for step in steps if step is not None])


def tag_content(winner: Winner, needs: frozenset[str] | None) -> dict[str, Any]:
    """What the proposal says of its line: need, and women's share of those who benefit. Nobody has screened it yet."""
    content: dict[str, Any] = {"proposal": winner.code}
    if winner.need_code and winner.need_code in (needs or ()):
        content["needs"] = [{"need": winner.need_code, "weight": "1"}]
    if winner.women is not None and winner.men is not None and winner.women + winner.men > 0:
        share = Decimal(100) * winner.women / (winner.women + winner.men)
        content |= {"women_share_percent": str(share.quantize(Decimal("0.0001"))), "women_share_method": "judgement"}
    return content


def evidence_of(site: Site, process: AssemblyProcess, winner: Winner, language: str) -> list[str]:
    """Proposal, process and result as addresses, and the seal of the vote."""
    base = f"/{language}/{site.slug}"
    return [
        f"{base}/proposals?year={process.year}&code={winner.code}",
        f"{base}/process?year={process.year}",
        f"{base}/results?vote={winner.vote_id}",
        f"SHA-256 {winner.seal}",
    ]
