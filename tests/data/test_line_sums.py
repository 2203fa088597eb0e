"""Sums that the database makes and keeps say what the lines say, to the last decimal, and know when they are old."""

from __future__ import annotations

import itertools
import random
import re
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from budget_model.spending.alerts import year_alerts
from budget_model.spending.lines import STAGES
from budget_model.spending.statement import counted_money
from budget_model.spending.sums import counted_sums
from budget_model.spending.trends import DECIMALS, counted_series
from data.readers.schemes import read_schemes
from data.store import lines as lines_module
from data.store.engine import transaction
from data.store.line_sums import find_documents, stamps
from data.store.lines import list_lines, remove_lines, save_lines
from data.store.sites import load_site
from data.store.tables import BudgetLineChange, LineTag
from data.workflows.line_sums import load_sums, refresh_sums
from data.workflows.statement import counting_schemes
from data.workflows.tagged_lines import tagged_lines, year_lines
from data.workflows.tags import approve_tag, propose_tag, review_tag
from data.workflows.trends import gone_lines, load_alerts, load_site_trends, load_trend
from tests.store_builders import budget_row
from tests.tag_builders import ANA, BETO, SITE, make_tag_site

YEARS = (2024, 2025, 2026)
MINISTRY = {"entity_code": "301291", "product_code": "3000", "activity_code": "5001", "purpose_code": "0212"}
TAGS = (
    {"marker": "2", "objective": "Care", "indicator": "Hours", "gap": "Unpaid care"},
    {"marker": "1", "objective": "Safety", "indicator": "Cases", "gap": "Violence"},
    {"marker": "0"},
    {"women_share_percent": "33.3333", "women_share_method": "register"},
    {
        "marker": "1",
        "objective": "Roads",
        "indicator": "Trips",
        "gap": "Time",
        "women_share_percent": "61.07",
        "women_share_method": "survey",
    },
)


def random_lines(chance):
    """Ministry lines of one series have several codes a year; stages are missing here and there."""
    rows = []
    for year, number in itertools.product(YEARS, range(8)):
        if chance.random() < 0.2:
            continue
        is_ministry = number % 2 == 0
        labels = MINISTRY | {"programme_code": str(number % 4)} if is_ministry else {"activity": f"Activity {number}"}
        stages = {stage: _amount(chance) for stage in STAGES if chance.random() < 0.8}
        code = f"301291/{year}{number}/5/07/2.3" if is_ministry else f"line-{number}"
        rows.append(budget_row(code, year, labels=labels, **{"pim": None, **stages}))
    return rows


def _amount(chance):
    return Decimal(chance.choice([0, chance.randint(-(10**6), 10**12)])).scaleb(-chance.choice([0, 2, 4]))


def approve(factory, year, code, content):
    line = (factory, SITE, year, code)
    propose_tag(*line, content, "Plan", ANA)
    review_tag(*line, BETO)
    approve_tag(*line, BETO)


@pytest.fixture
def site_id(factory):
    site_id = make_tag_site(factory)
    with transaction(factory) as session:
        remove_lines(session, site_id, list_lines(session, site_id, 2026))
    return site_id


def fill(factory, site_id, seed):
    """A random budget, about half of it tagged and approved; some tags stop at the proposal."""
    chance = random.Random(seed)
    with transaction(factory) as session:
        rows = random_lines(chance)
        save_lines(session, site_id, "test", rows)
    for row in rows:
        drawn = chance.random()
        if drawn < 0.4:
            approve(factory, row["year"], row["code"], chance.choice(TAGS))
        elif drawn < 0.5:
            propose_tag(factory, SITE, row["year"], row["code"], chance.choice(TAGS), "Plan", ANA)


def assert_same_as_from_the_lines(session, site_id):
    """Every scheme, every stage, every year: what the sums say against what the lines say one by one."""
    site = load_site(session, SITE)
    by_year = defaultdict(list)
    for line in tagged_lines(session, site_id):
        by_year[line.year].append(line)
    sums = load_sums(session, [site_id])[site_id]
    assert list(sums) == sorted(by_year)
    for name, stage in itertools.product(counting_schemes(), STAGES):
        scheme = read_schemes()[name]
        series = counted_series(year_lines(session, site_id, scheme, stage))
        found = load_trend(session, site, name, stage)
        assert tuple(one.series for one in found.years) == series
        beside = {one.year: one for one in next(iter(load_site_trends(session, [site], name, stage))).years}
        for one in series:
            assert (beside[one.year].as_tagged, beside[one.year].total) == (one.as_tagged, one.total)
            assert beside[one.year].untagged == one.untagged
    for name, year in itertools.product(counting_schemes(), by_year):
        scheme = read_schemes()[name]
        told, lines = counted_sums(sums[year], scheme), by_year[year]
        assert told.counted_execution == counted_money(lines, scheme, "pim").counted_execution
        assert told.rest_execution == counted_money(lines, scheme, "pim").rest_execution
        assert told.total == counted_money(lines, scheme, "pim").total
        for stage in STAGES:
            counted, rest, whole = told.counted[stage], told.rest[stage], told.total[stage]
            if whole is not None:
                assert abs((counted or 0) + rest - whole) <= DECIMALS
        gone = gone_lines(session, site_id, year)
        assert load_alerts(session, site_id, year, name).alerts == year_alerts(lines, scheme, year, gone)


