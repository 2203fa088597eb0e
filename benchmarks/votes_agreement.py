"""Do counts agree with what is known? Every real `.pb` file, official winners, reference programs, pabutools.

    python -m benchmarks.votes_agreement [--folder FOLDER of .pb files] [--without-pabutools]

The folder is ../shared/data/pb unless another one is named. Where pabutools is not installed, or a folder has no
published winners or references, the first lines say what is left out for that.

Prints a row a file: whether it is the same when it was written and read again, whether the rule that it announces gives
the winners that it names, and for how many rules and tie rules pabutools finds the same. Then a row a reference. Where
something cannot be compared the row says why. Ends with exit code 1 where anything differs.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from budget_model.assembly.counting import CountingRule, announced_rule, count_votes
from budget_model.assembly.election import Election
from budget_model.errors import InputError
from data.readers.pabulib import PabulibFile, parse_pabulib, read_pabulib
from data.writers.pabulib import pabulib_text

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "pb"
TOOL_TIES = {"maxVotes": "most-votes", "minCost": "cheapest", "maxCost": "dearest"}
TOOL_RULES = {"none": "mes", "add1": "mes-add1", "add1u": "mes-add1u", "utilitarian": "mes-utilitarian"}
PABUTOOLS_REFERENCES = (
    # file, key of the winners, rule, utility
    ("pabutools_reference.json", "winners", "mes", None),
    ("pabutools_cardinal_reference.json", "winners", "mes", "score"),
    ("pabutools_ordinal_reference.json", "winners", "mes", "score"),
    ("pabutools_maximin_reference.json", "winners", "maximin-support", None),
    ("pabutools_rules_reference.json", "phragmen", "phragmen", None),
    ("pabutools_rules_reference.json", "greedy_cost", "greedy", None),
    ("pabutools_rules_reference.json", "greedy_cardinality", "greedy-per-cost", None),
    ("pabutools_satisfaction_reference.json", "cost", "mes", "cost"),
    ("pabutools_satisfaction_reference.json", "cardinality", "mes", "cardinality"),
)
# The city's list has 46 and neither 66 nor 67, all three in Czarnochowice. No file says why; with one of the two out of
# the vote its list comes out to the project, and with all of them the reference tool finds what is found here.
LEFT_OUT_BY_THE_CITY = {"poland_wieliczka_2023_green-budget.pb": "66"}
SAME, DIFFERS = "same", "DIFFERS"


def winners(held: Election, rule: CountingRule) -> list[str]:
    return sorted(held.proposals[index].id for index in count_votes(held, rule).winners)


# --- files -----------------------------------------------------------------------------------------------------------


def main(folder: Path, with_pabutools: bool) -> int:
    paths = sorted(folder.glob("**/*.pb"))
    if not paths:
        print(f"There is no .pb file in {folder}. Name a folder that has some: --folder FOLDER.", file=sys.stderr)
        return 2
    judged = pabutools_judge() if with_pabutools else left_out("pabutools was not asked for (--without-pabutools)")
    stated = published_winners(folder)
    has_differed = False
    for path in paths:
        read = read_pabulib(path)
        told = [
            f"{path.stem[:40]:40}",
            f"{read.election.ballots.voter_count:>6,} ballots",
            f"written and read again: {again(read, path.name)}",
            f"announced: {announced(read.election, path.name, stated.get(path.name) or selected(read))}",
        ]
        if judged:
            told.append(f"pabutools: {judged(read.election)}")
        has_differed |= any(DIFFERS in one for one in told)
        print(" | ".join(told), flush=True)
    for name, found in references(folder / "equalshares"):
        has_differed |= found == DIFFERS
        print(f"{name:86} | {found}", flush=True)
    return int(has_differed)


def left_out(why: str) -> None:
    print(f"Left out: counts by pabutools, because {why}. Its published winners are compared where they are there.")


def pabutools_judge() -> Callable[[Election], str] | None:
    """For how many rules pabutools agrees; None, which is told, where it is not installed."""
    try:
        from benchmarks.votes_by_pabutools import agreeing_rules
    except ModuleNotFoundError as missing:
        left_out(f"the package '{missing.name}' is not installed (pip install pabutools)")
        return None
    return lambda held: agreeing_rules(held, winners)


def published_winners(folder: Path) -> dict[str, list[str]]:
    path = folder / "expected_winners.json"
    if not path.exists():
        print(f"Left out: published winners beside those that files name, because there is no {path.name} in {folder}.")
        return {}
    return {one["file"]: one["selected"] for one in json.loads(path.read_text())}


def again(read: PabulibFile, name: str) -> str:
    """Every column and every cell of the file, written and read."""
    second = parse_pabulib(pabulib_text(read).encode(), name)
    pairs = [(read.sections[one], second.sections[one]) for one in read.sections]
    is_same = all(
        first.columns == other.columns and [r.fields for r in first.records] == [r.fields for r in other.records]
        for first, other in pairs
    )
    return SAME if is_same else DIFFERS


def announced(held: Election, file: str, stated: list[str] | None) -> str:
    """The winners by the rule that META names, beside those that the file names; else why they cannot be compared."""
    name = held.meta.get("rule") or "none"
    try:
        found = winners(held, announced_rule(held))
    except InputError:
        why = " ".join(held.meta.get("comment", "").split())
        if name == "greedy-custom":
            return f"{name}: a rule of the city's own, which no text states: {why[:330]}"
        return f"{name}: no rule that could be counted by"
    if not stated:
        return f"{name}: the file names no winners"
    if found == sorted(stated):
        return f"{name}: {SAME}, {len(found)} winners"
    left_out = LEFT_OUT_BY_THE_CITY.get(file)
    kept = [index for index, one in enumerate(held.proposals) if one.id != left_out]
    if left_out and winners(held.restricted_to(kept), announced_rule(held)) == sorted(stated):
        return f"{name}: {SAME} without the project {left_out}, which the city left out; {len(stated)} winners"
    return f"{name}: {DIFFERS}, {len(found)} winners"


def selected(read: PabulibFile) -> list[str]:
    """Winners by the file's own column, where it has one."""
    projects = read.sections["PROJECTS"]
    cells = [projects.cells(record) for record in projects.records]
    return [one["project_id"].strip() for one in cells if one.get("selected", "").strip() == "1"]


