"""An independent judge: pabutools on the rules in common, on random elections, ties included."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_model.assembly.counting import CountingRule, count_votes
from tests.assembly.elections import election, names

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pabutools import election as pb
    from pabutools import rules, tiebreaking


@st.composite
def approval_elections(draw):
    size = draw(st.integers(1, 7))
    costs = {f"p{place}": draw(st.integers(1, 40)) for place in range(size)}
    ballot = st.sets(st.sampled_from(sorted(costs)), max_size=size)
    ballots = [" ".join(sorted(chosen)) for chosen in draw(st.lists(ballot, min_size=1, max_size=12))]
    budget = draw(st.integers(1, 120))
    return costs, ballots, budget


def pabutools_election(costs, ballots, budget):
    projects = {name: pb.Project(name, cost) for name, cost in costs.items()}
    instance = pb.Instance(projects.values(), budget_limit=budget)
    profile = pb.ApprovalProfile([pb.ApprovalBallot({projects[name] for name in one.split()}) for one in ballots])
    return instance, profile


JUDGES = {
    "greedy": lambda i, p, t: rules.greedy_utilitarian_welfare(i, p, sat_class=pb.Cost_Sat, tie_breaking=t),
    "greedy-per-cost": lambda i, p, t: rules.greedy_utilitarian_welfare(
        i, p, sat_class=pb.Cardinality_Sat, tie_breaking=t
    ),
    "mes": lambda i, p, t: rules.method_of_equal_shares(i, p, sat_class=pb.Cost_Sat, tie_breaking=t),
    "mes-utilitarian": lambda i, p, t: filled_up(
        rules.method_of_equal_shares(i, p, sat_class=pb.Cost_Sat, tie_breaking=t), i, p, t
    ),
    "phragmen": lambda i, p, t: rules.sequential_phragmen(i, p, tie_breaking=t),
}


def filled_up(allocation, instance, profile, ties):
    """What fits besides, most votes first; what nobody wants is left out, as by the tools of Equal Shares."""
    full = rules.greedy_utilitarian_welfare(
        instance, profile, sat_class=pb.Cost_Sat, tie_breaking=ties, initial_budget_allocation=list(allocation)
    )
    return [one for one in full if one in allocation or profile.approval_score(one)]


BY_COST = tiebreaking.TieBreakingRule(lambda instance, profile, project: (project.cost, project.name))
BY_VOTES = tiebreaking.TieBreakingRule(
    lambda instance, profile, project: (-profile.approval_score(project), project.name)
)
TIES = {"lexicographic": tiebreaking.lexico_tie_breaking, "cheapest": BY_COST, "most-votes": BY_VOTES}


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("rule", JUDGES)
@settings(max_examples=60, deadline=None)
@given(approval_elections())
def test_the_winners_are_those_of_pabutools(rule, ties, drawn):
    costs, ballots, budget = drawn
    held = election(costs, ballots, budget)
    ours = names(held, count_votes(held, CountingRule(rule, ties)).winners)
    theirs = JUDGES[rule](*pabutools_election(costs, ballots, budget), TIES[ties])
    assert sorted(ours) == sorted(project.name for project in theirs)


@settings(max_examples=60, deadline=None)
@given(approval_elections())
def test_equal_shares_by_cardinality_are_those_of_pabutools(drawn):
    held = election(*drawn)
    ours = names(held, count_votes(held, CountingRule("mes", utility="cardinality")).winners)
    theirs = rules.method_of_equal_shares(*pabutools_election(*drawn), sat_class=pb.Cardinality_Sat)
    assert sorted(ours) == sorted(project.name for project in theirs)


def whole_first_part(drawn):
    """The election with an envelope of which everybody's first part is whole; both programs start from it then."""
    costs, ballots, budget = drawn
    return costs, ballots, budget // len(ballots) * len(ballots)


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("rule", ["mes-add1", "mes-add1u"])
@settings(max_examples=40, deadline=None)
@given(approval_elections())
def test_completions_are_those_of_pabutools_from_the_same_first_part(rule, ties, drawn):
    costs, ballots, budget = whole_first_part(drawn)
    if not budget or not any(ballots):
        return
    held = election(costs, ballots, budget)
    ours = names(held, count_votes(held, CountingRule(rule, ties)).winners)
    judge = pabutools_election(costs, ballots, budget)
    theirs = rules.method_of_equal_shares(
        *judge, sat_class=pb.Cost_Sat, tie_breaking=TIES[ties], voter_budget_increment=1
    )
    theirs = filled_up(theirs, *judge, TIES[ties]) if rule == "mes-add1u" else theirs
    assert sorted(ours) == sorted(project.name for project in theirs)


