"""Plays somebody who wants to undo the protection of a published round, with a linear programme.

The attacker is given more than anybody has: every rounded count of the protected table (also the hidden ones), the
largest error that rounding made at each level, which sets of persons coincide, contain each other or make up a whole,
and in a second run a register of inhabitants: the exact size of every universe by age and sex in the municipality
and its sectors. For every protected count the programme finds the smallest and the largest value that agrees with all
of it. The same is then tried on what would have been published otherwise: exact figures without the small cells, and
cells rounded one by one.

With several rounds each is attacked, and then what the public reads of them together (figures of both and their change,
on the map) is held against the tables: where it is nothing but differences of what both tables say, no question about
one round gets a narrower answer from the other, since they share neither a person's key nor an equation.

    python benchmarks/disclosure_attacker.py --site villa-el-salvador-demo
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import highspy
import ibis
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session, sessionmaker
from sqlglot import exp

from budget_model.survey.conditions import Place, parse_condition, to_ibis
from budget_model.survey.disclosure import FARTHEST_FACTOR, ORDINARY, SENSITIVE, random_numbers
from budget_model.survey.published import ALL, HIDDEN, Protected, protect
from dashboard.auth.person import ANONYMOUS
from dashboard.services import make_services, open_store
from data.settings import StoreSettings
from data.store.engine import make_engine, session_factory
from data.store.publications import find_publication, load_published
from data.store.rounds import list_rounds, load_round
from data.store.sites import load_site
from data.store.tables import Indicator
from data.workflows.publication import RoundCells, cells_of_round, read_sets
from data.workflows.round_states import PUBLISHED

SEXES = ("female", "male")
STATED = {5: 4.0, 10: 9.0}  # the interval that is promised, by base: width of smallest to largest value
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


# --- the linear programme ---------------------------------------------------------------------------------------------


class Programme:
    """Counts of persons as unknowns from 0 on, and what is known of sums of them."""

    def __init__(self) -> None:
        self.columns: dict[tuple[Set, Cell], int] = {}
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[tuple[list[int], list[float], float, float]] = []

    def column(self, name: tuple[Set, Cell]) -> int:
        if name not in self.columns:
            self.columns[name] = len(self.columns)
            self.low.append(0.0)
            self.high.append(highspy.kHighsInf)
        return self.columns[name]

    def know(self, terms: dict[int, float], low: float, high: float) -> None:
        """Low <= sum <= high; of one unknown it becomes its bound."""
        if len(terms) == 1:
            ((column, factor),) = terms.items()
            if factor == 1.0:
                self.low[column] = max(self.low[column], low)
                self.high[column] = min(self.high[column], high)
                return
        self.rows.append((list(terms), list(terms.values()), low, high))

    def solver(self) -> highspy.Highs:
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.setOptionValue("simplex_strategy", 4)  # primal: the last basis stays feasible for the next question
        size = len(self.columns)
        solver.addVars(size, np.array(self.low), np.array(self.high))
        starts = np.cumsum([0] + [len(row[0]) for row in self.rows])[:-1].astype(np.int32)
        index = np.concatenate([np.array(row[0], dtype=np.int32) for row in self.rows])
        values = np.concatenate([np.array(row[1]) for row in self.rows])
        lower, upper = (np.array([row[place] for row in self.rows], dtype=float) for place in (2, 3))
        solver.addRows(len(self.rows), lower, upper, len(index), starts, index, values)
        return solver


class Asker:
    """Asks for the smallest and the largest value of a sum."""

    def __init__(self, programme: Programme):
        self.solver, self.programme = programme.solver(), programme

    def interval(self, terms: dict[int, float]) -> tuple[float, float]:
        columns, factors = np.array(list(terms), dtype=np.int32), np.array(list(terms.values()))
        ends = []
        for sign in (1.0, -1.0):
            self.solver.changeColsCost(len(columns), columns, sign * factors)
            ends.append(sign * self._smallest())
        self.solver.changeColsCost(len(columns), columns, np.zeros(len(columns)))
        return ends[0], ends[1]

    def _smallest(self) -> float:
        """From the basis of the last question; where that goes astray, from the start."""
        for strategy in (4, 1):
            self.solver.setOptionValue("simplex_strategy", strategy)
            self.solver.run()
            status = self.solver.getModelStatus()
            if status == highspy.HighsModelStatus.kOptimal:
                return float(self.solver.getInfo().objective_function_value)
            if status == highspy.HighsModelStatus.kUnbounded:
                return -np.inf
            self.solver.clearSolver()
        raise SystemExit(f"The programme has no solution: {self.solver.modelStatusToString(status)}")


# --- what is known ----------------------------------------------------------------------------------------------------


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


# --- styles of publication --------------------------------------------------------------------------------------------

Bounds = Callable[[Set, Cell], tuple[float, float]]


def ours(world: World, exact_margins: bool) -> tuple[Bounds, Callable[..., tuple[float, float]]]:
    """Rounded counts, and the largest error at each level as the attacker's certainty."""
    errors: dict[tuple[int, str, bool], float] = {}
    for (one, cell), true in world.true.items():
        level = level_of(world, cell)
        error = max(abs(true - rounded) for rounded in world.rounded[one, cell])
        errors[one[0], level, False] = max(errors.get((one[0], level, False), 0.0), error, one[0] - 1.0)

    def bounds(one: Set, cell: Cell) -> tuple[float, float]:
        level = level_of(world, cell)
        if exact_margins and one in world.registered and level in ("site", "sum"):
            return world.true[one, cell], world.true[one, cell]
        error = errors[one[0], level, False]
        return max(world.rounded[one, cell]) - error, min(world.rounded[one, cell]) + error

    def of_both(pair: Sequence[Set], cell: Cell) -> tuple[float, float]:
        rounded = sum(world.rounded[one, cell][0] for one in pair)
        error = both[level_of(world, cell)]
        return rounded - error, rounded + error

    both: dict[str, float] = {}
    for pair, cell in pairs_and_cells(world):
        off = abs(sum(world.true[one, cell] - world.rounded[one, cell][0] for one in pair))
        level = level_of(world, cell)
        both[level] = max(both.get(level, 0.0), off)
    return bounds, of_both


