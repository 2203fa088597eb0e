"""A vote on the site is closed: numbers are frozen, ballots become a `.pb` file that is counted like any other vote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.ballot_groups import LABELS, kept_labels, without_few
from budget_model.assembly.tallies import ballots_of_tally
from budget_model.errors import InputError, Problem
from data.readers.pabulib import parse_pabulib
from data.store import assembly, audit
from data.store import ballots as store
from data.store.areas import list_areas
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, AssemblyVote, BallotBox, Site
from data.workflows.ballot_boxes import check_open, exclusive_of, pb_text
from data.workflows.quorums import frozen_quorum
from data.workflows.stored_votes import VoteToImport, store_vote
from data.workflows.tallies import check_all_signed, rows_of
from data.workflows.vote_results import pabulib_age

COLUMN = {"age": "age", "sex": "sex", "zone": "neighborhood"}  # label -> column of VOTES, in Pabulib's order


@dataclass(frozen=True)
class ClosedVote:
    """What came of a vote. `vote` is None where nobody voted."""

    box: BallotBox
    vote: AssemblyVote | None


def close_box(
    factory: sessionmaker[Session],
    site_slug: str,
    box_id: int,
    actor: str,
    reason: str = "",
    now: datetime | None = None,
) -> ClosedVote:
    """Close a vote, write its `.pb` file, count it by the rule announced, and remove codes and ballots.

    reason : why, where it is closed before the time announced
    Raises InputError (nothing is changed then): closed already, early without a reason, a count that is not signed.
    """
    now = now or datetime.now(UTC)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process, box = store.load_box(session, site.id, box_id)
        assembly.lock_process(session, process.id)
        store.lock_box(session, box, is_closing=True)
        check_open(box)
        if now < box.closes_at and not reason.strip():
            message = "The vote closes later than now. Say why it is closed early."
            raise InputError(Problem("box-early", message))
        counted = check_all_signed(session, box.id)
        by_hand = [one for tally in counted for one in ballots_of_tally(rows_of(tally), tally.zone, box.asks)]
        cast, least = [*store.ballots_of_box(session, box.id), *by_hand], int(box.rule["least_group"])
        ballots = without_few(cast, least)
        kept = [name for name in kept_labels(cast, least) if name in box.asks]
        zones = [one["zone"] if "zone" in kept else "" for one in ballots]
        quorum = frozen_quorum(session, process, box.area_id, len(ballots), zones)
        frozen = frozen_numbers(session, box, ballots, kept, now)
        box.statistics = {**frozen, "by_hand": len(by_hand), "quorum": quorum}
        vote = _count(session, site, process, box, labelled(ballots, kept), actor) if ballots else None
        box.state = store.CLOSED
        store.empty_box(session, box.id)
        detail = {"box": box.id, "ballots": len(ballots), "reason": reason[:400], "labels": kept}
        audit.record(session, actor, "assembly.box.close", str(process.year), site.id, detail)
    return ClosedVote(box, vote)


def labelled(ballots: Sequence[Mapping[str, str]], kept: Sequence[str]) -> list[dict[str, str]]:
    """Ballots as rows of a `.pb` file, numbered in the order of what they say."""
    has_points = any(one["points"] for one in ballots)
    names = [name for name in COLUMN if name in kept]
    rows = sorted(
        [one["vote"], one["points"], *(pabulib_age(one[name]) if name == "age" else one[name] for name in names)]
        for one in ballots
    )  # the order tells nothing of when a ballot came
    made = []
    for number, (vote, points, *labels) in enumerate(rows, 1):
        row = {"voter_id": str(number), "vote": vote}
        if has_points:
            row["points"] = points
        made.append(row | {COLUMN[name]: value for name, value in zip(names, labels, strict=True)})
    return made


def frozen_numbers(
    session: Session, box: BallotBox, ballots: Sequence[Mapping[str, str]], kept: Sequence[str], now: datetime
) -> dict[str, Any]:
    """What is known of the vote when it is closed: codes, ballots, participants by sex, age and zone."""
    areas = {area.id: area.code if area.level else "" for area in list_areas(session, _site_id(session, box))}
    people = [
        {"sex": one.sex, "age": one.age_band, "zone": areas.get(one.area_id, ""), "persons": one.persons}
        for one in assembly.list_participants(session, box.process_id)
    ]
    codes = [
        {"sex": use.batch.sex, "age": use.batch.age, "zone": use.batch.zone, "codes": use.batch.codes, "used": use.used}
        for use in store.list_batches(session, box.id)
    ]
    return {
        "closed_at": now.isoformat(timespec="seconds"),
        "ballots": len(ballots),
        "codes": codes,
        "participants": people,
        "labels": list(kept),
        "left_out": [name for name in LABELS if name in box.asks and name not in kept],
        "groups": {name: dict(Counter(one[name] for one in ballots)) for name in kept},
    }


def _site_id(session: Session, box: BallotBox) -> int:
    return session.get_one(AssemblyProcess, box.process_id).site_id


def _count(
    session: Session,
    site: Site,
    process: AssemblyProcess,
    box: BallotBox,
    rows: Sequence[Mapping[str, str]],
    actor: str,
) -> AssemblyVote:
    areas = {area.id: area for area in list_areas(session, site.id)}
    zone = areas[box.area_id].code if areas[box.area_id].level else ""
    content = pb_text(box, site, process.year, rows, areas[box.area_id].name if zone else "").encode()
    name = "-".join(filter(None, [site.slug, str(process.year), zone])) + ".pb"
    given = VoteToImport(content, name, zone, box.rule["rule"], box.rule["ties"])
    return store_vote(
        session, site, process, parse_pabulib(content, name), given, actor, exclusive=exclusive_of(box),
        least_votes=box.rule["least_votes"],
    ).vote  # fmt: skip
