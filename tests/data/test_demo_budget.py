"""The invented budget file, its programmes, and the stages of money in their order."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import yaml

from budget_model.spending.lines import totals_by_year
from data.demo.build import HERE
from data.demo.spending import AMOUNTS, read_budget, write_budget_file
from data.readers.mef import read_mef
from data.readers.programmes import read_programmes

BUDGET = read_budget()


@pytest.fixture(scope="module")
def budget_file(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("budget") / "gasto.csv"
    write_budget_file(np.random.default_rng(5), target)
    return target


@pytest.fixture(scope="module")
def programmes():
    text = (HERE / "programmes.yaml").read_text(encoding="utf-8")
    return read_programmes(text, "programmes.yaml")[0].programmes


def test_the_file_has_the_63_columns_and_says_in_every_row_that_it_is_synthetic(budget_file):
    with budget_file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows[0]) == 63
    assert all("DATOS SINTETICOS" in row["EJECUTORA_NOMBRE"] for row in rows)
    assert all(set(row) == set(BUDGET["columns"]) and None not in row.values() for row in rows)


def test_month_0_carries_the_budget_and_the_months_the_flows(budget_file):
    with budget_file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            flows = any(Decimal(row[name]) for name in AMOUNTS[2:])
            assert flows == (row["MES_EJE"] != "0")
            assert (Decimal(row["MONTO_PIM"]) > 0) == (row["MES_EJE"] == "0")


def test_every_year_adds_up_to_its_total_with_stages_in_order(budget_file):
    lines = read_mef(budget_file)
    assert lines.problems == ()  # no stage exceeds the one before it
    totals = totals_by_year(lines.frame)
    assert list(totals) == [2021, 2022, 2023, 2024, 2025, 2026]
    for year, total in totals.items():
        assert 120 <= total.lines <= 200
        assert 170_000_000 <= total.amounts["pim"] <= 205_000_000
        chain = [total.amounts[stage] for stage in ("paid", "accrued", "committed", "certified", "pim")]
        assert chain == sorted(chain)
        if "pim" in BUDGET["years"][year]:
            assert total.amounts["pim"] == BUDGET["years"][year]["pim"]
            assert total.amounts["pia"] == BUDGET["years"][year]["pia"]


def test_the_last_year_holds_the_amounts_of_the_table(budget_file):
    frame = read_mef(budget_file).frame
    found: dict[str, Decimal] = defaultdict(Decimal)
    for code, year, pim in frame.select("code", "year", "pim").iter_rows():
        if year == 2026:
            found[code.split("/")[1]] += pim
    wanted = {f"{number:04d}": purpose["amount"] for number, purpose in enumerate(BUDGET["purposes"], start=1)}
    assert dict(found) == wanted


def test_the_same_seed_writes_the_same_file(budget_file, tmp_path):
    again = tmp_path / "again.csv"
    write_budget_file(np.random.default_rng(5), again)
    assert again.read_bytes() == budget_file.read_bytes()


def test_programmes_are_fed_by_lines_that_exist_and_none_twice(budget_file, programmes):
    frame = read_mef(budget_file).frame
    codes = {code for code, year in frame.select("code", "year").iter_rows() if year == 2026}
    used = [line.code for programme in programmes for line in programme.lines]
    assert set(used) <= codes
    assert len(used) == len(set(used))


def test_there_are_some_forty_programmes_for_some_thirty_needs_of_women_and_of_men(programmes):
    assert 38 <= len(programmes) <= 45
    needs = {link.need for programme in programmes for link in programme.serves}
    assert len(needs) >= 25
    assert {"HINS", "CAREBAR", "IPV12", "CRIME", "WATER"} <= needs


def test_each_figure_of_a_programme_has_a_range_and_a_source_or_the_word_assumption(programmes):
    known = ("assumption", "Ley ")
    for programme in programmes:
        cost = programme.unit_cost
        assert cost.low < cost.value < cost.high
        parts = [cost, programme.durability_years, programme.capacity, programme.beneficiaries, programme.locked]
        sources = [part.source for part in parts if part is not None] + [link.source for link in programme.serves]
        assert all(source.startswith(known) for source in sources), programme.code


def test_the_glass_of_milk_is_locked_by_law(programmes):
    locked = {programme.code: programme.locked.source for programme in programmes if programme.locked}
    assert set(locked) == {"milk-first", "milk-second"}
    assert all("24059" in source and "27470" in source for source in locked.values())


def test_registers_and_capacities_agree_with_the_money(programmes):
    """People served = money / unit cost, as the model has it; the register may differ by a few in a hundred."""
    amount = {f"{number:04d}": purpose["amount"] for number, purpose in enumerate(BUDGET["purposes"], start=1)}
    for programme in programmes:
        served = amount[programme.lines[0].code.split("/")[1]] / float(programme.unit_cost.value)
        if programme.beneficiaries:
            assert programme.beneficiaries.women + programme.beneficiaries.men == pytest.approx(served, rel=0.06)
        if programme.capacity:
            assert programme.capacity.value > served


def test_the_tables_name_everything_they_use():
    for purpose in yaml.safe_load((HERE / "budget.yaml").read_text(encoding="utf-8"))["purposes"]:
        assert purpose["function"] in BUDGET["functions"]
        assert purpose["budget_programme"] in BUDGET["budget_programmes"]
        assert sum(purpose["lines"].values()) == pytest.approx(1)
