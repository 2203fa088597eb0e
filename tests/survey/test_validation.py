"""Validation rules: what each kind finds, worked by hand; rules that cannot be used; rules that are refused."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget_model.errors import CatalogueError
from budget_model.survey.validation import validate
from data.readers.validation_rules import parse_rules, read_rules

MESSAGE = "message: {es: algo, en: something}"


def rules_of(text: str):
    return parse_rules(text, "rules.yaml")


def one_rule(body: str, head: str = ""):
    return rules_of(f"{head}\nrules:\n  - {{id: R, severity: error, {MESSAGE}, {body}}}\n")


def family(*members: tuple, household: int = 1) -> pl.DataFrame:
    """Members as (sex, age, relation)."""
    rows = [(household, *member) for member in members]
    return pl.DataFrame(rows, schema=["household_id", "sex", "age", "relation"], orient="row")


def persons_of(*families: pl.DataFrame) -> pl.DataFrame:
    together = pl.concat(families)
    return together.with_columns(pl.arange(1, together.height + 1).alias("person_id"))


def households_of(persons: pl.DataFrame, **columns: list) -> pl.DataFrame:
    ids = persons["household_id"].unique().sort()
    return pl.DataFrame({"household_id": ids, **columns})


def found(persons: pl.DataFrame, rules, households: pl.DataFrame | None = None, area: str | None = None):
    households = households_of(persons) if households is None else households
    return validate(persons, households, rules, area)


def ids(validation, column: str = "person_id") -> list[int]:
    return validation.findings[column].to_list()


# --- the product's own rules -----------------------------------------------------------------------------------------


def test_the_rules_of_the_product_name_the_impossible_family_member_by_member():
    """A head of 30, a child of 19 (11 years younger), a parent of 35 (5 older), a pregnant man and two heads."""
    persons = persons_of(
        family(("female", 30, "head"), ("male", 19, "child"), ("female", 35, "parent")),
        family(("male", 50, "head"), ("female", 48, "head"), household=2),
        family(("male", 11, "head"), household=3),
    ).with_columns(pregnant=pl.Series([None, "yes", None, None, None, None], dtype=pl.String))
    rules, _ = read_rules()
    findings = found(persons, rules).findings
    by_rule = {rule: group["person_id"].to_list() for (rule,), group in findings.group_by("rule")}
    assert by_rule["CHILD_AGE_GAP"] == [2]
    assert by_rule["PARENT_AGE_GAP"] == [3]
    assert by_rule["PREGNANT_MAN"] == [2]
    assert by_rule["HEAD_YOUNG"] == [6]
    two_heads = findings.filter(pl.col("rule").is_in(["TWO_HEADS", "NO_ADULT"]))
    assert two_heads.select("rule", "household_id").rows() == [("NO_ADULT", 3), ("TWO_HEADS", 2)]


def test_every_rule_of_the_product_has_both_languages_and_an_id_of_its_own():
    rules, _ = read_rules()
    assert all({"es", "en"} <= set(rule.message) for rule in rules.rules)
    assert len({rule.id for rule in rules.rules}) == len(rules.rules)


def test_a_rule_whose_columns_the_round_lacks_is_named_with_them_and_not_passed_over():
    outcomes = {o.rule.id: o for o in found(persons_of(family(("male", 40, "head"))), read_rules()[0]).outcomes}
    assert outcomes["HOURS_OVER_WEEK"].missing == ("work_hours", "unpaid_hours")
    assert outcomes["ENUMERATOR_HEAPING"].missing == ("enumerator",)
    assert outcomes["AGE_RANGE"].is_applicable


def test_a_rule_on_a_derived_figure_names_what_the_figure_would_be_made_of():
    persons = persons_of(family(("male", 40, "head"))).drop("relation")
    outcome = next(o for o in found(persons, read_rules()[0]).outcomes if o.rule.id == "TWO_HEADS")
    assert outcome.missing == ("relation",)


def test_another_form_calls_the_relation_by_another_name():
    persons = persons_of(family(("male", 40, "head"), ("female", 38, "head"))).rename({"relation": "relationship"})
    validation = found(persons, read_rules()[0])
    assert "TWO_HEADS" in validation.findings["rule"].to_list()
    assert validation.names["relation"] == "relationship"


def test_answers_of_the_violence_module_are_never_shown():
    persons = persons_of(family(("male", 40, "head"))).with_columns(partner_violence_12m=pl.lit("yes"))
    case = found(persons, read_rules()[0]).findings.filter(pl.col("rule") == "SKIP_VIOLENCE").row(0, named=True)
    assert case["found"] == "partner_violence_12m = •••; sex = male; age = 40"


# --- kinds of rule ---------------------------------------------------------------------------------------------------


def test_a_missing_answer_is_no_finding():
    persons = persons_of(family(("male", None, "head"), ("male", 150, "child")))
    validation = found(persons, one_rule("level: person, when: age > 110"))
    assert ids(validation) == [2]
    assert validation.findings["found"].to_list() == ["age = 150"]


def test_a_column_of_another_kind_makes_the_rule_not_applicable_and_says_why():
    persons = persons_of(family(("male", 40, "head")))
    outcome = found(persons, one_rule("level: person, when: sex > 3")).outcomes[0]
    assert not outcome.is_applicable
    assert "cannot be compared" in outcome.reason


def test_one_rule_that_cannot_be_used_does_not_stop_the_others():
    text = f"""rules:
  - {{id: BAD, level: person, severity: error, {MESSAGE}, when: sex > 3}}
  - {{id: GOOD, level: person, severity: error, {MESSAGE}, when: age > 30}}
