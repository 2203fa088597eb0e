"""A vote on the site is opened with all that was announced, and everything of it stays as it was until it is closed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.announced import meta_of_rule
from budget_model.assembly.ballot_forms import POINTS, RANKING, BallotForm, form_problems, meta_of
from budget_model.assembly.ballot_groups import LABELS
from budget_model.assembly.counting import CountingRule
from budget_model.assembly.proposals import FEASIBLE, exclusive_pairs_of
from budget_model.errors import InputError, Problem
from data.readers.pabulib import parse_pabulib
from data.readers.process_file import AS_ANNOUNCED
from data.store import assembly, audit
from data.store import ballots as store
from data.store.areas import area_ids, root_area
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, AssemblyProposal, BallotBox, Site
from data.workflows.proposals import record_of, zone_codes
from data.workflows.vote_money import all_in_zones, money_of, money_problems, on_ballot, won_before
from data.workflows.votes import chosen_rule, count_document
from data.writers.pabulib import pabulib_of

HOURS_FROM_UTC = {"PE": -5, "CO": -5, "EC": -5, "PA": -5}  # countries without summer time; others vote by UTC
LONGEST_VOTE = timedelta(days=120)


@dataclass(frozen=True)
class BoxToOpen:
    """A vote as an official announces it. Times know their zone."""

    kind: str
    most: int | None
    opens_at: datetime
    closes_at: datetime
    asks: tuple[str, ...] = ()  # of sex, age, zone
    zone: str = ""  # code of an area that votes on its own; "" is the whole site


def site_zone(country: str) -> timezone:
    """The time by which a site votes."""
    return timezone(timedelta(hours=HOURS_FROM_UTC.get(country, 0)))


def open_box(
    factory: sessionmaker[Session],
    site_slug: str,
    year: int,
    wanted: BoxToOpen,
    actor: str,
    now: datetime | None = None,
) -> BallotBox:
    """Open a vote on the site: proposals, envelope, rule and rule of ties are kept as they are at this moment.

    Raises InputError with every problem: no rule announced, no days that fit, no envelope, no feasible proposal, a
    rule that cannot count such ballots, a vote that is there.
    """
    now = now or datetime.now(UTC)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process = assembly.load_process(session, site.id, year)
        assembly.lock_process(session, process.id)
        session.refresh(process)
        area_id = _area_of(session, site, wanted.zone)
        rows = _proposals(session, site, process, wanted.zone, area_id)
        box = _box(process, area_id, wanted, rows, actor, now)
        _check(session, site, process, box, wanted, now)
        session.add(box)
        session.flush()
        detail = {"box": box.id, "zone": wanted.zone, "kind": box.kind, "most": box.most, "rule": box.rule}
        detail |= {"opens_at": box.opens_at.isoformat(), "closes_at": box.closes_at.isoformat(), "asks": box.asks}
        audit.record(session, actor, "assembly.box.open", str(year), site.id, detail)
    return box


def cancel_box(factory: sessionmaker[Session], site_slug: str, box_id: int, reason: str, actor: str) -> None:
    """Take back a vote in which nobody has voted; its codes are void. InputError where somebody has."""
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process, box = store.load_box(session, site.id, box_id)
        store.lock_box(session, box, is_closing=True)
        check_open(box)
        number = store.count_ballots(session, box.id)
        if store.count_tallies(session, box.id):
            raise InputError(Problem("box-has-tallies", "Counts were entered. Take them out first."))
        if number:
            message = f"{number:,} people have voted. Close the vote instead of taking it back."
            raise InputError(Problem("box-has-ballots", message, facts={"ballots": number}))
        if not reason.strip():
            raise InputError(Problem("box-reason", "Say why the vote is taken back."))
        store.empty_box(session, box.id)
        box.state = store.CANCELLED
        audit.record(
            session, actor, "assembly.box.cancel", str(process.year), site.id, {"box": box.id, "reason": reason[:400]}
        )


def check_open(box: BallotBox) -> None:
    if box.state != store.OPEN:
        raise InputError(Problem("box-not-open", "This vote is closed."))


def ballot_form(box: BallotBox) -> BallotForm:
    """The ballot of a box."""
    costs = {one["code"]: Fraction(one["cost"]) for one in box.projects}
    return BallotForm(box.kind, box.most, Fraction(box.envelope), costs)


def exclusive_of(box: BallotBox) -> tuple[frozenset[str], ...]:
    """Pairs of proposals of the ballot of which only one may win."""
    return tuple(frozenset(pair) for pair in box.rule["exclusive"])


def pb_text(box: BallotBox, site: Site, year: int, votes: Sequence[Mapping[str, str]], zone: str = "") -> str:
    """The vote as a `.pb` file; `votes` in the order in which they are to stand."""
    form, clock = ballot_form(box), site_zone(site.country)
    meta = {
        "description": f"Participatory budget {year}, {site.name}" + (f", {zone}" if zone else ""),
        "country": site.country,
        "unit": site.name,
        **({"subunit": zone} if zone else {}),
        "instance": str(year),
        "budget": _amount(box.envelope),
        "date_begin": f"{box.opens_at.astimezone(clock):%d.%m.%Y}",
        "date_end": f"{box.closes_at.astimezone(clock):%d.%m.%Y}",
        "language": "es",
        "currency": site.currency,
        **meta_of(form),
        **meta_of_rule(rule_of_box(box), is_approval=form.kind not in (POINTS, RANKING)),
    }
    chosen, given = _votes_by_project(votes)
    projects = [
        {
            "project_id": one["code"],
            "cost": _amount(one["cost"]),
            "votes": str(chosen[one["code"]]),
            **({"score": str(given[one["code"]])} if form.kind == POINTS else {}),
            "name": next(iter(one["title"].values()), ""),
        }
        for one in box.projects
    ]
    return pabulib_of(meta, projects, votes)


def rule_of_box(box: BallotBox) -> CountingRule:
    """The rule that was announced for a vote."""
    least, pairs = box.rule["least_votes"] or 0, exclusive_of(box)
    return CountingRule(box.rule["rule"], box.rule["ties"], least_votes=least, exclusive=pairs)


def _votes_by_project(votes: Sequence[Mapping[str, str]]) -> tuple[Counter[str], Counter[str]]:
    """How many ballots name each proposal, and how many points they give it."""
    chosen: Counter[str] = Counter()
    given: Counter[str] = Counter()
    for vote in votes:
        codes = vote["vote"].split(",")
        chosen.update(codes)
        if points := vote.get("points"):
            given.update(dict(zip(codes, map(int, points.split(",")), strict=True)))
    return chosen, given


def _amount(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _area_of(session: Session, site: Site, zone: str) -> int:
    if not zone:
        return root_area(session, site.id).id
    found = area_ids(session, site.id).get(zone)
    if found is None:
        message = f"The site has no area '{zone[:60]}'."
        raise InputError(Problem("assembly-zone", message, value=zone[:60], facts={"zone": zone[:60]}))
    return found


def _proposals(
    session: Session, site: Site, process: AssemblyProcess, zone: str, area_id: int
) -> list[AssemblyProposal]:
    """Feasible proposals of one zone, or of the whole site with the zones that have no money of their own."""
    codes = zone_codes(session, site.id)
    rows = [row for row in assembly.list_proposals(session, process.id) if row.state == FEASIBLE]
    placed = [(codes.get(row.area_id, ""), row) for row in rows]
    return on_ballot(process, zone, placed, won_before(session, process, area_id))


def _box(
    process: AssemblyProcess,
    area_id: int,
    wanted: BoxToOpen,
    rows: Sequence[AssemblyProposal],
    actor: str,
    now: datetime,
) -> BallotBox:
    codes = {row.code for row in rows}
    pairs = [sorted(pair) for pair in exclusive_pairs_of([record_of(row, {}) for row in rows]) if pair <= codes]
    return BallotBox(
        process_id=process.id,
        area_id=area_id,
        state=store.OPEN,
        kind=wanted.kind,
        most=wanted.most,
        opens_at=wanted.opens_at.astimezone(UTC),
        closes_at=wanted.closes_at.astimezone(UTC),
        asks=[name for name in LABELS if name in wanted.asks],
        envelope=str(money_of(process, wanted.zone)),
        rule={
            "rule": process.rule,
            "ties": process.ties,
            "least_votes": process.least_votes,
            "least_group": process.least_group,
            "exclusive": pairs,
        },
        projects=[_project(row) for row in rows],
        saved_at=now,
        saved_by=actor,
        is_synthetic=process.is_synthetic,
    )


def _project(row: AssemblyProposal) -> dict[str, Any]:
    return {"code": row.code, "title": row.title, "description": row.description, "cost": str(row.cost)}


def _check(
    session: Session, site: Site, process: AssemblyProcess, box: BallotBox, wanted: BoxToOpen, now: datetime
) -> None:
    if emptied := all_in_zones(process, wanted.zone):
        raise InputError(emptied)
    problems = [*_rule_problems(process), *_day_problems(process, wanted, site, now), *form_problems(ballot_form(box))]
    if store.find_open_box(session, process.id, box.area_id):
        problems.append(Problem("box-there", "A vote is open here already. Close it first."))
    if assembly.find_vote(session, process.id, box.area_id):
        problems.append(Problem("box-counted", "A vote has been counted here already."))
    problems += money_problems(session, process, box)
    unknown = [name for name in wanted.asks if name not in LABELS]
    if unknown:
        problems.append(Problem("box-asks", f"Results can be asked for by {', '.join(LABELS)}, not by '{unknown[0]}'."))
    if problems:
        raise InputError(problems)
    _try_count(box, site, process.year)


def _rule_problems(process: AssemblyProcess) -> list[Problem]:
    problems = []
    if process.rule == AS_ANNOUNCED:
        message = "The process names no rule of the count. Announce one, with its rule for ties, before people vote."
        problems.append(Problem("box-rule", message))
    if "refuse" in process.ties:
        message = "The rule for ties stops the count at a tie, and people cannot vote again. Announce another one."
        problems.append(Problem("box-ties", message))
    return problems


def _day_problems(process: AssemblyProcess, wanted: BoxToOpen, site: Site, now: datetime) -> list[Problem]:
    start, end = wanted.opens_at, wanted.closes_at
    if end <= start or end <= now or end - start > LONGEST_VOTE:
        message = f"A vote closes after it opens, in the future, and lasts {LONGEST_VOTE.days} days at most."
        return [Problem("box-times", message, facts={"days": LONGEST_VOTE.days})]
    phase = next((one for one in process.phases if one["phase"] == "vote"), None)
    zone = site_zone(site.country)
    days = [start.astimezone(zone).date().isoformat(), end.astimezone(zone).date().isoformat()]
    if phase is None or (phase["starts_on"] <= days[0] and days[1] <= phase["ends_on"]):
        return []
    told = {"first": phase["starts_on"], "last": phase["ends_on"]}
    message = f"The vote was announced for {told['first']} to {told['last']}. Keep to these days, or announce others."
    return [Problem("box-days", message, facts=told)]


def _try_count(box: BallotBox, site: Site, year: int) -> None:
    """Count one ballot: a rule that refuses such ballots shall say so now and not when people have voted."""
    first = box.projects[0]["code"]
    points = {"points": "1"} if box.kind == "points" else {}
    text = pb_text(box, site, year, [{"voter_id": "1", "vote": first, **points}])
    election = parse_pabulib(text.encode()).election
    rule = chosen_rule(
        election,
        box.rule["rule"],
        box.rule["ties"],
        exclusive=exclusive_of(box),
        least_votes=box.rule["least_votes"],
    )
    count_document(election, rule)
