"""What everybody may see of a process: what was announced, and participants in numbers that tell of nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from budget_model.assembly.quorum import protected, quorum_document, rule_from
from data.store import assembly as store
from data.store.areas import list_areas
from data.store.tables import AssemblyProcess
from data.workflows.quorums import inhabitants_of, too_many, turnout_now


@dataclass(frozen=True)
class PeopleCount:
    """Participants of a sex; None: too few to be shown."""

    sex: str
    persons: int | None


@dataclass(frozen=True)
class Registered:
    """So many participants of a sex, an age band, a zone (its code) and an organisation; "" where not told."""

    sex: str
    age: str
    zone: str
    organisation: str
    persons: int


@dataclass(frozen=True)
class Inhabitants:
    """Women and men of a site in the year nearest to that of a process, with where the numbers come from."""

    year: int
    women: int
    men: int
    source: str


@dataclass(frozen=True)
class VotePeople:
    """Shares of women and of men as they stood when a vote was counted; a side that is not known or too small is None.

    `registered` and `voted` are of those who stated one of both.
    """

    registered: Mapping[str, float] | None  # female, male: 0-1
    voted: Mapping[str, float] | None
    inhabitants: Inhabitants | None
    too_many: tuple[str, int] | None = None  # what there are more ballots than: registered, inhabitants; and how many


@dataclass(frozen=True)
class ProcessInfo:
    """What was announced for a year. Money in currency."""

    year: int
    version: int
    phases: tuple[tuple[str, date, date], ...]
    envelope: Decimal | None
    zones: tuple[tuple[str, str, Decimal], ...]  # code, name, envelope
    rule: str
    ties: str
    least_votes: int | None
    least_group: int
    citation: str
    effective_on: date | None
    participants: tuple[PeopleCount, ...]
    people: tuple[Registered, ...]  # for those who edit only
    by_age: tuple[tuple[str, int], ...]  # participants by age band; empty where a group is too small
    by_zone: tuple[tuple[str, int], ...]  # by name of the zone, "" for those told without one; empty likewise
    by_organisation: tuple[tuple[str, int], ...]  # small ones together under ""; empty where no name can be told
    inhabitants: Inhabitants | None
    is_synthetic: bool
    quorum: Mapping[str, Any] | None = None  # the rule and how it stands now, nobody having voted; protected


def process_info(session: Session, process: AssemblyProcess, may_edit: bool) -> ProcessInfo:
    areas = {area.id: area for area in list_areas(session, process.site_id)}
    names = {area.code: area.name for area in areas.values()}
    rows = store.list_participants(session, process.id)
    people = tuple(
        Registered(
            row.sex,
            row.age_band,
            areas[row.area_id].code if areas[row.area_id].level else "",
            row.organisation,
            row.persons,
        )
        for row in rows
    )
    return ProcessInfo(
        year=process.year,
        version=process.version,
        phases=tuple(
            (one["phase"], date.fromisoformat(one["starts_on"]), date.fromisoformat(one["ends_on"]))
            for one in process.phases
        ),
        envelope=process.envelope,
        zones=tuple((code, names.get(code, code), Decimal(text)) for code, text in process.zone_envelopes.items()),
        rule=process.rule,
        ties=process.ties,
        least_votes=process.least_votes,
        least_group=process.least_group,
        citation=process.citation,
        effective_on=process.effective_on,
        participants=people_by_sex(people, process.least_group),
        people=people if may_edit else (),
        by_age=counts_of([(one.age, one.persons) for one in people], process.least_group),
        by_zone=counts_of([(names.get(one.zone, ""), one.persons) for one in people], process.least_group),
        by_organisation=organisations_of(people, process.least_group),
        inhabitants=inhabitants(session, process),
        is_synthetic=process.is_synthetic,
        quorum=quorum_now(session, process),
    )


def quorum_now(session: Session, process: AssemblyProcess) -> dict[str, Any] | None:
    """The quorum in numbers before anybody votes; None where none was announced."""
    if process.quorum is None:
        return None
    return protected(quorum_document(rule_from(process.quorum), turnout_now(session, process)), process.least_group)


def counts_of(people: Sequence[tuple[str, int]], least: int) -> tuple[tuple[str, int], ...]:
    """Sums by group; none at all where a group is too small, so that no difference tells it, or where there is one."""
    sums: dict[str, int] = {}
    for group, persons in people:
        sums[group] = sums.get(group, 0) + persons
    told = {group: persons for group, persons in sums.items() if persons}
    return () if len(told) < 2 or min(told.values()) < least else tuple(sorted(told.items()))


def organisations_of(people: Sequence[Registered], least: int) -> tuple[tuple[str, int], ...]:
    """Participants by organisation, the largest first.

    Organisations that are too small, and those who told none, stand together under ""; where they are too few as well,
    the smallest of the others joins them, so that no difference tells them.
    """
    sums: dict[str, int] = {}
    for one in people:
        sums[one.organisation] = sums.get(one.organisation, 0) + one.persons
    others = sums.pop("", 0)
    shown = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    while shown and (shown[-1][1] < least or 0 < others < least):
        others += shown.pop()[1]
    return (*shown, ("", others)) if shown and others else tuple(shown)


def inhabitants(session: Session, process: AssemblyProcess) -> Inhabitants | None:
    """The site's population in the year of the process or the nearest one; the earlier of two as near."""
    found = inhabitants_of(session, process)
    return Inhabitants(**found) if found else None


def people_by_sex(people: Sequence[Registered], least: int) -> tuple[PeopleCount, ...]:
    """Participants by sex; where a group is too small none is shown, so that no difference tells it."""
    sums: dict[str, int] = {}
    for one in people:
        sums[one.sex] = sums.get(one.sex, 0) + one.persons
    is_small = any(0 < persons < least for persons in sums.values())
    return tuple(PeopleCount(sex, None if is_small else persons) for sex, persons in sorted(sums.items()))


def vote_people(
    result: Mapping[str, Any], groups: Mapping[str, Mapping[str, Any]], least: int, is_zone: bool
) -> VotePeople | None:
    """Who had registered and who voted, by sex; of a zone's vote, those of the zone.

    groups : results by sex, those that are too small left out
    """
    frozen = result.get("people")
    if frozen is None:
        return None
    if is_zone and not frozen.get("zone"):  # counted by a program that kept the whole site's numbers
        frozen = {"registered": {}, "inhabitants": None}
    counts = frozen["registered"]
    is_small = any(0 < persons < least for persons in counts.values())
    registered = None if is_small else shares_of({sex: counts.get(sex, 0) for sex in ("female", "male")})
    voters = {sex: groups[label]["voters"] if label in groups else 0 for sex, label in (("female", "F"), ("male", "M"))}
    living = Inhabitants(**frozen["inhabitants"]) if frozen["inhabitants"] else None
    voted = shares_of(voters) if all(voters.values()) else None
    return VotePeople(registered, voted, living, too_many(frozen, result["ballots"]))


def shares_of(counts: Mapping[str, int]) -> dict[str, float] | None:
    """Parts of the sum; None of nobody."""
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()} if total else None
