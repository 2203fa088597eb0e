"""The quorum of a vote from what is stored, frozen when the vote is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from budget_model.assembly.quorum import Turnout, quorum_document, rule_from
from data.store import assembly as store
from data.store.areas import list_areas
from data.store.populations import find_population
from data.store.tables import AssemblyProcess


def registered_by_zone(session: Session, process: AssemblyProcess) -> dict[str, int]:
    """Registered participants by code of the zone; "" for those told without one."""
    codes = {area.id: area.code if area.level else "" for area in list_areas(session, process.site_id)}
    found: Counter[str] = Counter()
    for row in store.list_participants(session, process.id):
        found[codes[row.area_id]] += row.persons
    return dict(found)


def turnout_now(session: Session, process: AssemblyProcess) -> Turnout:
    """Who has registered so far; nobody has voted."""
    zones = registered_by_zone(session, process)
    told = {code: (persons, None) for code, persons in zones.items() if code}
    return Turnout(sum(zones.values()), 0, told)


def frozen_quorum(
    session: Session, process: AssemblyProcess, area_id: int, voted: int, zones_of_ballots: Sequence[str]
) -> dict[str, Any] | None:
    """The quorum of a vote as it stands when it is counted; None where none was announced.

    zones_of_ballots : code or name of the zone that each ballot tells, "" for none
    """
    if process.quorum is None:
        return None
    areas = list_areas(session, process.site_id)
    area = next(one for one in areas if one.id == area_id)
    zones = registered_by_zone(session, process)
    rule = rule_from(process.quorum)
    if area.level:
        return quorum_document(rule, Turnout(zones.get(area.code, 0), voted, {}), is_zone_vote=True)
    names = {text: one.code for one in areas if one.level for text in (one.name, one.code)}
    counted = Counter(names.get(text, "") for text in zones_of_ballots)
    without = counted.pop("", 0) + voted - len(zones_of_ballots)
    told = {code: (persons, counted[code]) for code, persons in zones.items() if code}
    return quorum_document(rule, Turnout(sum(zones.values()), voted, told, without))


def frozen_people(session: Session, process: AssemblyProcess, area_id: int) -> dict[str, Any]:
    """Registered participants by sex, and women and men who live there, as they stand when a vote is counted.

    Of a vote of a zone they are the zone's: how many live there is not kept, so that is not known.
    """
    area = next(one for one in list_areas(session, process.site_id) if one.id == area_id)
    sums: Counter[str] = Counter()
    for row in store.list_participants(session, process.id):
        if not area.level or row.area_id == area_id:
            sums[row.sex] += row.persons
    living = None if area.level else inhabitants_of(session, process)
    return {"registered": dict(sums), "inhabitants": living, "zone": area.code if area.level else ""}


def too_many(people: Mapping[str, Any], ballots: int) -> tuple[str, int] | None:
    """What a vote has more ballots than, as `frozen_people` gives it: `registered` or `inhabitants`, and how many."""
    registered, living = sum(people["registered"].values()), people["inhabitants"]
    if living and ballots > living["women"] + living["men"]:
        return "inhabitants", living["women"] + living["men"]
    return ("registered", registered) if 0 < registered < ballots else None


def inhabitants_of(session: Session, process: AssemblyProcess) -> Mapping[str, Any] | None:
    """Women and men of the year nearest to that of the process; the earlier of two as near. None: not stated."""
    population = find_population(session, process.site_id)
    if population is None:
        return None
    year = min(population.counts, key=lambda one: (abs(one - process.year), one))
    count = population.counts[year]
    return {"year": year, "women": count.women, "men": count.men, "source": population.source}