# --- references ------------------------------------------------------------------------------------------------------


def references(folder: Path) -> Iterator[tuple[str, str]]:
    """Each published reference and whether it is met."""
    for file in ("js_reference.json", "pb_reference.json"):
        for name, case in cases(folder / file):
            fixture = case.get("fixture", "poland_wieliczka_2023_green-budget.pb")
            yield f"{file}: {name}", tool_reference(folder / fixture, case)
    for file, key, rule, utility in PABUTOOLS_REFERENCES:
        for fixture, case in cases(folder / file):
            held = read_pabulib(folder / fixture.rsplit("/", 1)[1]).election
            found = winners(held, CountingRule(rule, utility=utility))
            named = f"{file}: {fixture.rsplit('/', 1)[1]}, {rule} {utility or ''}".strip()
            yield named, SAME if found == sorted(case[key]) else DIFFERS


def cases(path: Path) -> list[tuple[str, dict[str, Any]]]:
    if not path.exists():
        print(f"Left out: the references of {path.name}, because it is not in {path.parent}.")
        return []
    return list(json.loads(path.read_text()).items())


def tool_reference(path: Path, case: dict[str, Any]) -> str:
    """Winners, and what everybody was given in the end, by the JavaScript tool of Equal Shares."""
    ties = ",".join(TOOL_TIES[one] for one in case["params"]["tieBreaking"]) or "refuse"
    held = read_pabulib(path).election
    try:
        outcome = count_votes(held, CountingRule(TOOL_RULES[case["params"]["completion"]], ties))
    except InputError:
        return SAME if "error" in case else DIFFERS
    if "error" in case:  # the tool stops at every tie, we at one that decides: here none may
        rule = CountingRule(TOOL_RULES[case["params"]["completion"]])
        lists = [count_votes(held, replace(rule, ties=one)).winners for one in ("lexicographic", "dearest")]
        return SAME if all(set(one) == set(outcome.winners) for one in lists) else DIFFERS
    found = sorted(held.proposals[index].id for index in outcome.winners)
    stated = case["result"].get("endowment")
    is_same_part = stated is None or abs(float(outcome.facts["endowment"]) / held.money_scale - stated) < 1e-9 * stated
    return SAME if found == sorted(case["result"]["winners"]) and is_same_part else DIFFERS


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of .pb files (default: %(default)s)")
    parser.add_argument("--without-pabutools", action="store_true", help="do not count by pabutools")
    asked = parser.parse_args()
    sys.exit(main(asked.folder, not asked.without_pabutools))
