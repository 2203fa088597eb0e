"""Votes in the store: brought in whole or not at all, counted by the rule announced, given out as they came.

Ballots come with what their file tells of voters. Whoever downloads the record of a vote gets the ballots without it:
in the order of what they choose and numbered anew, so that no ballot leads to anybody, and the count is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.counting import CountingRule
from budget_model.assembly.election import Election
from budget_model.assembly.proposals import WITHDRAWN, exclusive_pairs_of
from budget_model.assembly.quorum import protected
from budget_model.assembly.report import amount
from budget_model.errors import InputError, NotFoundError, Problem
from budget_model.plan.sealed import PROGRAM, seal
from data.readers.files import check_file
from data.readers.pabulib import PabulibFile, parse_pabulib
from data.readers.pabulib_sections import MOST_BYTES
from data.store import assembly as store
from data.store import audit
from data.store.areas import area_ids, root_area
from data.store.assembly import COUNTED, REPLACED
from data.store.ballots import find_open_box
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, AssemblyVote, Site
from data.workflows.processes import ensure_process
from data.workflows.proposals import record_of, zone_codes
from data.workflows.quorums import frozen_people, frozen_quorum, too_many
from data.workflows.told_votes import told_document
from data.workflows.vote_results import VERSION, result_document, zones_of
from data.workflows.votes import VOTE_KIND, check_countable, chosen_rule, count_document, lines_of, rule_document
from data.writers.pabulib import META_ORDER, pabulib_of

PERSONAL = frozenset({"voter_id", "sex", "age", "neighborhood", "education", "voting_method", "district"})


@dataclass(frozen=True)
class VoteToImport:
    """A file of a vote and what its sender says of it. None: as the process announces."""

    content: bytes
    file: str
    zone: str = ""  # code of an area; "" is the whole site
    rule: str | None = None
    ties: str | None = None
    reason: str = ""  # why it takes the place of an earlier one


@dataclass(frozen=True)
class ImportedVote:
    """What came of a file."""

    vote: AssemblyVote
    is_new: bool  # False: the very same was there already
    notes: tuple[str, ...]


def read_vote_file(path: Path, zone: str = "", **said: str | None) -> VoteToImport:
    """A file on its way in; InputError where it cannot be read."""
    check_file(path)
    with path.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    return VoteToImport(content, path.name, zone, said.get("rule"), said.get("ties"), said.get("reason") or "")


def import_vote(
    factory: sessionmaker[Session], site_slug: str, year: int, given: VoteToImport, actor: str
) -> ImportedVote:
    """Store a `.pb` file as the vote of a year, and count it by the rule announced.

    Raises InputError with every problem and its line; where another vote is there already, unless `reason` says why it
    is replaced. Nothing is stored then.
    """
    read = parse_pabulib(given.content, given.file)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process = ensure_process(session, site, year, actor)
        store.lock_process(session, process.id)
        area_id = _area_of(session, site, given)
        if find_open_box(session, process.id, area_id):
            message = "A vote is open on the site here. Close it before another one is brought in."
            raise InputError(Problem("vote-open", message, file=given.file))
        return store_vote(session, site, process, read, given, actor)


def store_vote(
    session: Session,
    site: Site,
    process: AssemblyProcess,
    read: PabulibFile,
    given: VoteToImport,
    actor: str,
    *,
    exclusive: tuple[frozenset[str], ...] | None = None,
    least_votes: int | None = None,
) -> ImportedVote:
    """Count a vote that was read and add it, in the transaction of `session`, of a process that is locked.

    exclusive, least_votes : as they were announced for this vote; without `exclusive` both are those of the process
    """
    check_countable(read, given.file)
    area_id = _area_of(session, site, given)
    if exclusive is None:
        with lines_of(read, given.file):
            rule = _rule_for(session, process, read.election, given)
    else:
        rule = chosen_rule(
            read.election, given.rule or process.rule, given.ties or process.ties,
            exclusive=exclusive, least_votes=least_votes,
        )  # fmt: skip
    before = store.find_vote(session, process.id, area_id)
    sha256 = hashlib.sha256(given.content).hexdigest()
    if (
        before is not None
        and before.source_sha256 == sha256
        and before.result["rule"] == rule_document(rule)
        and is_current(before)
    ):
        return ImportedVote(before, False, ())
    _replace(before, given)
    vote = _new_vote(session, process, area_id, read, rule, given, actor)
    session.add(vote)
    session.flush()
    told = {"file": given.file, "sha256": sha256, "ballots": vote.ballots, "reason": given.reason}
    audit.record(session, actor, "assembly.vote.import", str(process.year), site.id, told)
    return ImportedVote(vote, True, (*_notes(session, process, read), *crowd_notes(vote)))


def is_current(vote: AssemblyVote) -> bool:
    """Whether a vote was counted as this program counts; one of an older program may be brought in again."""
    return int(vote.result.get("version", 1)) >= VERSION


def vote_content(session: Session, site_id: int, year: int, zone: str = "") -> tuple[bytes, str]:
    """The file of a vote byte by byte, and its name; NotFoundError where there is none."""
    process = store.load_process(session, site_id, year)
    area_id = area_ids(session, site_id).get(zone) if zone else root_area(session, site_id).id
    vote = store.find_vote(session, process.id, area_id) if area_id is not None else None
    if vote is None:
        raise NotFoundError("vote", f"{year} {zone}".strip())
    return vote.content, vote.source_file


# --- checks ----------------------------------------------------------------------------------------------------------


def _area_of(session: Session, site: Site, given: VoteToImport) -> int:
    if not given.zone:
        return root_area(session, site.id).id
    areas = area_ids(session, site.id)
    found = areas.get(given.zone)
    if found is None:
        message = f"The site has no area '{given.zone[:60]}'. It has: {', '.join(sorted(areas))[:300]}."
        raise InputError(Problem("assembly-zone", message, value=given.zone[:60], facts={"zone": given.zone[:60]}))
    return found


def _rule_for(session: Session, process: AssemblyProcess, election: Election, given: VoteToImport) -> CountingRule:
    """The rule announced, with the pairs of proposals of which only one may win."""
    zones = zone_codes(session, process.site_id)
    records = [record_of(row, zones) for row in store.list_proposals(session, process.id) if row.state != WITHDRAWN]
    there = {one.id for one in election.proposals}
    pairs = tuple(pair for pair in exclusive_pairs_of(records) if pair <= there)
    return chosen_rule(
        election,
        given.rule or process.rule,
        given.ties or process.ties,
        exclusive=pairs,
        least_votes=process.least_votes,
    )


def _replace(before: AssemblyVote | None, given: VoteToImport) -> None:
    if before is None:
        return
    if not given.reason.strip():
        message = (
            f"A vote with {before.ballots:,} ballots is there already, from {before.source_file}. State the reason "
            "for which this one takes its place."
        )
        facts = {"ballots": before.ballots, "file": before.source_file}
        raise InputError(Problem("vote-there", message, file=given.file, facts=facts))
    before.state = REPLACED


def _notes(session: Session, process: AssemblyProcess, read: PabulibFile) -> tuple[str, ...]:
    """What a careful reader would want to know: warnings of the file, and how it fits the proposals of the year."""
    notes = [str(one) for one in read.warnings]
    known = {row.code: row for row in store.list_proposals(session, process.id)}
    if known:
        strange = [one.id for one in read.election.proposals if one.id not in known]
        if strange:
            notes.append(f"Not among the proposals of {process.year}: {', '.join(strange[:10])}.")
        for one in read.election.proposals:
            row = known.get(one.id)
            if row is not None and row.cost is not None and amount(one.cost) != amount_text(row.cost):
                notes.append(f"'{one.id}' costs {amount(one.cost)} in the vote and {row.cost} among the proposals.")
    return tuple(notes)


def crowd_notes(vote: AssemblyVote) -> list[str]:
    """That more people voted than there are, or had registered."""
    found = too_many(vote.result["people"], vote.ballots)
    if found is None:
        return []
    who = "had registered as participants" if found[0] == "registered" else "live there"
    return [
        f"The vote has {vote.ballots:,} ballots, and {found[1]:,} people {who}. Hold the ballots against the lists."
    ]


def amount_text(value: Any) -> str:
    """A stored amount without decimals that say nothing: 1500.00 -> 1500."""
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


# --- what is stored --------------------------------------------------------------------------------------------------


def _new_vote(
    session: Session,
    process: AssemblyProcess,
    area_id: int,
    read: PabulibFile,
    rule: CountingRule,
    given: VoteToImport,
    actor: str,
) -> AssemblyVote:
    voted = read.election.ballots.voter_count
    quorum = frozen_quorum(session, process, area_id, voted, zones_of(read.election))
    result = {
        **result_document(read.election, rule),
        "quorum": quorum,
        "people": frozen_people(session, process, area_id),
    }
    result["told"] = told_document(read.election, result, process.least_group)
    told = protected(quorum, process.least_group) if quorum else None
    return AssemblyVote(
        process_id=process.id,
        area_id=area_id,
        state=COUNTED,
        source_file=given.file,
        source_sha256=hashlib.sha256(given.content).hexdigest(),
        content=given.content,
        ballots=read.election.ballots.voter_count,
        saved_at=datetime.now(UTC),
        saved_by=actor,
        reason=given.reason.strip(),
        result=result,
        record=anonymous_record(read, rule, result, told),
        is_synthetic=process.is_synthetic,
    )


def anonymous_record(
    read: PabulibFile, rule: CountingRule, result: Mapping[str, Any], quorum: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The sealed record that anybody may have: ballots without their voters. `verify` counts it again.

    Raises
    ------
    RuntimeError : the ballots without their voters give another result, which would be a fault of ours.
    """
    text = anonymous_ballots(read)
    counted = count_document(parse_pabulib(text.encode(), "record").election, rule)
    outcome = {key: counted[key] for key in ("winners", "cost", "budget", "ties")}
    if outcome["winners"] != result["outcome"]["winners"]:
        raise RuntimeError("the ballots of the record give another result than the ballots of the file")
    told = {} if quorum is None else {"quorum": dict(quorum)}
    return seal(
        VOTE_KIND, {"ballots": text, "rule": rule_document(rule), "result": outcome, "program": PROGRAM, **told}
    )


def anonymous_ballots(read: PabulibFile) -> str:
    """The vote as a `.pb` file in which ballots stand by what they choose and tell nothing of their voters."""
    votes = read.sections["VOTES"]
    kept = [name for name in ("vote", "points") if name in votes.columns]
    cells = sorted([votes.cells(record) for record in votes.records], key=lambda row: [row[name] for name in kept])
    ballots = [{"voter_id": str(i + 1), **{name: row[name] for name in kept}} for i, row in enumerate(cells)]
    meta = {row["key"].strip(): row["value"] for row in map(read.sections["META"].cells, read.sections["META"].records)}
    projects = read.sections["PROJECTS"]
    rows = [projects.cells(record) for record in projects.records]
    known = {key: value for key, value in meta.items() if key in META_ORDER or key.startswith(("min_", "max_"))}
    return pabulib_of(known, rows, ballots)
