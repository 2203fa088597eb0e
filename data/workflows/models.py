"""What is stored -> a portable model document: needs of a round, programmes, and the money of a budget year.

Rules where the store leaves room, each also written into the document's `source`:
the areas are those of level 1 (the site itself where it has none); a programme's baseline is the modified budget
(PIM) of its lines in the year times their shares, in whole cents, or its stated amount; amounts and capacity are split
over the areas as the programme says; a floor is 0 and a ceiling three times the baseline unless stated, and
`assumed_maximum` names the programmes whose ceiling is so assumed; the budget is the sum of the baselines.
The error of a need in an area where the sample has one sampling unit is borrowed from the whole site
(docs/uncertainty.md), and `survey_errors` names the cell. Weights are 1 unless the site mixes in the priorities of
focus groups (docs/needs.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, NotFoundError, Problem
from data.store import models as model_store
from data.store.lines import list_lines
from data.store.rounds import latest_round
from data.store.tables import (
    Area,
    BudgetLine,
    Estimate,
    Indicator,
    ModelSnapshot,
    Programme,
    ProgrammeNeedLink,
    Site,
    SurveyRound,
)
from data.workflows.maxima import TIMES_TODAY
from data.workflows.need_cells import GROUPS, NeedCells, load_need_cells, with_mixed_weights
from data.workflows.programme_parts import ProgrammeParts, stored_parts
from data.workflows.split import CENT, split_amount

SEXES = {"female": "women", "male": "men"}


def build_model(
    session: Session,
    site_id: int,
    round_id: int,
    budget_year: int | None = None,
    programmes: Sequence[ProgrammeParts] | None = None,
) -> dict[str, Any]:
    """The portable model of a site as a plain document (docs/model.md; `parse_model` reads it).

    budget_year : year whose lines feed the programmes; None takes the latest year with a modified budget
    programmes : programmes to try out in place of the stored ones

    Raises NotFoundError where site or round are not there, InputError where needs or programmes are missing or an
    amount cannot be had (every problem at once).
    """
    site = _site(session, site_id)
    if session.get(SurveyRound, round_id) is None or session.get_one(SurveyRound, round_id).site_id != site_id:
        raise NotFoundError("survey round", str(round_id))
    cells, mix = with_mixed_weights(session, site_id, load_need_cells(session, site_id, round_id))
    year = budget_year if budget_year is not None else latest_budget_year(session, site_id)
    programmes = stored_parts(session, site_id) if programmes is None else programmes
    if not programmes:
        message = f"Site '{site.slug}' has no programmes. Import them first (programmes import)."
        raise InputError(Problem("programmes_missing", message))
    amounts = baseline_amounts(session, site_id, year, programmes)
    users = load_users(session, site_id, round_id, programmes)
    problems: list[Problem] = []
    entries = [_programme(parts, amounts[parts.programme.code], cells, users, problems) for parts in programmes]
    if problems:
        raise InputError(problems)
    document = {
        "currency": site.currency,
        "name": site.name,
        "source": f"round {session.get_one(SurveyRound, round_id).code}, budget year {year or 'as stated'}",
        "areas": list(cells.areas),
        "groups": list(GROUPS),
        "needs": [_need(cells, index) for index in range(len(cells.codes))],
        "programmes": entries,
        "constraints": {"budget": float(sum(amounts.values(), Decimal(0)))},
        "objective": "total",
        "assumed_maximum": {"times_today": TIMES_TODAY, "programmes": _without_maximum(programmes, amounts)},
    }
    told = {"survey_errors": dict(cells.survey_errors)} if cells.survey_errors else {}
    return {**document, **told} if mix is None else {**document, **told, "weight_mix": mix}


def _without_maximum(programmes: Sequence[ProgrammeParts], amounts: Mapping[str, Decimal]) -> list[str]:
    """Programmes whose ceiling is assumed: none is stated, and there is money today that it is a multiple of."""
    found = [parts.programme for parts in programmes if parts.programme.ceiling is None]
    return [programme.code for programme in found if amounts[programme.code] > 0]


def snapshot(session: Session, site_id: int, round_id: int, budget_year: int | None = None) -> ModelSnapshot:
    """The model of today under the hash of its content; the same content gives the snapshot that is there."""
    document = build_model(session, site_id, round_id, budget_year)
    year = budget_year if budget_year is not None else latest_budget_year(session, site_id)
    return model_store.save_snapshot(session, site_id, round_id, year, document)


def latest_budget_year(session: Session, site_id: int) -> int | None:
    """The last year of which any line has a modified budget; None where there is no such line."""
    found = select(func.max(BudgetLine.year)).where(BudgetLine.site_id == site_id, BudgetLine.pim.is_not(None))
    return session.scalar(found)


def latest_round_id(session: Session, site_id: int) -> int:
    """The newest round of the site that has needs; NotFoundError where there is none."""
    found = latest_round(session, site_id, has_needs=True)
    if found is None:
        raise NotFoundError("survey round with needs", _site(session, site_id).slug)
    return found.id


def baseline_amounts(
    session: Session, site_id: int, year: int | None, programmes: Sequence[ProgrammeParts]
) -> dict[str, Decimal]:
    """Programme -> its money of the year in whole cents: PIM x share of its lines, or the stated amount.

    A line that the year's budget does not have brings nothing; one that is there without a PIM is refused.
    """
    modified = {line.code: line.pim for line in list_lines(session, site_id, year)} if year is not None else {}
    problems, amounts = [], {}
    for parts in programmes:
        amount = parts.programme.stated_baseline or Decimal(0)
        for code, share in parts.lines.items():
            pim = modified.get(code, Decimal(0))
            if pim is None:
                message = f"Line '{code}' of {year} has no modified budget (PIM). Add it, or choose another year."
                problems.append(Problem("pim_missing", message, value=code))
                continue
            amount += pim * share
        amounts[parts.programme.code] = amount.quantize(CENT, rounding=ROUND_HALF_EVEN)
    if problems:
        raise InputError(problems)
    return amounts


def load_users(
    session: Session, site_id: int, round_id: int, programmes: Sequence[ProgrammeParts]
) -> dict[str, dict[str, float]]:
    """Indicator -> women and men of the whole site whom the survey counted, for reach that is taken from the survey."""
    links = [link for parts in programmes for link in parts.links]
    wanted = {link.reach["survey"] for link in links if isinstance(link.reach, Mapping) and "survey" in link.reach}
    if not wanted:
        return {}
    rows = session.execute(
        select(Indicator.code, Estimate.sex, Estimate.count)
        .join(Indicator, Indicator.id == Estimate.indicator_id)
        .join(Area, Area.id == Estimate.area_id)
        .where(Estimate.round_id == round_id, Area.level == 0, Area.site_id == site_id, Estimate.age_band == "all")
        .where(Indicator.code.in_(wanted), Estimate.sex.in_(SEXES), Estimate.count.is_not(None))
        .order_by(Indicator.version)
    )
    users: dict[str, dict[str, float]] = {}
    for code, sex, count in rows:
        users.setdefault(code, {})[SEXES[sex]] = count
    return users


def _site(session: Session, site_id: int) -> Site:
    site = session.get(Site, site_id)
    if site is None:
        raise NotFoundError("site", str(site_id))
    return site


def _need(cells: NeedCells, index: int) -> dict[str, Any]:
    names = cells.names[cells.codes[index]]
    entry: dict[str, Any] = {
        "id": cells.codes[index],
        "name": dict(names.lacking),
        **({"covered_name": dict(names.covered)} if names.covered else {}),
        "overlap": "independent",
        "weight": dict(zip(GROUPS, cells.weight[index].tolist(), strict=True)),
        "universe": _by_area_and_group(cells, cells.universe[index]),
        "deficit": _by_area_and_group(cells, cells.deficit[index]),
    }
    if not np.isnan(cells.deficit_se[index]).all():
        entry["deficit_se"] = _by_area_and_group(cells, cells.deficit_se[index])
        if not np.isnan(cells.correlation[index]):
            entry["deficit_correlation"] = float(cells.correlation[index])
    return entry


def _by_area_and_group(cells: NeedCells, values: np.ndarray) -> dict[str, dict[str, float | None]]:
    return {
        area: {
            group: None if np.isnan(value) else float(value) for group, value in zip(GROUPS, values[row], strict=True)
        }
        for row, area in enumerate(cells.areas)
    }


def _programme(
    parts: ProgrammeParts,
    baseline: Decimal,
    cells: NeedCells,
    users: Mapping[str, Mapping[str, float]],
    problems: list[Problem],
) -> dict[str, Any]:
    programme = parts.programme
    served = [link for link in parts.links if link.indicator_code in cells.codes]
    weights = cells.area_weights(programme.area_split, [link.indicator_code for link in served])
    floor, ceiling = _limits(programme, baseline, problems)
    entry: dict[str, Any] = {
        "id": programme.code,
        "name": dict(programme.name),
        "unit_cost": float(programme.unit_cost),
        "unit_cost_range": [
            float(programme.unit_cost_low or programme.unit_cost),
            float(programme.unit_cost_high or programme.unit_cost),
        ],
        "capacity": _capacity(programme, cells.areas, weights),
        "durability": programme.durability_years,
        "baseline": _by_area(cells.areas, baseline, weights),
        "floor": _by_area(cells.areas, floor, weights),
        "locked": programme.is_locked,
        "serves": [_link(link, programme, users, problems) for link in served],
    }
    if programme.running_cost is not None:
        entry["running_cost"] = float(programme.running_cost)
    if programme.ceiling is None and ceiling is not None:
        # each area's own baseline is multiplied, so that no rounded cent keeps the whole below the stated multiple
        parts = split_amount(baseline, weights)
        entry["ceiling"] = {area: float(TIMES_TODAY * part) for area, part in zip(cells.areas, parts, strict=True)}
    elif ceiling is not None:
        entry["ceiling"] = _by_area(cells.areas, ceiling, weights)
    return entry


def _limits(programme: Programme, baseline: Decimal, problems: list[Problem]) -> tuple[Decimal, Decimal | None]:
    """Floor and ceiling of the whole site; without money today and without a stated ceiling there is none."""
    floor = programme.floor or Decimal(0)
    ceiling = programme.ceiling
    if ceiling is None and baseline > 0:
        ceiling = TIMES_TODAY * baseline
    if floor > baseline or (ceiling is not None and ceiling < baseline):
        message = (
            f"Programme '{programme.code}': the baseline {baseline:,.2f} lies outside its limits "
            f"({floor:,.2f} to {ceiling or 0:,.2f}). Mend floor or ceiling in the programmes file."
        )
        facts = {"baseline": f"{baseline:,.2f}", "floor": f"{floor:,.2f}", "ceiling": f"{ceiling or 0:,.2f}"}
        facts["programme"] = programme.code
        problems.append(Problem("baseline_outside_limits", message, value=str(baseline), facts=facts))
    return floor, ceiling


def _by_area(areas: Sequence[str], total: Decimal, weights: Sequence[float]) -> dict[str, float]:
    return {area: float(part) for area, part in zip(areas, split_amount(total, weights), strict=True)}


def _capacity(programme: Programme, areas: Sequence[str], weights: Sequence[float]) -> dict[str, float] | None:
    if programme.capacity is None:
        return None
    whole = sum(weights) or float(len(weights))
    shares = [weight / whole for weight in weights] if sum(weights) else [1 / whole] * len(weights)
    return {area: programme.capacity * share for area, share in zip(areas, shares, strict=True)}


def _link(
    link: ProgrammeNeedLink,
    programme: Programme,
    users: Mapping[str, Mapping[str, float]],
    problems: list[Problem],
) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "need": link.indicator_code,
        "reach": _reach(link, programme, users, problems),
        "effectiveness": link.effectiveness,
        "ceiling": link.ceiling,
        "response": link.response,
        "source": link.source,
    }
    if link.effectiveness_low is not None and link.effectiveness_high is not None:
        entry["effectiveness_range"] = [link.effectiveness_low, link.effectiveness_high]
    return entry


def _reach(
    link: ProgrammeNeedLink,
    programme: Programme,
    users: Mapping[str, Mapping[str, float]],
    problems: list[Problem],
) -> Any:
    """Shares of women and men: as stated, from the register, from the survey, or in proportion to need."""
    if link.reach == "register":
        return shares_of(programme.beneficiaries or {})
    if isinstance(link.reach, Mapping) and "survey" in link.reach:
        code = link.reach["survey"]
        if set(users.get(code, ())) != set(GROUPS):
            message = (
                f"Programme '{programme.code}': the round has no count of women and men for '{code}', from which its "
                f"reach for '{link.indicator_code}' is to be taken. Run the indicators, or state the reach otherwise."
            )
            facts = {"programme": programme.code, "indicator": code, "need": link.indicator_code}
            problems.append(Problem("reach_unknown", message, value=code, facts=facts))
            return "need"
        return shares_of(users[code])
    return link.reach


def shares_of(persons: Mapping[str, float]) -> Any:
    """Shares of women and men among persons; in proportion to need where there is nobody."""
    women, men = persons.get("women", 0.0), persons.get("men", 0.0)
    served = women + men
    return {"women": women / served, "men": men / served} if served else "need"