"""
    validation = found(persons_of(family(("male", 40, "head"))), rules_of(text))
    assert [o.is_applicable for o in validation.outcomes] == [False, True]
    assert validation.findings["rule"].to_list() == ["GOOD"]


def test_duplicates_are_all_rows_that_share_the_columns_and_unknown_answers_are_not_judged():
    persons = persons_of(
        family(("male", 40, "child"), ("male", 40, "child"), ("male", None, "child"), ("male", None, "child"))
    )
    validation = found(persons, one_rule("level: person, duplicate: [household_id, sex, age, relation]"))
    assert ids(validation) == [1, 2]
    assert validation.outcomes[0].not_judged == 2


def test_a_household_sent_twice_is_found_by_its_roster_in_any_order():
    members = [("female", 41, "head"), ("male", 43, "spouse"), ("male", 12, "child"), ("female", 9, "child")]
    persons = persons_of(
        family(*members), family(*reversed(members), household=2), family(*members[:3], household=3)
    ).with_columns(sector=pl.lit("S1"))
    validation = found(persons, read_rules()[0], area="sector")
    duplicates = validation.findings.filter(pl.col("rule") == "DUPLICATE_HOUSEHOLD")
    assert duplicates["household_id"].to_list() == [1, 2]


def test_the_robust_z_is_the_one_of_the_text_book():
    """Eleven 9s, nine 11s, a 10: median 10, MAD 1. For 16: 0.6745 × 6 / 1 = 4.05 > 3.5; for 15: 3.37."""
    values = [9.0] * 11 + [11.0] * 9 + [10.0, 15.0, 16.0]
    persons = pl.DataFrame({"person_id": range(1, 24), "household_id": 1, "hours": values})
    validation = found(persons, one_rule("level: person, outlier: {of: hours}"))
    assert ids(validation) == [23]
    assert validation.findings["found"].to_list() == ["hours = 16.0; z = 4.0"]


def test_an_outlier_is_measured_within_its_own_sector_and_few_neighbours_are_not_judged():
    low, high = [9.0, 11.0] * 10 + [10.0], [99.0, 101.0] * 10 + [100.0]
    persons = pl.DataFrame(
        {
            "person_id": range(1, 46),
            "household_id": 1,
            "hours": [*low, *high, 100.0, 5.0, 500.0],
            "sector": ["A"] * 21 + ["B"] * 21 + ["A", "C", "C"],
        }
    )
    validation = found(persons, one_rule("level: person, outlier: {of: hours, within: area}"), area="sector")
    assert ids(validation) == [43]  # 100 is usual in B and far away in A
    assert validation.outcomes[0].not_judged == 2


def enumerated(rows: list[tuple]) -> pl.DataFrame:
    """Rows of (enumerator, age, answer); one person a household."""
    frame = pl.DataFrame(rows, schema=["enumerator", "age", "answer"], orient="row", infer_schema_length=None)
    return frame.with_columns(
        pl.arange(1, frame.height + 1).alias("person_id"), pl.arange(1, frame.height + 1).alias("household_id")
    )


def test_whipples_index_of_an_enumerator_who_rounds_and_of_one_who_asks():
    """Ages 23 to 62 once each, three times over: index 100. All on 5s: 500."""
    asked = [("e1", age, "x") for age in list(range(23, 63)) * 3]
    guessed = [("e2", 25 + 5 * (i % 8), "x") for i in range(120)]
    validation = found(enumerated(asked + guessed), one_rule("level: round, heaping: {above: 125}"))
    assert validation.findings.select("enumerator", "found").rows() == [("e2", "Whipple 500 (120 / 120)")]


def test_few_interviews_accuse_nobody_of_heaping():
    """15 of 50 on 0 or 5: index 150, but 0.3 < 0.2 + 3 × sqrt(0.16 / 50) = 0.37."""
    ages = [25] * 15 + [26] * 35
    validation = found(enumerated([("e1", a, "x") for a in ages]), one_rule("level: round, heaping: {above: 125}"))
    assert validation.findings.is_empty()


def test_an_enumerator_without_variance_is_named_only_where_the_others_vary():
    """e1: 20 times no. Of the others' 40 answers half are no: 0.5^20 is far below 0.001."""
    rows = [("e1", 30, "no")] * 20 + [("e2", 30, answer) for answer in ["no", "yes"] * 20]
    rule = one_rule("level: round, no_variance: {columns: [answer]}")
    findings = found(enumerated(rows), rule).findings
    assert findings.select("enumerator", "found").rows() == [("e1", "answer = no: 20 / 20; 50.0 %")]
    usual = [("e1", 30, "no")] * 20 + [("e2", 30, "no")] * 39 + [("e2", 30, "yes")]
    assert found(enumerated(usual), rule).findings.is_empty()  # (39/40)^20 = 0.6