def suppression(world: World) -> tuple[Bounds, Callable[..., tuple[float, float]]]:
    """Exact figures; a cell with a small count inside or outside the numerator is left out. Universes are shown."""
    least = ORDINARY.least
    hidden: set[tuple[Set, Cell]] = set()
    for (indicator, sex, part), one in world.members.items():
        if part != "numerator":
            continue
        rest = world.members[indicator, sex, "rest"]
        for cell in cells_of(world, one):
            if min(world.true[one, cell], world.true[rest, cell]) < least:
                hidden |= {(one, cell), (rest, cell)}

    def bounds(one: Set, cell: Cell) -> tuple[float, float]:
        true = world.true[one, cell]
        return (0.0, highspy.kHighsInf) if (one, cell) in hidden else (true, true)

    def of_both(pair: Sequence[Set], cell: Cell) -> tuple[float, float]:
        true = sum(world.true[one, cell] for one in pair)
        return (true, true) if true >= least else (0.0, highspy.kHighsInf)

    return bounds, of_both


def one_by_one(world: World) -> tuple[Bounds, Callable[..., tuple[float, float]]]:
    """Every published count rounded at random by itself, as many offices do; totals too."""

    def rounded(name: str, true: float, base: int) -> float:
        rest = true % base
        draw = int(random_numbers(b"one by one", name, 1)[0] % np.uint64(base))
        return true - rest + (base if draw < rest else 0)

    def bounds(one: Set, cell: Cell) -> tuple[float, float]:
        value = rounded(f"{one} {cell}", world.true[one, cell], one[0])
        return value - one[0] + 1, value + one[0] - 1

    def of_both(pair: Sequence[Set], cell: Cell) -> tuple[float, float]:
        base = pair[0][0]
        value = rounded(f"{pair} {cell}", sum(world.true[one, cell] for one in pair), base)
        return value - base + 1, value + base - 1

    return bounds, of_both


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


# --- the attack -------------------------------------------------------------------------------------------------------


