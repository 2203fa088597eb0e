"""Saved scenarios in the store: named, owned, exact to the cent, never overwritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from budget_model.errors import InputError, NotFoundError, Problem
from data.store import audit
from data.store.bulk import insert_rows
from data.store.models import load_snapshot
from data.store.tables import Allocation, Scenario, User

LONGEST_NAME = 120
ExactAllocation = Mapping[tuple[str, str], Decimal]  # (programme code, area code) -> currency / year


def list_scenarios(session: Session, site_id: int) -> list[tuple[Scenario, str]]:
    """Scenarios of a site with the display name of their owner, the newest first."""
    query = select(Scenario, User.display_name).join(User, User.id == Scenario.owner_id)
    query = query.where(Scenario.site_id == site_id).order_by(Scenario.created_at.desc(), Scenario.id.desc())
    return [(scenario, owner) for scenario, owner in session.execute(query)]


def names_of(session: Session, site_id: int, owner_id: int) -> set[str]:
    """What somebody's scenarios at a site are called."""
    query = select(Scenario.name).where(Scenario.site_id == site_id, Scenario.owner_id == owner_id)
    return set(session.scalars(query))


def money_of(session: Session, scenario_id: int) -> Decimal | None:
    """All money of a scenario over its programmes, areas and years [currency of the site]; None without any."""
    return session.scalar(select(func.sum(Allocation.amount)).where(Allocation.scenario_id == scenario_id))


def load_scenario(session: Session, site_id: int, scenario_id: int) -> Scenario:
    """One scenario. NotFoundError if there is none, in the same words if it is another site's."""
    scenario = session.get(Scenario, scenario_id)
    if scenario is None or scenario.site_id != site_id:
        raise NotFoundError("scenario", str(scenario_id))
    return scenario


def load_allocation(session: Session, site_id: int, scenario_id: int) -> dict[tuple[str, str], Decimal]:
    """The money of a scenario of one year by (programme code, area code), exactly as it was saved.

    Raises NotFoundError as above; InputError for a plan of several years, of which one year alone says too little.
    """
    years = load_years(session, site_id, scenario_id)
    if len(years) > 1:
        message = f"Scenario {scenario_id} is a plan of {len(years)} years, and one allocation was asked for."
        raise InputError(Problem("scenario-plan", message, value=str(scenario_id), facts={"years": len(years)}))
    return years[0]


def load_years(session: Session, site_id: int, scenario_id: int) -> tuple[dict[tuple[str, str], Decimal], ...]:
    """The money of each year of a scenario by (programme code, area code), exactly as saved; NotFoundError as above."""
    scenario = load_scenario(session, site_id, scenario_id)
    years: tuple[dict[tuple[str, str], Decimal], ...] = tuple({} for _year in range(scenario.n_years))
    query = select(Allocation).where(Allocation.scenario_id == scenario_id)
    for row in session.scalars(query.order_by(Allocation.year, Allocation.programme_code, Allocation.area_code)):
        years[row.year - 1][row.programme_code, row.area_code] = row.amount
    return years


def save_scenario(
    session: Session,
    site_id: int,
    owner: User,
    model_sha256: str,
    name: str,
    allocation: ExactAllocation,
    result: Mapping[str, Any],
    note: str = "",
    limits: Mapping[str, Any] | None = None,
) -> Scenario:
    """Keep an allocation of one year; as `save_plan`."""
    return save_plan(session, site_id, owner, model_sha256, name, (allocation,), result, note=note, limits=limits)


def save_plan(
    session: Session,
    site_id: int,
    owner: User,
    model_sha256: str,
    name: str,
    years: Sequence[ExactAllocation],
    result: Mapping[str, Any],
    growth: Mapping[str, float | None] | None = None,
    note: str = "",
    limits: Mapping[str, Any] | None = None,
) -> Scenario:
    """Keep the money of one or more years under a name that is new for its owner and site.

    result : what the server computed, as plain JSON
    growth : rates a year that the plan was made on; None, or None for one of them: as the model says
    limits : the assumed limits that a search kept to find it; None: it was not searched

    Raises InputError for an empty, too long or taken name (the sentence and `facts["free_name"]` suggest a free one)
    and NotFoundError for a model of another site.
    """
    name = check_name(session, site_id, owner.id, name)
    load_snapshot(session, site_id, model_sha256)
    scenario = Scenario(
        site_id=site_id,
        model_sha256=model_sha256,
        owner_id=owner.id,
        name=name,
        note=note.strip(),
        created_at=datetime.now(UTC),
        result=dict(result),
        n_years=len(years),
        growth=None if growth is None else dict(growth),
        limits=None if limits is None else dict(limits),
    )
    try:
        with session.begin_nested():  # another process may have taken the name since it was checked
            session.add(scenario)
    except IntegrityError as error:
        check_name(session, site_id, owner.id, name)
        raise error
    insert_rows(session, Allocation, _rows(scenario.id, years))
    detail = {"name": name, "model": model_sha256, "spent": str(sum((sum(y.values()) for y in years), Decimal(0)))}
    if limits is not None:
        detail["limits"] = dict(limits)
    if len(years) > 1:
        detail["years"] = str(len(years))
    audit.record(session, owner.login, "scenario.save", f"scenario {scenario.id}", site_id, detail)
    return scenario


def _rows(scenario_id: int, years: Sequence[ExactAllocation]) -> Iterator[dict[str, Any]]:
    for year, allocation in enumerate(years, start=1):
        for (programme, area), amount in allocation.items():
            place = {"scenario_id": scenario_id, "year": year, "programme_code": programme, "area_code": area}
            yield {**place, "amount": amount}


def check_name(session: Session, site_id: int, owner_id: int, name: str) -> str:
    """The name without space around it if it can be used; otherwise InputError."""
    name = name.strip()
    if len(name) > LONGEST_NAME:
        message = f"The name has {len(name)} characters; at most {LONGEST_NAME} are kept. Shorten it."
        raise InputError(Problem("scenario-name-long", message, value=name))
    if not name:
        message = f"Give the scenario a name of 1 to {LONGEST_NAME} characters."
        raise InputError(Problem("scenario-name", message, value=name))
    query = select(Scenario.name).where(Scenario.site_id == site_id, Scenario.owner_id == owner_id)
    taken = set(session.scalars(query))
    if name in taken:
        free = _free_name(name, taken)
        message = f"You already have a scenario '{name}' here, and nothing is overwritten. '{free}' is free."
        raise InputError(Problem("scenario-exists", message, value=name, facts={"name": name, "free_name": free}))
    return name


def _free_name(name: str, taken: set[str]) -> str:
    """`Plan` -> `Plan (2)`, `Plan (3)` …, cut so that it fits."""
    number = 2
    while True:
        ending = f" ({number})"
        candidate = name[: LONGEST_NAME - len(ending)].rstrip() + ending
        if candidate not in taken:
            return candidate
        number += 1