def test_a_share_above_the_limit_is_named_with_its_numbers():
    rows = [("e1", 30, "refused")] * 6 + [("e1", 30, "done")] * 14 + [("e2", 30, "done")] * 20
    rows += [("e3", 30, "refused")] * 3
    rule = one_rule("level: round, share: {of: answer = 'refused', above: 0.2, counts: person}")
    validation = found(enumerated(rows), rule)
    assert validation.findings.select("enumerator", "found").rows() == [("e1", "6 / 20 = 30.0 %")]
    assert validation.outcomes[0].not_judged == 1  # e3: three visits


def test_household_answers_that_stand_on_the_persons_only_serve_where_all_members_agree():
    persons = persons_of(family(("male", 40, "head"), ("female", 38, "spouse"))).with_columns(
        water=pl.lit("well"), mixed=pl.Series(["a", "b"])
    )
    assert ids(found(persons, one_rule("level: household, when: water = 'well'")), "household_id") == [1]
    outcome = found(persons, one_rule("level: household, when: mixed = 'a'")).outcomes[0]
    assert outcome.missing == ("mixed",)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 130), min_size=1, max_size=40), st.randoms())
def test_the_order_of_the_rows_never_matters(ages, random):
    """A second judge: NumPy counts the same cases."""
    persons = pl.DataFrame({"person_id": range(1, len(ages) + 1), "household_id": 1, "age": ages})
    order = list(range(len(ages)))
    random.shuffle(order)
    rule = one_rule("level: person, when: age > 110")
    first, second = found(persons, rule), found(persons[order], rule)
    assert sorted(ids(first)) == sorted(ids(second))
    assert len(ids(first)) == int((np.array(ages) > 110).sum())


# --- rules that are refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("level: person, wen: age > 1", "Did you mean 'when'?"),
        ("level: person, when: agee(age)", "AGEE is not allowed"),
        ("level: person, when: age >", "not a complete SQL condition"),
        ("level: person, when: 'TRUE'", "names no column"),
        ("level: person, share: {of: age > 1, above: 0.5}", "A rule of level person has when or duplicate or outlier"),
        ("level: round, when: age > 1", "A rule of level round has share or no_variance or heaping"),
        ("level: person, when: age > 1, duplicate: [age]", "Give exactly one of"),
        ("level: person, outlier: {of: age, beyond: -1}", "Expected above 0, found -1."),
        ("level: persona, when: age > 1", "'person', 'household' or 'round'"),
        ("level: person, when: (SELECT 1)", "not allowed"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place_and_what_would_do(body, words):
    with pytest.raises(CatalogueError, match=r"rules\.yaml, line 3") as refusal:
        one_rule(body)
    assert words in str(refusal.value)


def test_all_problems_of_a_file_come_at_once():
    text = f"""rules:
  - {{id: A, level: person, severity: error, {MESSAGE}, when: nope(age)}}
  - {{id: A, level: person, severity: error, {MESSAGE}, when: age >}}
"""
    with pytest.raises(CatalogueError) as refusal:
        rules_of(text)
    assert [problem.line for problem in refusal.value.problems] == [2, 3, 3]