def terms_of(world: World, programme: Programme, one: Set, cell: Cell) -> dict[int, float]:
    """A count as a sum of unknowns: the finest published areas, or an age band."""
    has_areas = any((one, part) in world.true for part in world.parts[world.root, ALL])
    key = (world.root, "bands") if cell == (world.root, ALL) and not has_areas else cell
    if key not in world.parts:
        return {programme.column((one, cell)): 1.0}
    terms: dict[int, float] = {}
    for part in world.parts[key]:
        terms |= terms_of(world, programme, one, part)
    return terms


def build(world: World, bounds: Bounds, of_both: Callable[..., tuple[float, float]]) -> Programme:
    programme = Programme()
    for one in dict.fromkeys(world.members.values()):
        for cell in cells_of(world, one):
            programme.know(terms_of(world, programme, one, cell), *bounds(one, cell))
        tie_bands(world, programme, one)
    for pair, cell in pairs_and_cells(world):
        together = terms_of(world, programme, pair[0], cell) | terms_of(world, programme, pair[1], cell)
        programme.know(together, *of_both(pair, cell))
    for (indicator, sex, part), whole in world.members.items():
        if part == "universe":
            parts = [world.members[indicator, sex, name] for name in ("numerator", "rest")]
            make_whole(world, programme, whole, parts)
    for small, large in world.contained:
        contain(world, programme, bounds, small, large)
    return programme


def tie_bands(world: World, programme: Programme, one: Set) -> None:
    """The areas and the bands of a set add up to the same."""
    bands = world.parts[world.root, "bands"]
    whole = terms_of(world, programme, one, (world.root, ALL))
    by_band = {programme.column((one, band)): -1.0 for band in bands}
    if not set(by_band) & set(whole):
        programme.know(whole | by_band, 0.0, 0.0)


def make_whole(world: World, programme: Programme, whole: Set, parts: Sequence[Set]) -> None:
    for cell in finest_cells(world, whole):
        terms = {programme.column((whole, cell)): 1.0}
        for part in parts:
            column = programme.column((part, cell))
            terms[column] = terms.get(column, 0.0) - 1.0
        programme.know(terms, 0.0, 0.0)


def finest_cells(world: World, one: Set) -> list[Cell]:
    return [cell for cell in cells_of(world, one) if cell not in world.parts and cell != (world.root, ALL)]


def contain(world: World, programme: Programme, bounds: Bounds, small: Set, large: Set) -> None:
    """A part of a set is no larger than the set; only where the bounds leave that open."""
    large_cells = set(finest_cells(world, large))
    for cell in finest_cells(world, small):
        if cell in large_cells and bounds(small, cell)[1] > bounds(large, cell)[0]:
            terms = {programme.column((large, cell)): 1.0, programme.column((small, cell)): -1.0}
            programme.know(terms, 0.0, highspy.kHighsInf)


def attack(world: World, programme: Programme) -> pd.DataFrame:
    """The interval of every protected count (inside and outside the numerator); it must hold the truth."""
    asker, rows = Asker(programme), []
    for (indicator, sex, cell), _ in world.is_small.items():
        sexes = SEXES if sex == ALL else (sex,)
        for part in ("numerator", "rest"):
            sets = [world.members[indicator, one, part] for one in sexes]
            terms: dict[int, float] = {}
            for one in sets:
                terms |= terms_of(world, programme, one, cell)
            low, high = asker.interval(terms)
            true = sum(world.true[one, cell] for one in sets)
            if not low - 1e-6 <= true <= high + 1e-6:
                raise SystemExit(f"The interval {low} to {high} misses the truth {true} of {indicator} {sex} {cell}.")
            where = {"indicator": indicator, "sex": sex, "area": cell[0], "band": cell[1], "part": part}
            rows.append({**where, "base": sets[0][0], "true": true, "low": low, "high": high})
    frame = pd.DataFrame(rows).round({"low": 6, "high": 6})
    return frame.assign(width=frame["high"] - frame["low"])


