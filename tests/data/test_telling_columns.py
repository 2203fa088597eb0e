"""Copies of keys, places and ages are found by their names or, whatever they are called, by their values."""

from __future__ import annotations

import polars as pl

from data.workflows.anonymise import ExtractRules, anonymised
from data.workflows.telling_columns import age_columns, key_columns, place_columns


def households(number: int, **columns: list[object]) -> pl.DataFrame:
    ids = list(range(1, number + 1))
    return pl.DataFrame({"person_id": ids, "household_id": ids, "sex": ["female"] * number, **columns})


def test_a_key_that_a_module_repeats_is_found_under_its_prefix_and_a_text_that_differs_everywhere_is_a_key():
    frame = households(
        40,
        edu_person_id=[f"p{i}" for i in range(40)],
        reference=[f"r{i}" for i in range(40)],
        answer=["yes", "no"] * 20,
        income=[float(i) for i in range(40)],
    )
    assert key_columns(frame) == ["edu_person_id", "reference"]


def test_places_below_the_sector_are_found_by_name_and_by_lying_within_one_sector_each():
    """Eight corners, four in each of two sectors, with five households each; teachers are spread over both."""
    frame = households(
        40,
        sector=["a"] * 20 + ["b"] * 20,
        admin3=["x"] * 40,
        village_meetings=["often", "never"] * 20,
        corner=[f"c{i // 5}" for i in range(40)],
        teacher=[f"t{i % 8}" for i in range(40)],
        weight=[1.5] * 40,
    )
    assert place_columns(frame, "sector", {"weight", "sector"}) == ["admin3", "corner"]


def test_a_column_tells_the_age_where_persons_of_one_age_all_have_the_same_value():
    ages = [age for age in range(10, 30) for _ in range(2)]
    frame = households(
        40,
        age=ages,
        ind_age_5_17=[int(age < 18) for age in ages],
        grown=["yes" if age >= 18 else "no" for age in ages],
        reads=["yes", "no"] * 20,
        package=["same"] * 40,
    )
    assert age_columns(frame, ()) == ["ind_age_5_17", "grown"]


def test_who_loses_the_age_in_an_extract_loses_it_in_its_copies_too():
    """Forty women of 20 and one of 70, who is rare: her age goes, and with it that she is grown; others keep theirs."""
    ages = [20] * 20 + [12] * 20 + [70]
    frame = households(41, age=ages, grown=["yes" if age >= 18 else "no" for age in ages], tap=["no"] * 41)
    given = anonymised(frame, frame.select("household_id"), ExtractRules(("sector",), None, None, ()))
    assert given.persons["age"].to_list() == [*ages[:40], None]
    assert given.persons["grown"].to_list() == ["yes"] * 20 + ["no"] * 20 + [None]
    assert given.persons["tap"].to_list() == ["no"] * 41
    assert given.protection["hidden_with_age"] == ["grown"]
