"""Plays somebody who wants to undo the protection of published rounds, with a linear programme.

The attacker is given more than anybody has: every rounded count of the protected table (also the hidden ones), the
largest error that rounding made at each level, which sets of persons coincide, contain each other or make up a whole,
and in a second run a register of inhabitants: the exact size of every universe by age and sex in the municipality
and its sectors. For every protected count the programme finds the smallest and the largest value that agrees with all
of it, as far as is needed to know the narrowest interval and each one below what is stated. The same is then tried, on
some of the cells, on what would have been published otherwise: exact figures without the small cells, and cells
rounded one by one.

With several rounds each is attacked, and then what the public reads of them together (figures of both and their change,
on the map) is held against the tables: where it is nothing but differences of what both tables say, no question about
one round gets a narrower answer from the other, since they share neither a person's key nor an equation.

    python benchmarks/disclosure_attacker.py --site villa-el-salvador-demo
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from attacker.attack import OURS, STYLES, attack_style  # noqa: E402
from attacker.changes import attack_changes  # noqa: E402
from attacker.world import World, add_containment, all_cells, make_world  # noqa: E402

from budget_model.survey.disclosure import FARTHEST_FACTOR  # noqa: E402
from budget_model.survey.published import Protected, protect  # noqa: E402
from data.settings import StoreSettings  # noqa: E402
from data.store.engine import make_engine, session_factory  # noqa: E402
from data.store.publications import find_publication, load_published  # noqa: E402
from data.store.rounds import list_rounds, load_round  # noqa: E402
from data.store.sites import load_site  # noqa: E402
from data.store.tables import Indicator  # noqa: E402
from data.workflows.publication import RoundCells, cells_of_round, read_sets  # noqa: E402
from data.workflows.round_states import PUBLISHED  # noqa: E402


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
    parser.add_argument("--compare-every", type=int, default=10, help="The same for what is tried for comparison.")
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    arguments.started = time.perf_counter()
    holds = attack_rounds(arguments, arguments.rounds or public_rounds(arguments))
    print(f"\n{time.perf_counter() - arguments.started:.0f} s. The stated interval holds: {holds}")
    raise SystemExit(0 if holds else 1)


def public_rounds(arguments: argparse.Namespace) -> list[str]:
    """Codes of the rounds that are published with their figures, the newest first."""
    factory = session_factory(make_engine(arguments.database))
    with factory() as session:
        rounds = list_rounds(session, load_site(session, arguments.site).id)
        return [one.code for one in rounds if find_publication(session, one.id) and one.state == PUBLISHED]


def attack_rounds(arguments: argparse.Namespace, codes: list[str]) -> bool:
    """Attack each round, a process for each way of publishing; whether the tables hold what is stated."""
    holds = []
    with ProcessPoolExecutor(arguments.processes, mp_context=get_context("spawn")) as pool:
        started = []
        for code in codes:
            world, names, about = describe(arguments, code)
            fewer = replace(world, is_small=dict(list(world.is_small.items())[:: arguments.compare_every]))
            answers = {
                title: pool.submit(attack_style, world if title in OURS else fewer, names, title) for title in STYLES
            }
            started.append((about, answers))
        for about, answers in started:
            print(about)
            for title, answer in answers.items():
                report, is_held = answer.result()
                print(f"\n{report}", flush=True)
                holds.append(is_held or title not in OURS)
    print(f"\n{time.perf_counter() - arguments.started:.0f} s for the programmes.", flush=True)
    if len(codes) > 1:
        holds.append(attack_changes(arguments))
    return all(holds)


def describe(arguments: argparse.Namespace, code: str) -> tuple[World, dict[str, str], str]:
    """What there is to know of a round, the codes of its indicators, and a sentence on it."""
    exact, protected, names = load(arguments, code)
    world = make_world(exact, protected)
    add_containment(world, exact)
    world.is_small = dict(list(world.is_small.items())[:: arguments.every])
    sets = len(set(world.members.values()))
    about = (
        f"\n=== Round {code}: {sets} sets of persons, {len(all_cells(world))} published cells each, "
        f"{len(world.contained)} known to lie within another; {len(world.is_small):,} figures hidden\n"
        f"{means_told(exact, protected)}"
    )
    return world, names, about


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


def means_told(exact: RoundCells, protected: Protected) -> str:
    """Narrowest relative interval of the total behind a mean, for one who knows every number of persons exactly.

    A noisy sum lies within 15 % of the sum, and noisy sums add up as sums do: what relations say of one cell is what
    its own bounds say. A cell of few persons keeps its persons' noise; the figure shown has three digits besides.
    """
    shown = protected.table.merge(protected.exact, on=["indicator", "area", "sex", "age_band"])
    shown = shown[shown["is_mean"].astype(bool) & shown["estimate"].notna()]
    low, high = shown["estimate"] / (1 + FARTHEST_FACTOR), shown["estimate"] / (1 - FARTHEST_FACTOR)
    width = ((high - low) / shown["estimate"]).min()
    return (
        f"Means: {len(shown)} shown; fewest persons behind one: {shown['true_n'].min()}; "
        f"a total is known to {100 * width:.0f} % of itself at best by its own figure"
    )


if __name__ == "__main__":
    main()
