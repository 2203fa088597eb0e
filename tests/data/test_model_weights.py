"""Weights of the model: 1 without focus groups, mixed as stated with them, and told by the model."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from sqlalchemy import select

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.portable import parse_model
from budget_model.coverage.scenario import simulate
from dashboard.context import PageContext
from dashboard.pages import simulate_panels as page
from dashboard.services import make_services
from dashboard.views.simulate import page_view
from data.readers.focus_groups import FocusGroupRecord
from data.store.tables import Need, Site
from data.workflows.focus_groups import save_sessions
from data.workflows.models import build_model, latest_round_id
from data.workflows.priorities import set_mix
from tests.dashboard.conftest import person
from tests.simulate_site import make_simulate_store


@pytest.fixture
def store(tmp_path):
    made = make_simulate_store(tmp_path, needs=4, programmes=3, areas=2)
    yield made
    made.factory.kw["bind"].dispose()


def model_of(store):
    with store.factory() as session:
        site = session.scalars(select(Site).where(Site.slug == "lomas")).one()
        return build_model(session, site.id, latest_round_id(session, site.id))


def hold_session(store, women=12, **scores):
    record = FocusGroupRecord(
        held_on=date(2026, 3, 14),
        place="Local",
        composition="women",
        facilitator="Red",
        participants={"female": {"unknown": women}},
        priorities={"women": scores or {"N00": 6.0, "N01": 3.0, "N02": 0.0}},
    )
    save_sessions(store.factory, "lomas", [record], "ana")


def weights(document):
    return {need["id"]: need["weight"] for need in document["needs"]}


def test_without_a_mix_sessions_change_nothing(store):
    before = model_of(store)
    hold_session(store)
    assert model_of(store) == before
    assert "weight_mix" not in before
    assert all(weight == {"women": 1.0, "men": 1.0} for weight in weights(before).values())


def test_a_mix_of_zero_is_the_model_without_one(store):
    before = model_of(store)
    hold_session(store)
    set_mix(store.factory, "lomas", Decimal("0.4"), "participants", "ana", "acuerdo")
    set_mix(store.factory, "lomas", Decimal(0), "participants", "ana", "retirado")
    assert model_of(store) == before


def test_a_mix_weighs_the_needs_as_documented(store):
    """Three needs on the table with 6/9, 3/9, 0: factors 2, 1, 0. With 0.4: 0.6 + 0.4·2 = 1.4, 1, 0.6; the rest 1."""
    hold_session(store)
    set_mix(store.factory, "lomas", Decimal("0.4"), "participants", "ana", "acuerdo")
    document = model_of(store)
    found = weights(document)
    assert [found[need]["women"] for need in ("N00", "N01", "N02", "N03")] == pytest.approx([1.4, 1.0, 0.6, 1.0])
    assert {weight["men"] for weight in found.values()} == {1.0}  # no session of men
    assert document["weight_mix"]["focus_share"] == 0.4
    assert document["weight_mix"]["participants"] == {"women": 12, "men": 0}


def test_a_group_of_too_few_does_not_weigh(store):
    hold_session(store, women=5)
    set_mix(store.factory, "lomas", Decimal("1"), "session", "ana", "acuerdo")
    assert all(weight["women"] == 1.0 for weight in weights(model_of(store)).values())


def test_a_weight_stored_with_a_need_is_the_surveys_part(store):
    hold_session(store)
    with store.factory() as session:
        for need in session.scalars(select(Need)):
            need.weight = 2.0
        session.commit()
    assert weights(model_of(store))["N00"] == {"women": 2.0, "men": 2.0}
    set_mix(store.factory, "lomas", Decimal("0.5"), "session", "ana", "acuerdo")
    assert weights(model_of(store))["N00"]["women"] == pytest.approx(0.5 * 2 + 0.5 * 2)
    assert weights(model_of(store))["N02"]["women"] == pytest.approx(0.5 * 2 + 0.5 * 0)


def test_only_the_weighted_coverage_changes(store):
    plain = model_of(store)
    hold_session(store)
    set_mix(store.factory, "lomas", Decimal("0.4"), "participants", "ana", "acuerdo")
    results = [simulate(calibrate(parse_model(copy.deepcopy(one)))) for one in (plain, model_of(store))]
    first, second = (one.groups for one in results)
    np.testing.assert_array_equal(first.coverage, second.coverage)
    np.testing.assert_array_equal(first.weighted_coverage, first.coverage)
    assert second.weighted_coverage[0] != pytest.approx(second.coverage[0])
    assert second.weighted_coverage[1] == pytest.approx(second.coverage[1])


def test_simulate_says_where_the_weights_come_from(store):
    services = make_services(store)
    user = person(services, "ana")
    context = PageContext("en", services.sites.find(user, "lomas"), user, {}, "simulate")
    assert "Every need weighs the same here" in str(page.honesty_panel(workbench(services, context), context))
    hold_session(store)
    set_mix(store.factory, "lomas", Decimal("0.4"), "participants", "ana", "acuerdo")
    mixed = workbench(services, context)
    assert "come 40% from the focus groups and 60% from the survey" in str(page.honesty_panel(mixed, context))
    view = page_view(mixed, context, {}, False)
    assert view["is_weighted"] is True
    assert view["texts"]["weighted"] == "weighted by priority {share} (40% focus groups)"


def workbench(services, context):
    return services.simulate.workbench(context.user, context.site)
