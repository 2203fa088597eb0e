"""Money is exact: stored, compared and summed to the cent on both databases, and floats are refused."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from budget_model.errors import InputError
from data.store.engine import transaction
from data.store.lines import list_lines, save_lines, totals_by_year
from data.store.tables import BudgetLine
from data.store.tables.base import Money, Share
from tests.store_builders import budget_row, make_site
from tests.support import store_fingerprint

LARGEST = Decimal("99999999999999.9999")
AMOUNTS = st.decimals(-LARGEST, LARGEST, places=4)


class Dialect:
    """Stands for a database: only its name is asked for."""

    def __init__(self, name: str):
        self.name = name


def store(factory, rows):
    with transaction(factory) as session:
        site = make_site(session)
        save_lines(session, site.id, "test", rows)
    return site.id


def test_sums_in_sql_are_exact_where_floats_are_not(factory):
    # As floats these ten amounts add up to 999,999,999,999.9978 or so; on paper to 1,000,000,000,000.00 - 10 * 0.01.
    site_id = store(factory, [budget_row(str(n), pim=Decimal("99999999999.99")) for n in range(10)])
    with factory() as session:
        (totals,) = totals_by_year(session, site_id)
        assert session.scalar(select(func.sum(BudgetLine.pim))) == Decimal("999999999999.90")
    assert totals.amounts["pim"] == Decimal("999999999999.90")
    assert totals.lines == 10


def test_a_stage_that_no_line_has_sums_to_nothing_and_not_to_zero(factory):
    site_id = store(factory, [budget_row("a", pim=Decimal(0))])
    with factory() as session:
        (totals,) = totals_by_year(session, site_id)
    assert totals.amounts["pim"] == 0
    assert totals.amounts["paid"] is None


def test_the_largest_and_the_smallest_amount_come_back_as_they_were(factory):
    given_amounts = {"pia": LARGEST, "pim": -LARGEST, "paid": Decimal("0.0001"), "accrued": Decimal("0.1")}
    site_id = store(factory, [budget_row("a", **given_amounts)])
    with factory() as session:
        (line,) = list_lines(session, site_id, 2026)
    assert {stage: getattr(line, stage) for stage in given_amounts} == given_amounts


def test_amounts_compare_as_numbers_in_sql(factory):
    site_id = store(factory, [budget_row("nine", pim=Decimal("9.99")), budget_row("ten", pim=Decimal("10.00"))])
    with factory() as session:
        found = session.scalars(select(BudgetLine.code).where(BudgetLine.pim >= Decimal("9.995")))
        assert found.all() == ["ten"]
    assert site_id


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("pim", 0.1, "must be exact"),
        ("pim", True, "must be exact"),
        ("pim", Decimal("0.00001"), "more than 4 decimals"),
        ("pim", Decimal("100000000000000"), "too large"),
        ("pim", Decimal("NaN"), "not a number"),
        ("gender_share", 0.5, "must be exact"),
        ("gender_share", Decimal("0.1234567"), "more than 6 decimals"),
    ],
)
def test_what_cannot_be_kept_exactly_is_refused(engine, factory, column, value, words):
    with transaction(factory) as session:
        site = make_site(session)
    before = store_fingerprint(engine)
    with pytest.raises(InputError, match=words) as refusal, transaction(factory) as session:
        save_lines(session, site.id, "test", [budget_row("good"), budget_row("bad", **{column: value}, source_line=7)])
    assert "'bad'" in str(refusal.value)
    assert refusal.value.problems[0].line == 7
    with pytest.raises(StatementError, match=words), transaction(factory) as session:
        session.add(BudgetLine(site_id=site.id, **budget_row("bad", **{column: value})))
    assert store_fingerprint(engine) == before


@given(AMOUNTS)
def test_every_amount_survives_the_way_into_either_database_and_back(amount):
    for name in ("sqlite", "postgresql"):
        dialect = Dialect(name)
        assert Money().process_result_value(Money().process_bind_param(amount, dialect), dialect) == amount


@given(st.decimals(0, 1, places=6))
def test_every_share_survives_the_way_into_either_database_and_back(share):
    for name in ("sqlite", "postgresql"):
        dialect = Dialect(name)
        assert Share().process_result_value(Share().process_bind_param(share, dialect), dialect) == share


@given(st.lists(AMOUNTS.map(lambda amount: amount / 100_000).map(lambda a: a.quantize(Decimal("0.0001"))), max_size=50))
def test_sums_of_what_sqlite_keeps_are_the_sums_of_the_amounts(amounts):
    dialect = Dialect("sqlite")
    total = sum(Money().process_bind_param(amount, dialect) for amount in amounts)
    assert Money().process_result_value(total, dialect) == sum(amounts, Decimal(0))
