"""What a proposal would do for the needs that the survey found: proposals as programmes of the budget model.

A proposal adds a programme without money today, and its price is spent on it beside today's budget. What the proposal
does not say itself is taken from the site's programme that puts most money into the same need, by name. Where price,
need or the cost of one person cannot be had, the proposal has no score, and a reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from budget_model.assembly.proposals import ProposalRecord
from budget_model.coverage.calibrate import CalibratedModel, calibrate
from budget_model.coverage.portable import parse_model
from budget_model.coverage.project import build_horizon
from budget_model.coverage.scenario import evaluate
from budget_model.coverage.types import Array
from budget_model.coverage.uncertainty import run_draws

GROUPS = ("women", "men")
NO_COST, NO_NEED, NO_UNIT_COST, NO_PROGRAMME, NOT_IN_MODEL = (
    "no_cost",
    "no_need",
    "no_unit_cost",
    "no_programme",
    "not_in_model",
)
ENDS = (0.05, 0.95)
MOST_EXACT = 14  # proposals of which all lists are tried
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Assumption:
    """What a score rests on. `programme`: whose effect, ceiling, years and range of cost are taken."""

    unit_cost: float  # currency a person and year
    unit_cost_is_stated: bool  # else: price / people who benefit
    unit_cost_range: tuple[float, float]
    programme: str
    effectiveness: float
    effectiveness_range: tuple[float, float] | None
    reach: Mapping[str, float] | None  # shares of women and men; None: in proportion to need
    durability_years: int


@dataclass(frozen=True)
class Figure:
    """A figure and where it lies in nine of ten draws."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Score:
    """What the price buys in one year, persons; `gap_change_pp`: women minus men of the need, percentage points.

    None for a group that the need does not concern: it has no universe.
    """

    women: Figure | None
    men: Figure | None
    total: Figure
    cost_per_need: float | None  # currency a need met; None where none is met
    gap_change_pp: Figure | None
    assumption: Assumption


@dataclass(frozen=True)
class ProposalModel:
    """The site's model with every proposal that can be scored; `spent[k]` (P, A) is the k-th one's money."""

    calibrated: CalibratedModel
    codes: tuple[str, ...]
    needs: tuple[str, ...]
    assumptions: tuple[Assumption, ...]
    spent: Array  # (K, P, A) currency
    without: Mapping[str, str]  # code -> why it has no score


def build_proposal_model(
    document: Document, records: Sequence[ProposalRecord], areas: Mapping[str, str]
) -> ProposalModel:
    """Add the proposals to a portable model.

    Parameters
    ----------
    document : portable model of the site (areas, needs, programmes)
    areas : code of a proposal's zone -> area of the model that it lies in

    Raises
    ------
    InputError : the model itself cannot be read.
    """
    entries, made, without = [], [], {}
    for record in records:
        reason, assumption = assumption_of(document, record)
        if assumption is None:
            without[record.code] = reason
            continue
        entries.append(programme_entry(document, record, assumption))
        made.append((record, assumption))
    whole = {**document, "programmes": [*document["programmes"], *entries]}
    calibrated = calibrate(parse_model(whole, "model with proposals"))
    first = len(document["programmes"])
    spent = np.zeros((len(made), len(calibrated.model.programmes), len(calibrated.model.areas)))
    for place, (record, _assumption) in enumerate(made):
        spent[place, first + place] = spread(document, record, areas)
    return ProposalModel(
        calibrated,
        tuple(record.code for record, _ in made),
        tuple(record.need for record, _ in made),
        tuple(assumption for _, assumption in made),
        spent,
        without,
    )


def assumption_of(document: Document, record: ProposalRecord) -> tuple[str, Assumption | None]:
    """What the score of a proposal rests on, or why it has none."""
    if record.cost is None:
        return NO_COST, None
    if not record.need:
        return NO_NEED, None
    if record.need not in {need["id"] for need in document["needs"]}:
        return NOT_IN_MODEL, None
    people = None if record.women is None or record.men is None else record.women + record.men
    if record.unit_cost is None and not people:
        return NO_UNIT_COST, None
    found = _programme_for(document, record.need)
    if found is None:
        return NO_PROGRAMME, None
    programme, link = found
    unit_cost = float(record.unit_cost) if record.unit_cost is not None else float(record.cost) / float(people or 1)
    low, high = (float(end) / float(programme["unit_cost"]) for end in programme["unit_cost_range"])
    around = link.get("effectiveness_range")
    return "", Assumption(
        unit_cost=unit_cost,
        unit_cost_is_stated=record.unit_cost is not None,
        unit_cost_range=(unit_cost * low, unit_cost * high),
        programme=programme["id"],
        effectiveness=float(link["effectiveness"]),
        effectiveness_range=None if around is None else (float(around[0]), float(around[1])),
        reach={"women": (record.women or 0) / people, "men": (record.men or 0) / people} if people else None,
        durability_years=int(programme["durability"]),
    )