def report(title: str, frame: pd.DataFrame, names: dict[str, str]) -> bool:
    """Print the distribution; whether no small count is known more closely than stated."""
    small = frame[frame["true"] < frame["base"].map({5: ORDINARY.least, 10: SENSITIVE.least})]
    promised = small["base"].map(STATED)
    print(f"\n{title}: {len(small):,} protected counts, {len(frame) - len(small):,} others in the same cells")
    quantiles = small["width"].quantile([0, 0.01, 0.1, 0.5, 0.9]).round(2)
    print("  width, narrowest / 1 % / 10 % / median / 90 %: " + " / ".join(f"{value:g}" for value in quantiles))
    print(f"  known exactly: {(small['width'] < 1 - 1e-6).sum():,}; below the stated interval:", end=" ")
    print(f"{(small['width'] < promised - 1e-6).sum():,}; narrowest by base: ", end="")
    print(", ".join(f"{base}: {part['width'].min():g}" for base, part in small.groupby("base")))
    for row in small.nsmallest(3, "width").itertuples():
        where = f"{names[row.indicator]} {row.part}, {row.sex}, {row.area}, {row.band}"
        print(f"    {where}: {row.low:g} to {row.high:g} (truth {row.true:g})")
    return bool((small["width"] >= promised - 1e-6).all())


# --- means ------------------------------------------------------------------------------------------------------------


def attack_means(exact: RoundCells, protected: Protected) -> None:
    """Narrowest relative interval of the total behind a mean, for one who knows every number of persons exactly.

    A noisy sum lies within 15 % of the sum, and noisy sums add up as sums do: what relations say of one cell is what
    its own bounds say. A cell of few persons keeps its persons' noise; the figure shown has three digits besides.
    """
    shown = protected.table.merge(protected.exact, on=["indicator", "area", "sex", "age_band"])
    shown = shown[shown["is_mean"].astype(bool) & shown["estimate"].notna()]
    low, high = shown["estimate"] / (1 + FARTHEST_FACTOR), shown["estimate"] / (1 - FARTHEST_FACTOR)
    width = ((high - low) / shown["estimate"]).min()
    print(f"\nMeans: {len(shown)} shown; fewest persons behind one: {shown['true_n'].min()}; ", end="")
    print(f"a total is known to {100 * width:.0f} % of itself at best by its own figure")


# --- command ----------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    settings = StoreSettings.from_environment()
    parser.add_argument("--database", default=settings.database_url)
    parser.add_argument("--bank", type=Path, default=settings.bank_folder)
    parser.add_argument("--site", default="villa-el-salvador-demo")
    parser.add_argument(
        "--round", action="append", dest="rounds", help="May stand more than once. Default: all that are public."
    )
    parser.add_argument("--every", type=int, default=1, help="Ask only for every so many-th hidden cell.")
    arguments = parser.parse_args()
    started = time.perf_counter()
    codes = arguments.rounds or public_rounds(arguments)
    holds = [attack_round(arguments, code) for code in codes]
    if len(codes) > 1:
        holds.append(attack_changes(arguments))
    print(f"\n{time.perf_counter() - started:.0f} s. The stated interval holds: {all(holds)}")
    raise SystemExit(0 if all(holds) else 1)


def public_rounds(arguments: argparse.Namespace) -> list[str]:
    """Codes of the rounds that are published with their figures, the newest first."""
    factory = session_factory(make_engine(arguments.database))
    with factory() as session:
        rounds = list_rounds(session, load_site(session, arguments.site).id)
        return [one.code for one in rounds if find_publication(session, one.id) and one.state == PUBLISHED]


def attack_round(arguments: argparse.Namespace, code: str) -> bool:
    """Attack one round; whether its table holds what is stated."""
    exact, protected, names = load(arguments, code)
    world = make_world(exact, protected)
    add_containment(world, exact)
    world.is_small = dict(list(world.is_small.items())[:: arguments.every])
    print(f"\n=== Round {code}: {len(set(world.members.values()))} sets of persons, {len(all_cells(world))} published")
    print(f"cells each, {len(world.contained)} known to lie within another")
    holds = []
    for title, (bounds, of_both) in {
        "Protected table": ours(world, exact_margins=False),
        "Protected table, with an exact register of inhabitants": ours(world, exact_margins=True),
    }.items():
        holds.append(report(title, attack(world, build(world, bounds, of_both)), names))
    attack_means(exact, protected)
    for title, (bounds, of_both) in {
        "For comparison, exact figures without small cells": suppression(world),
        "For comparison, cells rounded one by one": one_by_one(world),
    }.items():
        report(title, attack(world, build(world, bounds, of_both)), names)
    return all(holds)


