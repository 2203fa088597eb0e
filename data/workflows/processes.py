"""The participatory budget of a year, stored from what somebody announced. Every change is one entry of the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.criteria import criterion_document, criterion_from
from budget_model.assembly.quorum import PERSONS, rule_document, rule_from
from budget_model.errors import InputError, Problem, StaleVersionError
from data.readers.process_file import AS_ANNOUNCED, LEAST_GROUP, ProcessFile
from data.store import assembly as store
from data.store import audit
from data.store.areas import area_ids, list_areas, root_area
from data.store.assembly import ParticipantCount
from data.store.ballots import open_boxes
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, Site

YEARS = range(1990, 2101)
HELD_WHILE_VOTING = ("rule", "ties", "least_votes", "least_group", "envelope", "zones", "quorum")


def save_process(
    factory: sessionmaker[Session],
    site_slug: str,
    year: int,
    content: ProcessFile,
    actor: str,
    *,
    seen: int | None = None,
    file: str | None = None,
) -> AssemblyProcess:
    """Store the process of a year, or change it.

    seen : the version that the change started from; None: whichever is there
    Raises InputError (an unknown zone, a year that is none), StaleVersionError, NotFoundError.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process = ensure_process(session, site, year, actor)
        store.lock_process(session, process.id)
        session.refresh(process)
        if seen is not None and seen != process.version:
            raise StaleVersionError(
                f"Participatory budget {year}", seen, process.version, process.saved_by,
                process.saved_at.isoformat(timespec="minutes"), "edit", {},
            )  # fmt: skip
        zones = area_ids(session, site.id)
        _check_zones(content, zones, file)
        before = told(process)
        _write(process, content, actor)
        whole = root_area(session, site.id).id
        _check_announced(session, process, before)
        counts = [
            ParticipantCount(p.sex, p.age, zones.get(p.zone, whole), p.persons, p.organisation.strip())
            for p in content.participants
        ]
        store.replace_participants(session, process.id, counts)
        after = told(process)
        changes = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
        audit.record(session, actor, "assembly.process.save", str(year), site.id, {"changes": changes})
    return process


def ensure_process(session: Session, site: Site, year: int, actor: str) -> AssemblyProcess:
    """The process of a year; made with nothing announced where there is none yet."""
    if year not in YEARS:
        message = f"{year} is no year of a budget. Use one from {YEARS.start} to {YEARS.stop - 1}."
        raise InputError(Problem("assembly-year", message, value=str(year)))
    session.execute(select(Site.id).where(Site.id == site.id).with_for_update())  # no two make the same year
    found = store.find_process(session, site.id, year)
    if found is not None:
        return found
    process = AssemblyProcess(
        site_id=site.id,
        year=year,
        version=1,
        saved_at=datetime.now(UTC),
        saved_by=actor,
        phases=[],
        envelope=None,
        zone_envelopes={},
        rule=AS_ANNOUNCED,
        ties="lexicographic",
        least_group=LEAST_GROUP,
        is_synthetic=site.is_synthetic,
    )
    session.add(process)
    session.flush()
    audit.record(session, actor, "assembly.process.add", str(year), site.id)
    return process


def process_document(session: Session, process: AssemblyProcess) -> dict[str, Any]:
    """What a process file says, from what is stored; plain data."""
    areas = {area.id: area for area in list_areas(session, process.site_id)}
    people = [
        {
            "sex": one.sex,
            "age": one.age_band,
            "zone": areas[one.area_id].code if areas[one.area_id].level else "",
            **({"organisation": one.organisation} if one.organisation else {}),
            "persons": one.persons,
        }
        for one in store.list_participants(session, process.id)
    ]
    return {**told(process), "participants": people}