def _programme_for(document: Document, need: str) -> tuple[Document, Document] | None:
    """The programme with most money today among those that serve a need, and its link; of equal ones the first."""
    serving = [
        (programme, link)
        for programme in document["programmes"]
        for link in programme["serves"]
        if link["need"] == need
    ]
    return max(serving, key=lambda pair: sum(pair[0]["baseline"].values()), default=None)


def programme_entry(document: Document, record: ProposalRecord, assumption: Assumption) -> dict[str, Any]:
    """A proposal as a programme of the portable model, without money today."""
    found = _programme_for(document, record.need)
    link = dict(found[1]) if found else {}
    entry: dict[str, Any] = {
        "need": record.need,
        "reach": dict(assumption.reach) if assumption.reach else "need",
        "effectiveness": assumption.effectiveness,
        "ceiling": link["ceiling"],
        "response": link["response"],
    }
    if assumption.effectiveness_range is not None:
        entry["effectiveness_range"] = list(assumption.effectiveness_range)
    return {
        "id": f"proposal:{record.code}",
        "unit_cost": assumption.unit_cost,
        "unit_cost_range": list(assumption.unit_cost_range),
        "capacity": None,
        "durability": assumption.durability_years,
        "baseline": dict.fromkeys(document["areas"], 0.0),
        "serves": [entry],
    }


def spread(document: Document, record: ProposalRecord, areas: Mapping[str, str]) -> list[float]:
    """The price by area: all of it where the proposal lies, else in proportion to those who lack the need."""
    cost = float(record.cost or 0)
    if record.zone in areas:
        return [cost if area == areas[record.zone] else 0.0 for area in document["areas"]]
    need = next(one for one in document["needs"] if one["id"] == record.need)
    lacking = [sum(need["deficit"][area][group] or 0.0 for group in GROUPS) for area in document["areas"]]
    whole = sum(lacking)
    return [cost * (part / whole if whole else 1 / len(lacking)) for part in lacking]


# --- draws -----------------------------------------------------------------------------------------------------------


def drawn_lists(held: ProposalModel, lists: Sequence[Sequence[str]], n_draws: int = 500, seed: int = 0) -> Array:
    """Needs met by lists of proposals beside today's budget, all in the same draws: (L, D, 2) persons, women and men.

    Codes without a score add nothing. The same seed gives the same draws, so two lists are compared draw by draw.
    """
    model = held.calibrated.model
    order = [model.groups.index(group) for group in GROUPS]
    plans = [(model.baseline + _money_of(held, codes))[None] for codes in lists]
    found = np.zeros((len(lists), n_draws, len(GROUPS)))
    if not plans:
        return found
    draws = run_draws(build_horizon(held.calibrated), plans, n_draws, seed)
    for place, plan in enumerate(draws.plans):
        change = (plan.coverage - draws.baseline.coverage)[:, 0]  # (D, N, A, G)
        found[place] = np.nansum(model.universe * change, axis=(1, 2))[:, order]
    return found


def _money_of(held: ProposalModel, codes: Sequence[str]) -> Array:
    places = [held.codes.index(code) for code in codes if code in held.codes]
    return np.asarray(held.spent[places].sum(axis=0))


# --- scores ----------------------------------------------------------------------------------------------------------


def score_proposals(
    held: ProposalModel, n_draws: int = 500, seed: int = 0, drawn: Array | None = None
) -> dict[str, Score]:
    """Each proposal alone beside today's budget, in the same draws.

    Parameters
    ----------
    drawn : (K, D, 2) persons, `drawn_lists` of every proposal alone, where it is there already
    """
    model = held.calibrated.model
    if drawn is None:
        drawn = drawn_lists(held, [(code,) for code in held.codes], n_draws, seed)
    today = evaluate(held.calibrated, model.baseline)
    order = [model.groups.index(group) for group in GROUPS]
    scores = {}
    for place, code in enumerate(held.codes):
        row = model.needs.index(held.needs[place])
        change = evaluate(held.calibrated, model.baseline + held.spent[place])[row] - today[row]
        met = np.nansum(model.universe[row] * change, axis=0)[order]
        universe = model.universe[row].sum(axis=0)[order]
        scores[code] = _score(universe, met, drawn[place], float(held.spent[place].sum()), held.assumptions[place])
    return scores


