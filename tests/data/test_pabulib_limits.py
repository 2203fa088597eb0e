"""Files of votes that hold too much, too little, or what their own META forbids."""

import pytest

from budget_model.assembly.counting import announced_rule
from budget_model.errors import InputError
from data.readers.pabulib import parse_pabulib
from data.workflows.votes import AS_ANNOUNCED, check_countable, chosen_rule, lines_of


def file(votes="1;A\n2;A,B\n", meta="", costs=("60", "70"), kind="approval", budget="100", columns="voter_id;vote"):
    count = votes.count("\n")
    head = f"num_projects;2\nnum_votes;{count}\nbudget;{budget}\nvote_type;{kind}\nrule;greedy-threshold\n{meta}"
    projects = f"A;{costs[0]}\nB;{costs[1]}\n"
    return f"META\nkey;value\n{head}PROJECTS\nproject_id;cost\n{projects}VOTES\n{columns}\n{votes}".encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (file(votes="1;A\x00\n2;B\n"), "line 14: The file holds a byte 0"),
        (file(costs=("60." + "0" * 9 + "1", "70")), "more than 6 decimals"),
        (file(costs=("999999999999999", "70.123456")), "too large to be counted exactly"),
        (file(costs=("x" * 200_000, "70")), "longer than 131,072"),
        (
            file(votes="1;A;3\n2;A,B;1,0.0000001\n", kind="cumulative", columns="voter_id;vote;points"),
            "six decimals at most",
        ),
    ],
)
def test_what_cannot_be_counted_exactly_is_refused_with_its_place(content, words):
    with pytest.raises(InputError) as refused:
        parse_pabulib(content)
    assert words in str(refused.value)
    assert "VOTES is missing" not in str(refused.value)


@pytest.mark.parametrize(
    ("meta", "told"),
    [
        ("max_length;1\n", "1 ballots break it (choices; lines 16)"),
        ("min_length;2\n", "1 ballots break it (choices; lines 15)"),
        ("max_sum_cost;100\n", "1 ballots break it (of cost; lines 16)"),
        ("max_length;2\n", None),
    ],
)
def test_ballots_that_break_the_limits_of_meta_are_counted_and_told(meta, told):
    read = parse_pabulib(file(meta=meta))
    assert read.election.ballots.voter_count == 2
    assert [str(one) for one in read.warnings if told and told in str(one)] == [str(one) for one in read.warnings]
    assert bool(read.warnings) == (told is not None)


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (file(votes=""), "vote-empty", 12),  # where VOTES stands
        (file(votes="1;\n2;\n"), "vote-empty", 14),  # the first ballot
        (file(budget="0"), "vote-envelope", 5),
        (file(costs=("999999999", "999999999")), "vote-projects", 8),
    ],
)
def test_a_vote_of_which_nothing_can_come_is_refused_with_its_line(content, rule, line):
    with pytest.raises(InputError) as refused:
        check_countable(parse_pabulib(content), "vote.pb")
    assert (rule, "vote.pb", line) in {(one.rule, one.file, one.line) for one in refused.value.problems}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n \n",
        b"hello",
        b"META\nkey;value\n",
        file(votes="1;A\x00\n"),
        file(budget=""),
        file(budget="x"),
        file(kind="shouting"),
        file(costs=("999999999999999", "70.123456")),
        file(votes="1;A;999999999999.5\n", kind="cumulative", columns="voter_id;vote;points", meta="x;y\n") * 2,
        file(votes='1;A;"' + "9" * 12 + '"\n', kind="cumulative", columns="voter_id;vote"),
        file(columns="voter_id;ballot"),
        file().replace(b"budget;100\n", b""),
        file().replace(b"PROJECTS\n", b""),
        file().replace(b"1;A\n", b"1;\xff\n"),
        file() + b"1;A\n",
    ],
)
def test_every_refusal_of_a_file_names_the_file_and_a_line(content):
    with pytest.raises(InputError) as refused:
        parse_pabulib(content, "vote.pb")
    assert {one.file for one in refused.value.problems} == {"vote.pb"}
    assert all(one.line for one in refused.value.problems), str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "line"), [("rule;greedy-threshold", "rule;by-lot", 7), ("PROJECTS", "\nPROJECTS", 8)]
)
def test_a_rule_or_a_threshold_of_meta_that_cannot_be_used_is_told_with_its_line(old, new, line):
    meta = "min_project_score_threshold;fifty\n" if line == 8 else ""
    read = parse_pabulib(file(meta=meta).decode().replace(old, new, 1).encode())
    with pytest.raises(InputError) as refused, lines_of(read, "vote.pb"):
        chosen_rule(read.election, AS_ANNOUNCED)
    assert [(one.file, one.line) for one in refused.value.problems] == [("vote.pb", line)]


def test_a_threshold_that_is_no_number_is_not_taken_for_none():
    held = parse_pabulib(file(meta="min_project_score_threshold;fifty\n")).election
    with pytest.raises(InputError, match="fifty"):
        announced_rule(held)
