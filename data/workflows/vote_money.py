"""Every amount and every proposal of a process is voted on once: by a zone with money of its own, or by the whole site.

What zones were given is theirs. The whole site votes on the rest of the envelope and on proposals of no such zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from budget_model.assembly.report import amount
from budget_model.errors import Problem
from data.store import assembly
from data.store.ballots import open_boxes
from data.store.tables import AssemblyProcess, AssemblyProposal, BallotBox


def money_of(process: AssemblyProcess, zone: str) -> Decimal:
    """What a zone votes on, or for zone "" the whole site: the envelope without what zones were given. 0: nothing."""
    if zone:
        return Decimal(process.zone_envelopes.get(zone, "0"))
    return max(Decimal(0), (process.envelope or Decimal(0)) - given_to_zones(process))


def given_to_zones(process: AssemblyProcess) -> Decimal:
    return sum(map(Decimal, process.zone_envelopes.values()), Decimal(0))


def is_on_ballot(process: AssemblyProcess, zone: str, zone_of_proposal: str) -> bool:
    """Whether a proposal of a zone belongs to the vote of `zone`; "" is the whole site in both."""
    if zone:
        return zone_of_proposal == zone
    return not Decimal(process.zone_envelopes.get(zone_of_proposal, "0"))


def won_before(session: Session, process: AssemblyProcess, area_id: int) -> frozenset[str]:
    """Codes that won in votes of other areas of the year; they cannot win once more."""
    votes = [vote for vote in assembly.list_votes(session, process.id) if vote.area_id != area_id]
    return frozenset(code for vote in votes for code in vote.result["outcome"]["winners"])


def all_in_zones(process: AssemblyProcess, zone: str) -> list[Problem]:
    """The whole site cannot vote on what was given to zones to the last cent."""
    if zone or not process.zone_envelopes or money_of(process, ""):
        return []
    zones = ", ".join(process.zone_envelopes)
    message = (
        f"All of the envelope was given to zones ({zones}), which vote on it by themselves. Open a vote of each zone, "
        "or give the zones less in the process."
    )
    return [Problem("box-all-zones", message, facts={"zones": zones[:200]})]


def money_problems(session: Session, process: AssemblyProcess, box: BallotBox) -> list[Problem]:
    """Whether other votes of the year, open or counted, have this money or these proposals already."""
    others = [one for one in open_boxes(session, process.id) if one.area_id != box.area_id]
    votes = [one for one in assembly.list_votes(session, process.id) if one.area_id != box.area_id]
    taken = sum((Fraction(one.envelope) for one in others), Fraction(0))
    taken += sum((Fraction(one.result["outcome"]["budget"]) for one in votes), Fraction(0))
    return [*_beyond(process, Fraction(box.envelope), taken), *_twice(box, others)]


def _beyond(process: AssemblyProcess, wanted: Fraction, taken: Fraction) -> list[Problem]:
    envelope = Fraction(process.envelope or 0)
    if not taken or wanted + taken <= envelope:
        return []
    told = {"wanted": amount(wanted), "taken": amount(taken), "envelope": amount(envelope)}
    message = (
        f"Other votes of the year decide on {told['taken']} already; with {told['wanted']} of this one that is more "
        f"than the envelope of {told['envelope']}. The same money would be voted on twice. Correct the envelopes of "
        "the process first."
    )
    return [Problem("box-money-twice", message, facts=told)]


def _twice(box: BallotBox, others: Sequence[BallotBox]) -> list[Problem]:
    ours = {one["code"] for one in box.projects}
    both = sorted(ours & {one["code"] for other in others for one in other.projects})
    if not both:
        return []
    codes = ", ".join(both)[:200]
    message = f"On the ballot of another open vote already: {codes}. A proposal belongs to one vote. Close it first."
    return [Problem("box-proposals-twice", message, facts={"codes": codes})]


def on_ballot(
    process: AssemblyProcess, zone: str, rows: Sequence[tuple[str, AssemblyProposal]], won: frozenset[str]
) -> list[AssemblyProposal]:
    """The proposals of a vote.

    rows : the zone of each feasible proposal, "" for the whole site, with the proposal
    """
    return [row for place, row in rows if is_on_ballot(process, zone, place) and row.code not in won]
