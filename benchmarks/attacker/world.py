"""What there is to know of a round: sets of persons, their true and their published counts, and what follows from their
definitions. Knows nothing of linear programmes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import ibis
import numpy as np
import pandas as pd
from sqlglot import exp

from budget_model.survey.condition_ibis import to_ibis
from budget_model.survey.condition_place import Place
from budget_model.survey.conditions import parse_condition
from budget_model.survey.disclosure import ORDINARY, SENSITIVE
from budget_model.survey.published import ALL, HIDDEN, Protected
from data.workflows.publication import RoundCells

SEXES = ("female", "male")
Set = tuple[int, str, int, int]  # base, sex, sum of record keys, size
Cell = tuple[str, str]  # area, age band
Term = tuple[Set, float]


@dataclass
class World:
    """What there is to know: sets and their counts in every published cell, true and published."""

    root: str
    parts: dict[Cell, tuple[Cell, ...]]  # a cell that is a sum -> the cells that make it up
    members: dict[tuple[str, str, str], Set]  # indicator, sex, universe/numerator/rest -> set
    true: dict[tuple[Set, Cell], float]
    rounded: dict[tuple[Set, Cell], list[float]]  # more than one where a set was rounded more than once
    is_small: dict[tuple[str, str, Cell], bool]  # indicator, sex (with all): protected cells
    contained: list[tuple[Set, Set]] = field(default_factory=list)
    registered: set[Set] = field(default_factory=set)  # universes by age and sex alone: a register knows them


def make_world(exact: RoundCells, protected: Protected) -> World:
    table = dict(tuple(protected.exact.set_index(["area", "age_band"]).groupby(["indicator", "sex"])))
    world = World(exact.grid.root, sums_of(exact), {}, {}, {}, {})
    bases = {name: (SENSITIVE if item.sensitive else ORDINARY).base for name, item in exact.definitions.items()}
    for cell in exact.cells:
        counted, base = cell.counted, bases[cell.indicator]
        if cell.sex not in SEXES or counted.numerator is None:
            continue
        size, inside = counted.size, int(counted.numerator.sum())
        keys = {
            "universe": (counted.universe_key, size),
            "numerator": (counted.numerator_key, inside),
            "rest": (counted.universe_key - counted.numerator_key, size - inside),
        }
        for part, key in keys.items():
            own = -1 - len(world.members)  # that nobody or everybody is in a numerator is what the attacker asks for
            is_chance = key[1] == 0 or (part != "universe" and key[1] == size)
            world.members[cell.indicator, cell.sex, part] = (base, cell.sex, own if is_chance else key[0], key[1])
        for place, row in table[cell.indicator, cell.sex].iterrows():
            for part, names in PARTS.items():
                place_of = (world.members[cell.indicator, cell.sex, part], place)
                world.true[place_of] = combine(row, *names[1])
                world.rounded.setdefault(place_of, []).append(combine(row, *names[0]))
    world.is_small = small_cells(protected)
    for (indicator, _, part), one in world.members.items():
        item = exact.definitions[indicator]
        tree = parse_condition(item.universe, exact.persons.columns, Place(item.id, "universe"))
        if part == "universe" and {column.name for column in tree.find_all(exp.Column)} <= {"age", "sex"}:
            world.registered.add(one)
    return world


PARTS = {
    "universe": (("n", None), ("true_n", None)),
    "numerator": (("y", None), ("true_y", None)),
    "rest": (("n", "y"), ("true_n", "true_y")),
}


def combine(row: pd.Series, first: str, less: str | None) -> float:
    return float(row[first] - (row[less] if less else 0))


def sums_of(exact: RoundCells) -> dict[Cell, tuple[Cell, ...]]:
    """Site -> sectors -> neighbourhoods, and site -> bands (under a key of its own)."""
    finest, columns = exact.grid.finest, exact.grid.area_columns
    if (finest[list(columns)] == "").any().any() or (finest["age_band"] == "").any():
        raise SystemExit("Persons without area or age band: the attacker's sums would not hold. Use another round.")
    found: dict[Cell, tuple[Cell, ...]] = {}
    for above, below in zip((None, *columns), columns, strict=False):
        groups = [(exact.grid.root, finest)] if above is None else finest.groupby(above)
        for name, part in groups:
            found[str(name), ALL] = tuple((code, ALL) for code in sorted(part[below].unique()))
    found[exact.grid.root, "bands"] = tuple((exact.grid.root, band) for band in sorted(finest["age_band"].unique()))
    return found


def small_cells(protected: Protected) -> dict[tuple[str, str, Cell], bool]:
    frame = protected.table[protected.table["status"] == HIDDEN]
    means = set(protected.exact.loc[protected.exact["is_mean"].astype(bool), "indicator"])
    frame = frame[~frame["indicator"].isin(means)]
    return {(row.indicator, row.sex, (row.area, row.age_band)): True for row in frame.itertuples()}


def add_containment(world: World, exact: RoundCells) -> None:
    """Every pair of sets of which one holds all persons of the other, from the answers themselves."""
    table = ibis.memtable(exact.persons)
    masks: dict[tuple[str, str], np.ndarray] = {}
    for name, item in exact.definitions.items():
        if item.is_mean:
            continue
        conditions = {
            "universe": f"({item.universe}) AND ({item.numerator}) IS NOT NULL",
            "numerator": f"({item.universe}) AND ({item.numerator})",
        }
        for part, sql in conditions.items():
            place = Place(item.id, part)
            mask = to_ibis(parse_condition(sql, table.columns, place), table, place)
            masks[name, part] = ibis.polars.connect().to_polars(table.select(m=mask.fill_null(False)))["m"].to_numpy()
        masks[name, "rest"] = masks[name, "universe"] & ~masks[name, "numerator"]
    sexes = exact.persons["sex"].to_numpy()
    for sex in SEXES:
        of_sex = {key: mask[sexes == sex] for key, mask in masks.items()}
        world.contained += pairs_of(world, sex, of_sex)


def pairs_of(world: World, sex: str, masks: dict[tuple[str, str], np.ndarray]) -> Iterator[tuple[Set, Set]]:
    sets = {world.members[(name, sex, part)]: mask for (name, part), mask in masks.items()}
    packed = {key: np.packbits(mask) for key, mask in sets.items()}
    for small, inside in packed.items():
        for large, outside in packed.items():
            if 0 < small[3] < large[3] and not (inside & ~outside).any():
                yield small, large


# --- cells ----------------------------------------------------------------------------------------------------------


def level_of(world: World, cell: Cell) -> str:
    if cell[1] != ALL:
        return "band"
    return "site" if cell[0] == world.root else "sum" if cell in world.parts else "finest area"


def cells_of(world: World, one: Set) -> list[Cell]:
    return [cell for cell in all_cells(world) if (one, cell) in world.true]


def all_cells(world: World) -> list[Cell]:
    found = dict.fromkeys([(world.root, ALL)])
    for parts in world.parts.values():
        found |= dict.fromkeys(parts)
    return list(found)


def pairs_and_cells(world: World) -> Iterator[tuple[tuple[Set, Set], Cell]]:
    """Women's and men's set of an indicator, for each part and published cell."""
    pairs = {
        (one, world.members[indicator, "male", part]): True
        for (indicator, sex, part), one in world.members.items()
        if sex == "female"
    }
    for pair in pairs:
        for cell in cells_of(world, pair[0]):
            if (pair[1], cell) in world.true:
                yield pair, cell
