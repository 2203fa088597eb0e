"""Lines of municipalities: what was looked at, what counts, what the file declares, and whose lines are left out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from data.readers.declared_marks import declared_marks
from data.readers.schemes import read_schemes
from data.store.engine import transaction
from data.store.lines import save_lines
from data.store.sites import add_site
from data.workflows.municipal_lines import declared_share, lines_of_municipalities
from tests.store_builders import budget_row

VIOLENCE = "1002. PRODUCTOS ESPECÍFICOS PARA REDUCCIÓN DE LA VIOLENCIA CONTRA LA MUJER"


def lines_of(factory, *, is_synthetic=False, is_visible=True):
    with transaction(factory) as session:
        site = add_site(
            session,
            slug="ves",
            name="VES",
            country="PE",
            currency="PEN",
            official_code="150142",
            is_synthetic=is_synthetic,
            actor="test",
        )
        rows = [
            budget_row("1", 2024, labels={"function": "20. SALUD", "programme": VIOLENCE}, pim=Decimal(30)),
            budget_row("2", 2024, labels={"function": "18. SANEAMIENTO", "programme": "AGUA"}, pim=Decimal(70)),
        ]
        save_lines(session, site.id, "test", rows)
        scheme = read_schemes()["oecd_dac"]
        return lines_of_municipalities(session, "PE", scheme, lambda _site: is_visible)


def test_lines_that_nobody_tagged_are_kept_but_not_looked_at(factory):
    (year,) = lines_of(factory)["150142"]
    assert (year.gender.lines, year.gender.looked_at, year.gender.counted) == (2, 0, None)
    assert (year.gender.total, year.gender.declared) == (100, 30)  # the programme against violence is declared
    assert [(one.name, one.amounts["pim"]) for one in year.functions] == [("18. SANEAMIENTO", 70), ("20. SALUD", 30)]


@pytest.mark.parametrize("options", [{"is_synthetic": True}, {"is_visible": False}])
def test_invented_lines_and_lines_that_one_may_not_see_are_left_out(factory, options):
    assert lines_of(factory, **options) == {}


@pytest.mark.parametrize(
    ("labels", "stated", "share"),
    [
        ({"programme": VIOLENCE}, None, 1),
        ({"programme": "AGUA"}, None, 0),
        ({}, None, None),  # no programme is named: nothing is declared, which is not 0
        ({"programme": VIOLENCE}, Decimal("0.4"), Decimal("0.4")),
    ],
)
def test_a_stated_share_goes_before_a_mark_and_without_either_nothing_is_declared(labels, stated, share):
    assert declared_share(labels, stated, declared_marks("PE")) == share