@st.composite
def crowded_elections(draw):
    """Few kinds of ballots cast by many, and costs that repeat: what is merged, and what is tied."""
    size = draw(st.integers(2, 9))
    costs = {f"p{place}": draw(st.sampled_from([5, 6, 10, 12, 15, 30])) for place in range(size)}
    kind = st.tuples(st.sets(st.sampled_from(sorted(costs)), max_size=5), st.integers(1, 12))
    kinds = draw(st.lists(kind, min_size=1, max_size=6))
    ballots = [" ".join(sorted(chosen)) for chosen, voters in kinds for _ in range(voters)]
    return costs, ballots, draw(st.integers(1, 6)) * len(ballots)


@pytest.mark.parametrize("rule", ["mes", "mes-add1", "phragmen"])
@settings(max_examples=60, deadline=None)
@given(crowded_elections())
def test_many_equal_ballots_and_equal_costs_are_decided_as_by_pabutools(rule, drawn):
    held = election(*drawn)
    if not any(drawn[1]):
        return
    ours = names(held, count_votes(held, CountingRule(rule)).winners)
    judge = pabutools_election(*drawn)
    if rule == "phragmen":
        theirs = rules.sequential_phragmen(*judge)
    else:
        step = {"voter_budget_increment": 1} if rule == "mes-add1" else {}
        theirs = rules.method_of_equal_shares(*judge, sat_class=pb.Cost_Sat, **step)
    assert sorted(ours) == sorted(project.name for project in theirs)


@settings(max_examples=60, deadline=None)
@given(approval_elections())
def test_the_best_list_has_the_welfare_that_pabutools_finds(drawn):
    held = election(*drawn)
    instance, profile = pabutools_election(*drawn)
    theirs = rules.max_additive_utilitarian_welfare(instance, profile, sat_class=pb.Cost_Sat)
    worth = {project.name: int(project.cost) * profile.approval_score(project) for project in instance}
    ours = names(held, count_votes(held, CountingRule("welfare")).winners)
    assert sum(worth[name] for name in ours) == sum(worth[project.name] for project in theirs)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the solver that pabutools asks, one program a load
@settings(max_examples=12, deadline=None)
@given(approval_elections())
def test_maximin_support_is_that_of_pabutools(drawn):
    held = election(*drawn)
    ours = names(held, count_votes(held, CountingRule("maximin-support")).winners)
    instance, profile = pabutools_election(*drawn)
    theirs = rules.maximin_support(instance, profile)
    assert sorted(ours) == sorted(project.name for project in theirs)


@st.composite
def point_elections(draw):
    size = draw(st.integers(1, 6))
    costs = {f"p{place}": draw(st.integers(1, 40)) for place in range(size)}
    points = st.dictionaries(st.sampled_from(sorted(costs)), st.integers(1, 5), max_size=size)
    return costs, draw(st.lists(points, min_size=1, max_size=10)), draw(st.integers(1, 120))


@settings(max_examples=60, deadline=None)
@given(point_elections())
def test_equal_shares_with_points_are_those_of_pabutools(drawn):
    costs, ballots, budget = drawn
    held = election(
        costs, [" ".join(one) for one in ballots], budget, "cumulative", [list(b.values()) for b in ballots]
    )
    ours = names(held, count_votes(held, CountingRule("mes")).winners)
    projects = {name: pb.Project(name, cost) for name, cost in costs.items()}
    profile = pb.CardinalProfile([pb.CardinalBallot({projects[n]: v for n, v in one.items()}) for one in ballots])
    instance = pb.Instance(projects.values(), budget_limit=budget)
    theirs = rules.method_of_equal_shares(instance, profile, sat_class=pb.Additive_Cardinal_Sat)
    assert sorted(ours) == sorted(project.name for project in theirs)


@settings(max_examples=60, deadline=None)
@given(point_elections())
def test_greedy_by_points_for_each_unit_of_money_is_that_of_pabutools(drawn):
    costs, ballots, budget = drawn
    held = election(
        costs, [" ".join(one) for one in ballots], budget, "cumulative", [list(b.values()) for b in ballots]
    )
    ours = names(held, count_votes(held, CountingRule("greedy-per-cost")).winners)
    projects = {name: pb.Project(name, cost) for name, cost in costs.items()}
    profile = pb.CardinalProfile([pb.CardinalBallot({projects[n]: v for n, v in one.items()}) for one in ballots])
    instance = pb.Instance(projects.values(), budget_limit=budget)
    theirs = rules.greedy_utilitarian_welfare(instance, profile, sat_class=pb.Additive_Cardinal_Sat)
    assert sorted(ours) == sorted(project.name for project in theirs)
