"""A reallocation written back by line and source: worked by hand, and held against a second way of finding the most."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from budget_model.spending.flows import FlowNetwork
from budget_model.spending.modification import FundedLine, Portion, ProgrammeChange, propose
from budget_model.spending.source_rules import SourceRules

RULES = SourceRules.model_validate(
    {
        "country": "PE",
        "version": 1,
        "source": {"en": "made up for a test"},
        "verified": {"en": "nothing"},
        "source_labels": ["fund"],
        "purpose_labels": ["purpose"],
        "class_labels": ["generic"],
        "capital": {"labels": ["category"], "words": ["capital"]},
        "rules": [
            {
                "id": name,
                "label": {"en": name},
                "applies": {"labels": ["fund"], "words": [word]},
                "is_source": True,
                "gives": gives,
                "takes": "anything",
                "basis": "assumption",
                "why": {"en": "test"},
            }
            for name, word, gives in (
                ("taxes", "IMPUESTOS", "anything"),
                ("canon", "Canon", "capital"),
                ("gifts", "DONACIONES", "same_purpose"),
            )
        ],
    }
)


def line(code, fund, cents, reserved=0, generic="goods", category="current", purpose=None, lock=None):
    labels = {"fund": fund, "generic": generic, "category": category, "purpose": purpose or code}
    return FundedLine(code, {name: text for name, text in labels.items() if text}, cents, reserved, lock)


def changes(lines, **programmes):
    """`name=(change, code, code …)`; a programme has the whole of its lines."""
    made = []
    for name, (change, *codes) in programmes.items():
        portions = []
        for code in codes:
            whole, reserved = lines[code].budget_cents, lines[code].reserved_cents
            portions.append(Portion(code, whole, 0 if reserved is None else whole - reserved))
        made.append(ProgrammeChange(name, change, tuple(portions)))
    return made


def named(*lines):
    return {one.code: one for one in lines}


def test_what_the_scenario_moves_is_the_transfers_and_what_could_not_be_placed_to_the_cent():
    # Parks lose 1,000.01: 600.00 of taxes are free of 700.00 (100.00 reserved), 500.00 of canon pay capital only.
    # Care gains 650.01 (a tax line of goods), pipes gain 350.00 (a canon line of works).
    # Taxes 600.00 -> care 600.00; canon 350.00 -> pipes 350.00. Left: parks 50.01 of canon, care 50.01.
    lines = named(
        line("park-tax", "IMPUESTOS MUNICIPALES", 700_00, reserved=100_00),
        line("park-canon", "CANON Y SOBRECANON", 500_00, category="capital"),
        line("care-tax", "IMPUESTOS MUNICIPALES", 200_00),
        line("pipe-canon", "CANON Y SOBRECANON", 900_00, category="capital"),
    )
    found = propose(
        changes(
            lines, parks=(-1000_01, "park-tax", "park-canon"), care=(650_01, "care-tax"), pipes=(350_00, "pipe-canon")
        ),
        lines,
        RULES,
    )
    assert {(one.from_line, one.to_line, one.source, one.cents, one.is_new_line) for one in found.transfers} == {
        ("park-tax", "care-tax", "IMPUESTOS MUNICIPALES", 600_00, False),
        ("park-canon", "pipe-canon", "CANON Y SOBRECANON", 350_00, False),
    }
    assert [(one.programme, one.side, one.cents, one.reason) for one in found.unplaced] == [
        ("parks", "out", 50_01, "takers_full"),  # 150.00 of canon are left, and pipes have what they were to get
        ("care", "in", 50_01, "givers_used_up"),
    ]
    assert (found.moved_out_cents, found.moved_in_cents, found.placed_cents) == (1000_01, 1000_01, 950_00)
    for side, moved in (("out", found.moved_out_cents), ("in", found.moved_in_cents)):
        assert found.placed_cents + found.unplaced_cents(side) == moved


def test_money_that_has_no_line_of_its_source_to_go_to_makes_a_new_one_like_the_best_that_is_there():
    lines = named(
        line("park", "IMPUESTOS MUNICIPALES", 100_00, generic="goods"),
        line("care-staff", "FONCOMUN", 900_00, generic="staff"),
        line("care-goods", "FONCOMUN", 300_00, generic="goods"),
    )
    (transfer,) = propose(
        changes(lines, parks=(-40_00, "park"), care=(40_00, "care-staff", "care-goods")), lines, RULES
    ).transfers
    assert (transfer.to_line, transfer.is_new_line, transfer.source) == ("care-goods", True, "IMPUESTOS MUNICIPALES")


def test_a_line_of_the_same_source_comes_before_a_new_one_where_as_much_is_placed():
    lines = named(
        line("park", "IMPUESTOS MUNICIPALES", 50_00),
        line("road", "IMPUESTOS MUNICIPALES", 50_00),
        line("care", "IMPUESTOS MUNICIPALES", 10_00),
        line("food", "FONCOMUN", 10_00),
    )
    found = propose(
        changes(lines, parks=(-50_00, "park"), roads=(-50_00, "road"), care=(70_00, "care"), food=(30_00, "food")),
        lines,
        RULES,
    )
    assert sum(one.cents for one in found.transfers if not one.is_new_line) == 70_00
    assert sum(one.cents for one in found.transfers if one.is_new_line) == 30_00
    assert found.unplaced == ()


@pytest.mark.parametrize(
    ("giver", "reason"),
    [
        (line("a", None, 100_00), "source_unknown"),
        (line("a", "FONDO QUE NADIE CONOCE", 100_00), "no_rule"),
        (line("a", "CANON", 100_00), "not_allowed"),  # the taker is current expenditure
        (line("a", "DONACIONES Y TRANSFERENCIAS", 100_00), "not_allowed"),  # another purpose
        (line("a", "IMPUESTOS MUNICIPALES", 100_00, reserved=100_00), "reserved"),
        (line("a", "IMPUESTOS MUNICIPALES", 100_00, reserved=None), "reserved_unknown"),
        (line("a", "IMPUESTOS MUNICIPALES", 100_00, lock="Ley 27470"), "locked"),
    ],
)
def test_money_that_may_not_move_stays_and_says_why(giver, reason):
    lines = named(giver, line("b", "IMPUESTOS MUNICIPALES", 100_00))
    found = propose(changes(lines, gives=(-60_00, "a"), takes=(60_00, "b")), lines, RULES)
    assert found.transfers == ()
    assert [(one.programme, one.cents, one.reason) for one in found.unplaced if one.side == "out"] == [
        ("gives", 60_00, reason)
    ]
    assert found.unplaced_cents("in") == 60_00


@pytest.mark.parametrize(
    ("giver", "reason", "rules"),
    [
        (line("a", None, 100_00), "givers_source_unknown", ()),
        (line("a", "FONDO QUE NADIE CONOCE", 100_00), "givers_no_rule", ()),
        (line("a", "CANON", 100_00), "not_allowed", ("canon",)),
        (line("a", "IMPUESTOS MUNICIPALES", 100_00, reserved=100_00), "givers_used_up", ()),
    ],
)
def test_whoever_gets_less_is_told_why_the_givers_could_not_pay(giver, reason, rules):
    lines = named(giver, line("b", "IMPUESTOS MUNICIPALES", 100_00))
    found = propose(changes(lines, gives=(-60_00, "a"), takes=(60_00, "b")), lines, RULES)
    assert [(one.reason, one.rules) for one in found.unplaced if one.side == "in"] == [(reason, rules)]


def part(code, share, cents):
    return Portion(code, cents, cents, Decimal(share))


def test_money_goes_to_a_line_of_the_programme_alone_before_a_larger_one_that_it_shares():
    fund = "IMPUESTOS MUNICIPALES"
    shared = replace(line("shared", fund, 900_00), linked_share=Decimal("0.9"))
    lines = named(
        line("park", fund, 100_00), shared, line("own", fund, 1_00), line("staff", fund, 5_00, generic="staff")
    )
    care = ProgrammeChange(
        "care", 40_00, (part("shared", "0.9", 810_00), part("own", "1", 1_00), part("staff", "1", 5_00))
    )
    parks = ProgrammeChange("parks", -40_00, (part("park", "1", 100_00),))
    assert [one.to_line for one in propose([parks, care], lines, RULES).transfers] == ["own"]
    two = ProgrammeChange("care", 40_00, (part("shared", "0.4", 360_00), part("half", "0.5", 50_00)))
    lines["half"] = replace(line("half", fund, 100_00), linked_share=Decimal("0.5"))
    assert [one.to_line for one in propose([parks, two], lines, RULES).transfers] == ["half"]  # the larger share


def test_a_programme_gives_of_its_own_lines_before_those_that_it_shares():
    fund = "IMPUESTOS MUNICIPALES"
    lines = named(replace(line("a-joint", fund, 900_00), linked_share=Decimal("0.5")), line("own", fund, 30_00))
    lines |= named(line("care", fund, 1_00))
    parks = ProgrammeChange("parks", -40_00, (part("a-joint", "0.5", 450_00), part("own", "1", 30_00)))
    care = ProgrammeChange("care", 40_00, (part("care", "1", 1_00),))
    found = propose([parks, care], lines, RULES)
    assert {(one.from_line, one.cents) for one in found.transfers} == {("own", 30_00), ("a-joint", 10_00)}


def test_no_line_gives_to_itself():
    joint = replace(line("joint", "IMPUESTOS MUNICIPALES", 100_00), linked_share=Decimal(1))
    changed = [
        ProgrammeChange("parks", -10_00, (part("joint", "0.5", 50_00),)),
        ProgrammeChange("care", 10_00, (part("joint", "0.5", 50_00),)),
    ]
    found = propose(changed, named(joint), RULES)
    assert found.transfers == ()
    assert [(one.programme, one.cents, one.reason) for one in found.unplaced] == [
        ("parks", 10_00, "same_line"),
        ("care", 10_00, "same_line"),
    ]


def test_an_amount_without_lines_is_told_on_both_sides():
    lines = named(line("a", "IMPUESTOS MUNICIPALES", 30_00))
    found = propose(changes(lines, gives=(-50_00, "a"), takes=(50_00,)), lines, RULES)
    assert [(one.programme, one.cents, one.reason) for one in found.unplaced] == [
        ("gives", 30_00, "no_receiver"),
        ("gives", 20_00, "no_lines"),
        ("takes", 50_00, "no_lines"),
    ]


def test_a_budget_that_only_shrinks_has_nobody_to_take_its_money():
    lines = named(line("a", "IMPUESTOS MUNICIPALES", 30_00))
    (left,) = propose(changes(lines, gives=(-10_00, "a")), lines, RULES).unplaced
    assert (left.cents, left.reason) == (10_00, "takers_full")


def test_a_rule_that_cites_no_law_cannot_call_itself_law():
    document = RULES.model_dump()
    document["rules"][0]["basis"] = "law"
    with pytest.raises(ValidationError, match="assumption"):
        SourceRules.model_validate(document)


FUNDS = ("IMPUESTOS MUNICIPALES", "CANON", "DONACIONES")
AMOUNTS = st.integers(min_value=0, max_value=40)


@given(st.lists(st.tuples(AMOUNTS, st.sampled_from(FUNDS)), min_size=1, max_size=4), st.tuples(AMOUNTS, AMOUNTS))
def test_sums_hold_and_the_most_is_placed_whatever_the_amounts(givers, wanted):
    """The most is the smallest cut: what some of those that gain want, and what may pay for the others."""
    takers = {"works": line("works", "FONCOMUN", 1, category="capital"), "care": line("care", "FONCOMUN", 1)}
    lines = {**takers, **named(*(line(f"g{place}", fund, cents) for place, (cents, fund) in enumerate(givers)))}
    losing = {f"p{place}": (-cents, f"g{place}") for place, (cents, _fund) in enumerate(givers) if cents}
    gaining = {name: (cents, name) for name, cents in zip(takers, wanted, strict=True) if cents}
    found = propose(changes(lines, **losing, **gaining), lines, RULES)
    for side, moved in (("out", found.moved_out_cents), ("in", found.moved_in_cents)):
        assert found.placed_cents + found.unplaced_cents(side) == moved
    may_pay = {"works": FUNDS[:2], "care": FUNDS[:1]}
    cuts = []
    for size in range(len(gaining) + 1):
        for filled in combinations(gaining, size):
            funds = {fund for name in gaining if name not in filled for fund in may_pay[name]}
            cuts.append(sum(gaining[name][0] for name in filled) + sum(c for c, fund in givers if fund in funds))
    assert found.placed_cents == min(cuts)


def test_a_flow_is_raised_when_edges_are_added_and_amounts_have_no_end():
    network = FlowNetwork()
    network.add("s", "a", 10**15)
    network.add("b", "t", 10**14)
    assert network.raise_to_most("s", "t") == 0
    network.add("a", "b", 10**16)
    assert network.raise_to_most("s", "t") == 10**14
    assert network.flow("a", "b") == 10**14
    with pytest.raises(ValueError, match="0 or more"):
        network.add("s", "a", -1)