def told(process: AssemblyProcess) -> dict[str, Any]:
    """A process without its participants, as plain JSON."""
    return {
        "envelope": None if process.envelope is None else str(process.envelope),
        "zones": dict(process.zone_envelopes),
        "rule": process.rule,
        "ties": process.ties,
        "least_votes": process.least_votes,
        "least_group": process.least_group,
        "citation": process.citation,
        "effective_on": process.effective_on.isoformat() if process.effective_on else None,
        "quorum": quorum_told(process.quorum),
        "criteria": criteria_told(process.criteria or []),
        "phases": list(process.phases),
    }


def criteria_told(stored: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Stored criteria as a process file says them."""
    lines = []
    for one in map(criterion_from, stored):
        names = {f"name_{language}": text for language, text in one.name.items()}
        lines.append({"code": one.code, **names, "weight": decimal_text(one.weight), "most": decimal_text(one.most)})
    return lines


def decimal_text(value: Fraction) -> str:
    return str(Decimal(value.numerator) / Decimal(value.denominator))


def quorum_told(stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A stored quorum as a process file says it: without what it does not ask for."""
    if stored is None:
        return None
    rule = rule_from(stored)
    told: dict[str, Any] = {"registered": rule.registered, "citation": rule.citation, "effective_on": rule.effective_on}
    if rule.kind and rule.value is not None:
        exact = Decimal(rule.value.numerator) / Decimal(rule.value.denominator)
        told[rule.kind] = int(exact) if rule.kind == PERSONS else str(exact)
    return {key: value for key, value in told.items() if value is not None} | (
        {"by_zone": True} if rule.by_zone else {}
    )


def _write(process: AssemblyProcess, content: ProcessFile, actor: str) -> None:
    process.version += 1
    process.saved_at, process.saved_by = datetime.now(UTC), actor
    total = content.envelope if content.envelope is not None else content.zone_total
    process.envelope = in_cents(total) if total else None
    process.zone_envelopes = {code: str(in_cents(amount)) for code, amount in content.zones.items()}
    process.rule, process.ties = content.rule, content.ties
    process.least_votes, process.least_group = content.least_votes, content.least_group
    process.citation, process.effective_on = content.citation, content.effective_on
    process.criteria = [criterion_document(one.criterion) for one in content.criteria] or None
    process.quorum = rule_document(content.quorum.rule) if content.quorum else None
    process.phases = [
        {"phase": one.phase, "starts_on": one.starts_on.isoformat(), "ends_on": one.ends_on.isoformat()}
        for one in sorted(content.phases, key=lambda one: (one.starts_on, one.ends_on))
    ]


def in_cents(amount: Decimal) -> Decimal:
    """The amount with two decimals, where it has no more; every text of it is then the same."""
    cents = amount.quantize(Decimal("0.01"))
    return cents if cents == amount else amount


def _check_announced(session: Session, process: AssemblyProcess, before: Mapping[str, Any]) -> None:
    """What people vote under stays as it was announced while they vote."""
    after = told(process)
    changed = [name for name in HELD_WHILE_VOTING if before[name] != after[name]]
    if changed and open_boxes(session, process.id):
        message = f"A vote is open, and it was announced with another {changed[0]}. Close the vote first."
        raise InputError(Problem("process-vote-open", message, column=changed[0]))


def _check_zones(content: ProcessFile, zones: Mapping[str, int], file: str | None) -> None:
    named = {*content.zones, *(one.zone for one in content.participants if one.zone)}
    problems = [
        Problem(
            "assembly-zone",
            f"The site has no area '{code[:60]}'. It has: {', '.join(sorted(zones))[:300]}.",
            file=file,
            value=code[:60],
            facts={"zone": code[:60]},
        )
        for code in sorted(named - set(zones))
    ]
    if content.zones and content.envelope is not None and content.envelope < content.zone_total:
        message = (
            f"The zones add up to {content.zone_total}, which is more than the envelope of {content.envelope}. Give "
            "them less, or state a larger envelope."
        )
        facts = {"zones": str(content.zone_total), "envelope": str(content.envelope)}
        problems.append(Problem("assembly-envelope", message, file=file, column="envelope", facts=facts))
    if problems:
        raise InputError(problems)