# --- between rounds ---------------------------------------------------------------------------------------------------


def attack_changes(arguments: argparse.Namespace) -> bool:
    """Whether the map's figures of two rounds, as the public reads them, are those of the two tables and nothing else,
    and every change that can be read is their difference."""
    factory = session_factory(make_engine(arguments.database))
    services = make_services(open_store(StoreSettings(arguments.database, arguments.bank)))
    site = services.sites.find(ANONYMOUS, arguments.site)
    tables = published_tables(factory, arguments.site)
    choices = services.map.choices(ANONYMOUS, site)
    read = changes = differing = hidden = 0
    for one in choices.indicators:
        for level in choices.levels:
            found = services.map.figures(ANONYMOUS, site, one.code, level)
            for told, sides in ((found.round, found.now), (found.before, found.earlier)):
                for sex, figures in (sides or {}).items():
                    table = tables[told.code]
                    for area, figure in zip(found.areas, figures, strict=True):
                        read += 1
                        differing += not is_same(figure.estimate, table.get((one.code, area.code, sex)))
            for sex in found.now if found.earlier else ():
                for now, then in zip(found.now[sex], found.earlier[sex], strict=True):
                    changes += now.estimate is not None and then.estimate is not None
                    hidden += (now.status == HIDDEN) != (then.status == HIDDEN)
    print(
        f"\n=== Between rounds: {read:,} figures of areas that the public reads, {differing:,} not those of the tables"
    )
    print(
        f"{changes:,} changes can be read; {hidden:,} cells are protected in one round and shown in the other: of these"
    )
    print("nothing is told of the protected side, whose interval is that of its own round.")
    return differing == 0


def published_tables(factory: sessionmaker[Session], site: str) -> dict[str, dict[tuple[str, str, str], float]]:
    """By round: indicator, area and sex -> the published share or mean; of several versions the newest."""
    with factory() as session:
        rounds = list_rounds(session, load_site(session, site).id)
        frames = {one.code: load_published(session, one.id).sort_values("version") for one in rounds}
    return {
        code: {(row.indicator, row.area, row.sex): row.estimate for row in frame.itertuples()}
        for code, frame in frames.items()
    }


def is_same(read: float | None, stored: float | None) -> bool:
    """Whether what is read is what is stored; hidden is None to the reader and NaN in the table."""
    if read is None or stored is None:
        return read is None and (stored is None or math.isnan(stored))
    return read == stored


def load(arguments: argparse.Namespace, code: str) -> tuple[RoundCells, Protected, dict[str, str]]:
    """The published round with its exact cells; refuses a table that is not what the store shows."""
    factory = session_factory(make_engine(arguments.database))
    with factory() as session:
        survey_round = load_round(session, load_site(session, arguments.site).id, code)
        publication = find_publication(session, survey_round.id)
        if publication is None:
            raise SystemExit("The round is not published: python -m budget_model indicators publish SITE ROUND")
        secret = bytes.fromhex(publication.secret)
        exact = cells_of_round(session, arguments.bank, survey_round, secret)
        sensitive = [name for name, item in exact.definitions.items() if item.sensitive]
        sets = read_sets(publication.rounded_sets)
        protected = protect(exact.grid, exact.cells, sensitive, exact.errors, secret, sets)
        stored = load_published(session, survey_round.id, age_band=None)
        names = {str(row.id): row.code for row in session.query(Indicator)}
    shown = protected.table["count"].sum(), protected.table["estimate"].sum(), len(protected.table)
    if not np.allclose(shown, (stored["count"].sum(), stored["estimate"].sum(), len(stored)), rtol=1e-12):
        raise SystemExit("The stored table is not the one that the answers give.")
    return exact, protected, names


if __name__ == "__main__":
    main()