@pytest.mark.parametrize("seed", [1, 2])
def test_sums_of_the_database_say_what_the_lines_say(factory, site_id, seed):
    fill(factory, site_id, seed)
    with factory() as session:
        assert_same_as_from_the_lines(session, site_id)
        assert not find_documents(session, [site_id])  # who only reads keeps nothing
    assert refresh_sums(factory, [site_id]) == len(YEARS)
    with factory() as session:
        assert_same_as_from_the_lines(session, site_id)
    assert refresh_sums(factory, [site_id]) == 0


def change_an_amount(factory, site_id):
    with transaction(factory) as session:
        save_lines(session, site_id, "test", [budget_row("line-1", 2025, pim=Decimal("7.0001"))])


def remove_a_line(factory, site_id):
    with transaction(factory) as session:
        remove_lines(session, site_id, list_lines(session, site_id, 2025)[:3])


def approve_a_tag(factory, site_id):
    with factory() as session:
        tagged = {tuple(row) for row in session.execute(select(LineTag.year, LineTag.code))}
        lines = [(line.year, line.code) for line in list_lines(session, site_id, 2025)]
    year, code = next(line for line in lines if line not in tagged)
    approve(factory, year, code, TAGS[0])


def add_a_year(factory, site_id):
    with transaction(factory) as session:
        save_lines(session, site_id, "test", [budget_row("line-1", 2027, pim=Decimal(3))])


@pytest.mark.parametrize("change", [change_an_amount, remove_a_line, approve_a_tag, add_a_year])
def test_kept_sums_are_made_anew_after_a_change_of_lines_or_of_tags_that_count(factory, site_id, change):
    fill(factory, site_id, 3)
    refresh_sums(factory, [site_id])
    change(factory, site_id)
    with factory() as session:
        assert_same_as_from_the_lines(session, site_id)
    assert refresh_sums(factory, [site_id]) == 1  # that year's alone
    with factory() as session:
        assert_same_as_from_the_lines(session, site_id)


def test_a_change_that_began_earlier_and_ended_later_is_seen_too(factory, site_id):
    """Its number is lower than the last one that was stored: the last one alone would say that nothing is new."""
    with transaction(factory) as session:
        session.add(BudgetLineChange(id=1_000, site_id=site_id, year=2026, at=datetime.now(UTC)))
    with factory() as session:
        before = stamps(session, [site_id])
    with transaction(factory) as session:
        session.add(BudgetLineChange(id=999, site_id=site_id, year=2026, at=datetime.now(UTC)))
    with factory() as session:
        assert stamps(session, [site_id]) != before


def test_a_tag_text_that_no_scheme_counts_makes_no_group_of_its_own(factory, site_id):
    with transaction(factory) as session:
        save_lines(session, site_id, "test", [budget_row("a"), budget_row("b"), budget_row("c")])
    for code, gap in (("a", "Care"), ("b", "Violence")):
        approve(factory, 2026, code, {**TAGS[0], "gap": gap})
    with factory() as session:
        groups = load_sums(session, [site_id])[site_id][2026]
        assert sorted(group.lines for group in groups) == [1, 2]


def test_lines_and_tags_are_written_where_the_change_is_told_and_nowhere_else():
    """Statements that write `BudgetLine` or `LineTag` stand in two files, both of which call `add_changes`."""
    root = Path(lines_module.__file__).parents[1]
    writes = re.compile(
        r"(insert|update|delete|insert_rows)\((session, )?(BudgetLine|LineTag)\b|session\.delete\(line\)"
    )
    found = {
        str(file.relative_to(root))
        for folder in (root, root.parent / "dashboard")
        for file in folder.rglob("*.py")
        if writes.search(file.read_text(encoding="utf-8"))
    }
    assert found == {"store/lines.py", "store/tags.py"}
    for file in found:
        assert "line_sums.add_changes(" in (root / file).read_text(encoding="utf-8")
