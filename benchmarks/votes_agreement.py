"""Do counts agree with what is known? Every real `.pb` file, official winners, reference programs, pabutools.

    python -m benchmarks.votes_agreement [FOLDER of .pb files] [--without-pabutools]

Prints a row a file: whether it is the same when it was written and read again, whether the rule that it announces
gives the winners that it names, and for how many rules and tie rules pabutools finds the same. Then a row a reference.
Where something cannot be compared the row says why. Ends with exit code 1 where anything differs.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from budget_model.assembly.counting import CountingRule, announced_rule, count_votes
from budget_model.assembly.election import APPROVAL_TYPES, Election
from budget_model.assembly.utility import utilities_of
from budget_model.errors import InputError
from data.readers.pabulib import PabulibFile, parse_pabulib, read_pabulib
from data.writers.pabulib import pabulib_text

warnings.simplefilter("ignore")
from pabutools import election as pb  # noqa: E402
from pabutools import rules, tiebreaking  # noqa: E402

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "pb"
MOST_BALLOTS = 10_000  # with more, pabutools takes many minutes: `votes_speed` compares two rules on the largest file
BY_COST = tiebreaking.TieBreakingRule(lambda instance, profile, project: (project.cost, project.name))
BY_VOTES = tiebreaking.TieBreakingRule(lambda instance, profile, project: (-votes_of(profile, project), project.name))
TIES = {"lexicographic": tiebreaking.lexico_tie_breaking, "cheapest": BY_COST, "most-votes": BY_VOTES}
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
Judge = Callable[[Any, Any, Any], Any]
SAME, DIFFERS = "same", "DIFFERS"


def votes_of(profile: Any, project: Any) -> int:
    return sum(profile.multiplicity(ballot) for ballot in profile if project in ballot)


def winners(held: Election, rule: CountingRule) -> list[str]:
    return sorted(held.proposals[index].id for index in count_votes(held, rule).winners)


# --- files -----------------------------------------------------------------------------------------------------------


def main(folder: Path, with_pabutools: bool) -> int:
    stated = {one["file"]: one["selected"] for one in json.loads((folder / "expected_winners.json").read_text())}
    has_differed = False
    for path in sorted(folder.glob("**/*.pb")):
        read = read_pabulib(path)
        told = [
            f"{path.stem[:40]:40}",
            f"{read.election.ballots.voter_count:>6,} ballots",
            f"written and read again: {again(read, path.name)}",
            f"announced: {announced(read.election, path.name, stated.get(path.name) or selected(read))}",
        ]
        if with_pabutools:
            told.append(f"pabutools: {judged(read.election)}")
        has_differed |= any(DIFFERS in one for one in told)
        print(" | ".join(told), flush=True)
    for name, found in references(folder / "equalshares"):
        has_differed |= found != SAME
        print(f"{name:86} | {found}", flush=True)
    return int(has_differed)


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


# --- pabutools -------------------------------------------------------------------------------------------------------


def judged(held: Election) -> str:
    """For how many rules and tie rules the winners are those of pabutools."""
    if held.ballots.voter_count > MOST_BALLOTS:
        return "takes too long here, see votes_speed"
    instance, profile = pabutools_election(held)
    judges = APPROVAL_JUDGES if held.vote_type in APPROVAL_TYPES else SCORE_JUDGES
    compared = [(rule, ties) for rule in judges for ties in TIES]
    wrong = []
    for rule, ties in compared:
        theirs = sorted(project.name for project in judges[rule](instance, profile, TIES[ties]))
        if winners(held, CountingRule(rule, ties)) != theirs:
            wrong.append(f"{rule} with {ties}")
    counted = f"{len(compared) - len(wrong)} of {len(compared)} {SAME}"
    return f"{counted}, {DIFFERS}: {', '.join(wrong)}" if wrong else counted


def pabutools_election(held: Election) -> tuple[Any, Any]:
    """The same vote for pabutools; points and ranks as points."""
    projects = [pb.Project(one.id, one.cost) for one in held.proposals]
    instance = pb.Instance(projects, budget_limit=held.budget)
    starts, chosen = held.ballots.starts, held.ballots.proposals
    rows = list(pairwise(starts))
    if held.vote_type in APPROVAL_TYPES:
        ballots = [pb.ApprovalBallot({projects[index] for index in chosen[start:end]}) for start, end in rows]
        return instance, pb.ApprovalProfile(ballots).as_multiprofile()
    points = utilities_of(held, "score")
    scored = [
        pb.CardinalBallot({projects[chosen[place]]: int(points[place]) for place in range(start, end)})
        for start, end in rows
    ]
    return instance, pb.CardinalProfile(scored).as_multiprofile()


APPROVAL_JUDGES: dict[str, Judge] = {
    "greedy": lambda i, p, t: rules.greedy_utilitarian_welfare(i, p, sat_class=pb.Cost_Sat, tie_breaking=t),
    "greedy-per-cost": lambda i, p, t: rules.greedy_utilitarian_welfare(
        i, p, sat_class=pb.Cardinality_Sat, tie_breaking=t
    ),
    "mes": lambda i, p, t: rules.method_of_equal_shares(i, p, sat_class=pb.Cost_Sat, tie_breaking=t),
    "phragmen": lambda i, p, t: rules.sequential_phragmen(i, p, tie_breaking=t),
}
SCORE_JUDGES: dict[str, Judge] = {
    "greedy-per-cost": lambda i, p, t: rules.greedy_utilitarian_welfare(
        i, p, sat_class=pb.Additive_Cardinal_Sat, tie_breaking=t
    ),
    "mes": lambda i, p, t: rules.method_of_equal_shares(i, p, sat_class=pb.Additive_Cardinal_Sat, tie_breaking=t),
}


# --- references ------------------------------------------------------------------------------------------------------


def references(folder: Path) -> Iterator[tuple[str, str]]:
    """Each published reference and whether it is met."""
    for file in ("js_reference.json", "pb_reference.json"):
        for name, case in json.loads((folder / file).read_text()).items():
            fixture = case.get("fixture", "poland_wieliczka_2023_green-budget.pb")
            yield f"{file}: {name}", tool_reference(folder / fixture, case)
    for file, key, rule, utility in PABUTOOLS_REFERENCES:
        for fixture, case in json.loads((folder / file).read_text()).items():
            held = read_pabulib(folder / fixture.rsplit("/", 1)[1]).election
            found = winners(held, CountingRule(rule, utility=utility))
            named = f"{file}: {fixture.rsplit('/', 1)[1]}, {rule} {utility or ''}".strip()
            yield named, SAME if found == sorted(case[key]) else DIFFERS


def tool_reference(path: Path, case: dict[str, Any]) -> str:
    """Winners, and what everybody was given in the end, by the JavaScript tool of Equal Shares."""
    ties = ",".join(TOOL_TIES[one] for one in case["params"]["tieBreaking"]) or "refuse"
    held = read_pabulib(path).election
    try:
        outcome = count_votes(held, CountingRule(TOOL_RULES[case["params"]["completion"]], ties))
    except InputError:
        return SAME if "error" in case else DIFFERS
    if "error" in case:
        return DIFFERS
    found = sorted(held.proposals[index].id for index in outcome.winners)
    stated = case["result"].get("endowment")
    is_same_part = stated is None or abs(float(outcome.facts["endowment"]) / held.money_scale - stated) < 1e-9 * stated
    return SAME if found == sorted(case["result"]["winners"]) and is_same_part else DIFFERS


if __name__ == "__main__":
    arguments = [one for one in sys.argv[1:] if not one.startswith("--")]
    sys.exit(main(Path(arguments[0]) if arguments else FOLDER, "--without-pabutools" not in sys.argv))