def _score(universe: Array, met: Array, drawn: Array, cost: float, assumption: Assumption) -> Score:
    """universe, met (2,) and drawn (D, 2): women and men, persons."""
    total, gap = float(met.sum()), None
    if (universe > 0).all():
        shares, shares_drawn = 100 * met / universe, 100 * drawn / universe
        gap = figure_of(shares[0] - shares[1], shares_drawn[:, 0] - shares_drawn[:, 1])
    women, men = (figure_of(met[one], drawn[:, one]) if universe[one] > 0 else None for one in (0, 1))
    whole = figure_of(total, drawn.sum(axis=1))
    return Score(women, men, whole, cost / total if total > 0 else None, gap, assumption)


def figure_of(value: float, drawn: Array) -> Figure:
    """A figure beside its draws (D,)."""
    low, high = np.quantile(drawn, ENDS)
    return Figure(float(value), float(low), float(high))


# --- lists -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListEffect:
    """What a list of proposals does together: needs met, persons. `left_out`: proposals without a score."""

    codes: tuple[str, ...]
    left_out: tuple[str, ...]
    women: float
    men: float


@dataclass(frozen=True)
class BestList:
    """The list under an envelope that meets most needs. Not exact: then no list meets more than `bound`."""

    effect: ListEffect
    is_exact: bool
    bound: float


def effect_of(held: ProposalModel, codes: Sequence[str]) -> ListEffect:
    """Needs met by these proposals together; those without a score are named."""
    known = [held.codes.index(code) for code in codes if code in held.codes]
    women, men = _met_by(held, np.array([[place in known for place in range(len(held.codes))]]))[0]
    left_out = tuple(code for code in codes if code not in held.codes)
    return ListEffect(tuple(held.codes[place] for place in known), left_out, float(women), float(men))


def best_list(held: ProposalModel, costs: Mapping[str, int], budget: int) -> BestList:
    """The best list of scored proposals that can be paid for.

    Up to MOST_EXACT proposals every list is tried. Of more, the list is built by needs for each unit of money, and the
    bound is the sum of what each proposal does alone, filled up by fractions: together they do no more than that.

    Parameters
    ----------
    costs : price of each proposal of the vote, in the smallest unit of money; others take no part
    """
    places = [place for place, code in enumerate(held.codes) if code in costs and costs[code] <= budget]
    if len(places) <= MOST_EXACT:
        chosen = _best_of_all(held, places, costs, budget)
        effect = effect_of(held, chosen)
        return BestList(effect, True, effect.women + effect.men)
    alone = _met_by(held, np.eye(len(held.codes), dtype=bool)).sum(axis=1)
    ordered = sorted(places, key=lambda place: -alone[place] / max(1, costs[held.codes[place]]))
    left, picked, bound, is_full = budget, [], 0.0, False
    for place in ordered:
        cost = costs[held.codes[place]]
        if not is_full:
            bound += alone[place] * min(1.0, left / cost if cost else 1.0)
            is_full = cost > left
        if cost <= left:
            picked.append(held.codes[place])
            left -= cost
    return BestList(effect_of(held, picked), False, float(bound))


def _best_of_all(held: ProposalModel, places: Sequence[int], costs: Mapping[str, int], budget: int) -> tuple[str, ...]:
    masks = np.arange(2 ** len(places))[:, None] >> np.arange(len(places)) & 1
    prices = np.array([costs[held.codes[place]] for place in places], dtype=object)
    affordable = masks[np.array([sum(prices[row == 1], 0) <= budget for row in masks])]
    lists = np.zeros((len(affordable), len(held.codes)), dtype=bool)
    lists[:, places] = affordable == 1
    best = int(np.argmax(_met_by(held, lists).sum(axis=1)))
    return tuple(held.codes[place] for place in np.flatnonzero(lists[best]))


def _met_by(held: ProposalModel, lists: Array) -> Array:
    """Needs met by each list (L, K) of proposals: (L, G) persons, over the needs that proposals name."""
    model = held.calibrated.model
    today = evaluate(held.calibrated, model.baseline)
    found = []
    for block in np.array_split(lists, max(1, len(lists) // 256)):
        money = model.baseline + np.tensordot(block.astype(np.float64), held.spent, axes=1)
        change = evaluate(held.calibrated, money) - today
        found.append(np.nansum(model.universe * change, axis=(1, 2)))
    order = [model.groups.index(group) for group in GROUPS]
    return np.concatenate(found)[:, order]
