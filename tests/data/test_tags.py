"""Tags in the store: versions, four eyes, two people on one line, going back, and the trail of it all."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from budget_model.errors import AccessError, InputError, NotFoundError, StaleVersionError
from data.store import audit, lines
from data.store import tags as store
from data.store.audit import COMMAND_LINE
from data.store.engine import transaction
from data.store.tables import User
from data.workflows.tag_bulk import BulkChange, apply_bulk, approve_bulk, preview_bulk, review_bulk
from data.workflows.tag_eyes import needs_another
from data.workflows.tag_ratings import load_agreement, rate_line
from data.workflows.tagged_lines import approved_tags, tagged_lines
from data.workflows.tags import approve_tag, dispute_tag, propose_tag, return_tag, review_tag
from tests.support import store_fingerprint
from tests.tag_builders import ANA, BETO, CARLA, MONA, PRINCIPAL, SITE, make_tag_site

YEAR = 2026


@pytest.fixture
def site_id(factory):
    return make_tag_site(factory)


def propose(factory, content=PRINCIPAL, actor=ANA, code="a", **options):
    return propose_tag(factory, SITE, YEAR, code, content, "Because of the plan", actor, **options)


def approved(factory, code="a", content=PRINCIPAL):
    propose(factory, content, code=code)
    review_tag(factory, SITE, YEAR, code, BETO)
    return approve_tag(factory, SITE, YEAR, code, BETO)


def refused_rules(call):
    with pytest.raises(InputError) as refused:
        call()
    return [problem.rule for problem in refused.value.problems]


def test_a_tag_is_proposed_reviewed_and_approved_and_each_step_is_a_version(factory, site_id):
    state = approved(factory)
    assert (state.version, state.state, state.author, state.actor, state.approved_version) == (
        3,
        "approved",
        ANA,
        BETO,
        3,
    )
    with factory() as session:
        versions = store.list_versions(session, site_id, (YEAR, "a"))
        trail = [entry for entry in audit.list_entries(session, site_id) if entry.action.startswith("tag.")]
    assert [(one.version, one.action, one.state, one.actor, one.author) for one in versions] == [
        (1, "propose", "proposed", ANA, ANA),
        (2, "review", "reviewed", BETO, ANA),
        (3, "approve", "approved", BETO, ANA),
    ]
    assert all(one.rationale == "Because of the plan" for one in versions)
    assert [(entry.action, entry.detail["version"]) for entry in reversed(trail)] == [
        ("tag.propose", 1),
        ("tag.review", 2),
        ("tag.approve", 3),
    ]
    assert trail[-1].detail["changes"]["marker"] == [None, "2"]


@pytest.mark.parametrize("step", [review_tag, approve_tag])
def test_the_author_never_reviews_or_approves_her_own_content(factory, site_id, step):
    propose(factory)
    if step is approve_tag:
        review_tag(factory, SITE, YEAR, "a", BETO)
    assert refused_rules(lambda: step(factory, SITE, YEAR, "a", ANA)) == ["tag_four_eyes"]


def test_whoever_changes_the_content_becomes_its_author(factory, site_id):
    propose(factory)
    propose(factory, {**PRINCIPAL, "sharp": "S1"}, BETO)
    assert refused_rules(lambda: review_tag(factory, SITE, YEAR, "a", BETO)) == ["tag_four_eyes"]
    assert review_tag(factory, SITE, YEAR, "a", ANA).state == "reviewed"


def test_who_let_another_person_reword_her_proposal_does_not_pass_it_alone(factory, site_id):
    """Ana's facets with Beto's words: Ana may review, and somebody else approves; not Beto, whose version it is."""
    propose(factory)
    propose_tag(factory, SITE, YEAR, "a", PRINCIPAL, "In other words", BETO)
    review_tag(factory, SITE, YEAR, "a", ANA)
    assert refused_rules(lambda: approve_tag(factory, SITE, YEAR, "a", ANA)) == ["tag_second_person"]
    assert refused_rules(lambda: approve_bulk(factory, SITE, {(YEAR, "a"): 3}, ANA)) == ["tag_second_person"]
    assert refused_rules(lambda: approve_tag(factory, SITE, YEAR, "a", BETO)) == ["tag_four_eyes"]
    assert approve_tag(factory, SITE, YEAR, "a", CARLA).state == "approved"


def test_who_wrote_a_part_does_not_pass_the_whole_alone(factory, site_id):
    propose(factory)
    propose(factory, {**PRINCIPAL, "sharp": "S1"}, BETO)
    review_tag(factory, SITE, YEAR, "a", ANA)
    assert refused_rules(lambda: approve_tag(factory, SITE, YEAR, "a", ANA)) == ["tag_second_person"]


def test_after_going_back_to_her_own_version_an_office_of_two_can_go_on(factory, site_id):
    propose(factory)
    propose_tag(factory, SITE, YEAR, "a", PRINCIPAL, "In other words", BETO)
    return_tag(factory, SITE, YEAR, "a", 1, ANA, "As it was")
    review_tag(factory, SITE, YEAR, "a", BETO)
    assert approve_tag(factory, SITE, YEAR, "a", BETO).author == ANA


def test_who_wrote_what_another_person_goes_back_to_does_not_pass_it_alone(factory, site_id):
    propose(factory)
    propose(factory, {"marker": "0"}, BETO)
    return_tag(factory, SITE, YEAR, "a", 1, BETO, "As it was")
    assert refused_rules(lambda: review_tag(factory, SITE, YEAR, "a", BETO)) == ["tag_four_eyes"]
    review_tag(factory, SITE, YEAR, "a", ANA)
    assert refused_rules(lambda: approve_tag(factory, SITE, YEAR, "a", ANA)) == ["tag_second_person"]
    assert refused_rules(lambda: approve_tag(factory, SITE, YEAR, "a", BETO)) == ["tag_four_eyes"]
    assert approve_tag(factory, SITE, YEAR, "a", CARLA).state == "approved"


def test_whoever_goes_back_to_a_reviewed_version_stands_for_it_and_leaves_both_steps_to_others(factory, site_id):
    """Nobody's name stood for the content; with the return Carla's does."""
    propose(factory, actor=COMMAND_LINE)
    review_tag(factory, SITE, YEAR, "a", BETO)
    dispute_tag(factory, SITE, YEAR, "a", CARLA, "Not sure")
    state = return_tag(factory, SITE, YEAR, "a", 2, CARLA, "It was right")
    assert (state.state, state.author) == ("proposed", CARLA)
    assert refused_rules(lambda: review_tag(factory, SITE, YEAR, "a", CARLA)) == ["tag_four_eyes"]
    review_tag(factory, SITE, YEAR, "a", BETO)
    assert approve_tag(factory, SITE, YEAR, "a", BETO).state == "approved"


def test_a_return_of_earlier_times_does_not_hide_who_reviewed(factory, site_id):
    """Then a return kept the state of the version that it went back to."""
    propose(factory, actor=COMMAND_LINE)
    review_tag(factory, SITE, YEAR, "a", BETO)
    with factory() as session:
        versions = store.list_versions(session, site_id, (YEAR, "a"))
    old = SimpleNamespace(
        **{name: getattr(versions[-1], name) for name in ("state", "author", "content")},
        version=3,
        action="return",
        actor=CARLA,
        restored_version=2,
    )
    assert needs_another([*versions, old], BETO)


def test_a_nameless_proposal_takes_two_people(factory, site_id):
    propose(factory, actor=COMMAND_LINE)
    review_tag(factory, SITE, YEAR, "a", BETO)
    assert refused_rules(lambda: approve_tag(factory, SITE, YEAR, "a", BETO)) == ["tag_second_person"]
    assert approve_tag(factory, SITE, YEAR, "a", CARLA).state == "approved"


def test_nothing_is_approved_that_was_not_reviewed(factory, site_id):
    propose(factory)
    assert refused_rules(lambda: approve_tag(factory, SITE, YEAR, "a", BETO)) == ["tag_state"]
    assert refused_rules(lambda: review_tag(factory, SITE, YEAR, "b", BETO)) == ["tag_none"]


def test_the_command_line_without_a_name_proposes_and_never_approves(factory, site_id):
    propose(factory, actor=COMMAND_LINE)
    assert refused_rules(lambda: review_tag(factory, SITE, YEAR, "a", COMMAND_LINE)) == ["tag_nameless"]
    assert review_tag(factory, SITE, YEAR, "a", ANA).state == "reviewed"


def test_the_role_is_asked_for_at_the_site(factory, site_id):
    for actor in (MONA, "nobody"):
        with pytest.raises(AccessError):
            propose(factory, actor=actor)
    propose(factory)
    with pytest.raises(AccessError):
        review_tag(factory, SITE, YEAR, "a", MONA)
    assert dispute_tag(factory, SITE, YEAR, "a", MONA, "It serves men alike").state == "disputed"
    with transaction(factory) as session:
        session.query(User).filter_by(login=BETO).one().is_active = False
    with pytest.raises(AccessError):
        propose(factory, actor=BETO)


def test_the_second_of_two_people_is_told_what_the_first_did_and_nothing_is_lost(factory, site_id):
    propose(factory)
    propose(factory, {"marker": "0", "sharp": "S3"}, BETO, based_on=1)
    with pytest.raises(StaleVersionError) as stale:
        propose(factory, {**PRINCIPAL, "policy": "04"}, CARLA, based_on=1)
    error = stale.value
    assert (error.based_on, error.found, error.by, error.action) == (1, 2, BETO, "propose")
    assert error.changes["marker"] == ("2", "0")
    assert error.changes["sharp"] == (None, "S3")
    assert "'beto' saved version 2" in str(error)
    assert "marker: 2 → 0" in str(error)
    with factory() as session:
        assert [one.author for one in store.list_versions(session, site_id, (YEAR, "a"))] == [ANA, BETO]


def test_an_untagged_line_is_version_0(factory, site_id):
    propose(factory, based_on=0)
    with pytest.raises(StaleVersionError) as stale:
        propose(factory, actor=BETO, based_on=0)
    assert stale.value.changes["state"] == (None, "proposed")
    assert refused_rules(lambda: propose(factory, {"marker": "0"}, based_on=9)) == ["tag_version"]


def test_saying_the_same_again_stores_nothing(factory, site_id, engine):
    propose(factory, evidence=["Acta 12"])
    before = store_fingerprint(engine)
    assert not propose(factory, evidence=["Acta 12", " "]).saved
    assert store_fingerprint(engine) == before
    assert propose(factory, evidence=["Acta 13"]).version == 2


def test_a_dispute_needs_a_reason_and_the_approved_version_counts_until_another_one_is(factory, site_id):
    approved(factory)
    assert refused_rules(lambda: dispute_tag(factory, SITE, YEAR, "a", CARLA, "  ")) == ["tag_text_missing"]
    state = dispute_tag(factory, SITE, YEAR, "a", CARLA, "No indicator is followed")
    assert (state.version, state.state, state.approved_version) == (4, "disputed", 3)
    with factory() as session:
        assert approved_tags(session, site_id)[YEAR, "a"].tag.marker == "2"
        assert approved_tags(session, site_id)[YEAR, "a"].newest_state == "disputed"
    propose(factory, {"marker": "0"}, CARLA)
    review_tag(factory, SITE, YEAR, "a", ANA)
    assert approve_tag(factory, SITE, YEAR, "a", ANA).approved_version == 7
    with factory() as session:
        assert approved_tags(session, site_id)[YEAR, "a"].tag.marker == "0"


def test_a_dispute_can_be_answered_with_the_same_content(factory, site_id):
    propose(factory)
    dispute_tag(factory, SITE, YEAR, "a", BETO, "Why?")
    assert propose(factory).state == "proposed"


def test_going_back_is_a_new_proposal_with_the_content_of_then(factory, site_id):
    approved(factory)
    propose(factory, {"marker": "0"}, CARLA)
    state = return_tag(factory, SITE, YEAR, "a", 3, BETO, "The plan still stands")
    assert (state.version, state.state, state.content["marker"], state.author) == (5, "proposed", "2", BETO)
    with factory() as session:
        last = store.list_versions(session, site_id, (YEAR, "a"))[-1]
    assert (last.action, last.restored_version, last.reason) == ("return", 3, "The plan still stands")


@pytest.mark.parametrize("actor", [ANA, BETO, COMMAND_LINE])
def test_nobody_alone_changes_what_counts_by_going_back_to_what_was_approved_once(factory, site_id, actor):
    """Version 3 (principal) was approved, then 6 (not targeted): 6 counts until somebody else approves 3 again."""
    approved(factory)
    propose(factory, {"marker": "0"}, CARLA)
    review_tag(factory, SITE, YEAR, "a", BETO)
    approve_tag(factory, SITE, YEAR, "a", BETO)

    def counting():
        with factory() as session:
            return approved_tags(session, site_id)[YEAR, "a"].tag.marker

    state = return_tag(factory, SITE, YEAR, "a", 3, actor, "Version 3 was right")
    assert (state.version, state.state, state.approved_version, counting()) == (7, "proposed", 6, "0")
    if actor != COMMAND_LINE:
        assert refused_rules(lambda: review_tag(factory, SITE, YEAR, "a", actor)) == ["tag_four_eyes"]
        assert refused_rules(lambda: approve_tag(factory, SITE, YEAR, "a", actor)) == ["tag_state"]
    review_tag(factory, SITE, YEAR, "a", CARLA)
    if actor != COMMAND_LINE:
        assert refused_rules(lambda: approve_tag(factory, SITE, YEAR, "a", actor)) == ["tag_four_eyes"]
    assert counting() == "0"
    other = BETO if actor == COMMAND_LINE else CARLA
    assert approve_tag(factory, SITE, YEAR, "a", other).approved_version == 9
    assert counting() == "2"


def test_the_author_who_goes_back_to_her_own_content_needs_four_eyes_again(factory, site_id):
    approved(factory)
    propose(factory, {"marker": "0"}, BETO)
    assert return_tag(factory, SITE, YEAR, "a", 3, ANA, "Mine was right").state == "proposed"
    assert refused_rules(lambda: review_tag(factory, SITE, YEAR, "a", ANA)) == ["tag_four_eyes"]
    with pytest.raises(NotFoundError):
        return_tag(factory, SITE, YEAR, "a", 99, ANA, "Further")


def test_a_tag_for_a_line_that_is_gone_is_refused_and_comes_back_with_the_line(factory, site_id, engine):
    approved(factory)
    with transaction(factory) as session:
        session.delete(lines.load_line(session, site_id, YEAR, "a"))
    before = store_fingerprint(engine)
    assert refused_rules(lambda: propose(factory, {"marker": "0"})) == ["tag_line_gone"]
    assert refused_rules(lambda: dispute_tag(factory, SITE, YEAR, "a", BETO, "Gone")) == ["tag_line_gone"]
    with pytest.raises(NotFoundError):
        propose(factory, code="never")
    assert store_fingerprint(engine) == before
    with factory() as session:
        assert [line.code for line in tagged_lines(session, site_id)] == ["b", "c"]
    from tests.store_builders import budget_row

    with transaction(factory) as session:
        lines.save_lines(session, site_id, "test", [budget_row("a", YEAR)])
    with factory() as session:
        tags = {line.code: line.tag for line in tagged_lines(session, site_id)}
    assert tags["a"].marker == "2"
    assert tags["b"] is None


@pytest.mark.parametrize(
    ("content", "rationale", "rule"),
    [
        ({"marker": "2"}, "x", "tag_evidence_missing"),
        (PRINCIPAL, "", "tag_text_missing"),
        (PRINCIPAL, "x" * 4001, "tag_text_long"),
        ({"women_share_percent": 200, "women_share_method": "survey"}, "x", "tag_value_wrong"),
    ],
)
def test_what_is_unsound_changes_nothing_stored(factory, site_id, engine, content, rationale, rule):
    before = store_fingerprint(engine)
    rules = refused_rules(lambda: propose_tag(factory, SITE, YEAR, "a", content, rationale, ANA))
    assert rule in rules
    assert store_fingerprint(engine) == before


# --- many at once ----------------------------------------------------------------------------------------------------

KEYS = [(YEAR, "a"), (YEAR, "b"), (YEAR, "c")]
CHANGE = BulkChange({"sharp": "S3", "policy": None}, "All general")


def test_a_bulk_change_is_shown_first_and_keeps_what_it_does_not_name(factory, site_id, engine):
    propose(factory, {**PRINCIPAL, "policy": "04"})
    before = store_fingerprint(engine)
    with factory() as session:
        preview = preview_bulk(session, site_id, KEYS, CHANGE, BETO)
    assert store_fingerprint(engine) == before
    assert [line.code for line in preview.changed] == ["a", "b", "c"]
    assert preview.lines[0].changes == {"policy": ("04", None), "sharp": (None, "S3")}
    assert preview.lines[0].content["marker"] == "2"
    states = apply_bulk(factory, SITE, preview.versions(), CHANGE, BETO)
    assert [(state.code, state.version, state.author) for state in states] == [
        ("a", 2, BETO),
        ("b", 1, BETO),
        ("c", 1, BETO),
    ]
    with factory() as session:
        batches = {one.batch for key in KEYS for one in store.list_versions(session, site_id, key)[-1:]}
    assert len(batches) == 1
    assert batches != {None}


def test_a_bulk_change_stops_if_one_line_changed_after_the_preview(factory, site_id, engine):
    with factory() as session:
        versions = preview_bulk(session, site_id, KEYS, CHANGE, BETO).versions()
    propose(factory, code="c")
    before = store_fingerprint(engine)
    with pytest.raises(StaleVersionError, match="'ana' saved version 1"):
        apply_bulk(factory, SITE, versions, CHANGE, BETO)
    assert store_fingerprint(engine) == before


def test_a_bulk_change_that_is_unsound_for_one_line_is_done_for_none(factory, site_id, engine):
    propose(factory, {"marker": "0"}, code="b")
    change = BulkChange({"marker": "1", **{name: text for name, text in PRINCIPAL.items() if name != "marker"}}, "x")
    bad = BulkChange({"beneficiary": None, "other_beneficiaries": ["girls"]}, "x")
    with factory() as session:
        preview = preview_bulk(session, site_id, KEYS, bad, BETO)
        assert len(preview.refused) == 3
        assert not preview_bulk(session, site_id, KEYS, change, BETO).refused
    before = store_fingerprint(engine)
    assert (
        refused_rules(lambda: apply_bulk(factory, SITE, preview.versions(), bad, BETO)) == ["tag_main_beneficiary"] * 3
    )
    assert store_fingerprint(engine) == before


def test_bulk_leaves_tagged_lines_alone_when_asked_to(factory, site_id):
    propose(factory, code="b")
    change = BulkChange({"marker": "0"}, "Nothing for gender", only_untagged=True)
    with factory() as session:
        preview = preview_bulk(session, site_id, KEYS, change, BETO)
    assert [line.code for line in preview.changed] == ["a", "c"]
    assert [state.code for state in apply_bulk(factory, SITE, preview.versions(), change, BETO)] == ["a", "c"]


def test_many_are_reviewed_and_approved_at_once_by_a_second_person(factory, site_id, engine):
    for code in "abc":
        propose(factory, code=code, actor=BETO if code == "c" else ANA)
    versions = dict.fromkeys(KEYS, 1)
    before = store_fingerprint(engine)
    assert refused_rules(lambda: review_bulk(factory, SITE, versions, BETO)) == ["tag_four_eyes"]
    assert store_fingerprint(engine) == before
    assert len(review_bulk(factory, SITE, versions, CARLA)) == 3
    states = approve_bulk(factory, SITE, dict.fromkeys(KEYS, 2), CARLA)
    assert {state.state for state in states} == {"approved"}


def test_no_line_and_too_many_lines_are_refused(factory, site_id):
    assert refused_rules(lambda: apply_bulk(factory, SITE, {}, CHANGE, ANA)) == ["tag_bulk_none"]
    many = {(YEAR, str(number)): 0 for number in range(5001)}
    assert refused_rules(lambda: apply_bulk(factory, SITE, many, CHANGE, ANA)) == ["tag_bulk_many"]


# --- raters ----------------------------------------------------------------------------------------------------------


def test_agreement_counts_blind_ratings_and_first_proposals_only(factory, site_id):
    """ana proposes 2, 0, 0; beto rates 2, 0, 2 blind: 2 of 3 agree."""
    propose(factory)
    for code in "bc":
        propose(factory, {"marker": "0"}, code=code)
    for code, value in zip("abc", ("2", "0", "2"), strict=True):
        rate_line(factory, SITE, YEAR, code, "oecd_dac", "1", BETO)
        rate_line(factory, SITE, YEAR, code, "oecd_dac", value, BETO)
    propose(factory, {"marker": "0"}, CARLA)  # has seen ana's
    with factory() as session:
        report = load_agreement(session, site_id, "oecd_dac")
        assert load_agreement(session, site_id, "sharp").alpha is None
    assert (report.raters, report.units) == ((ANA, BETO), 3)
    (pair,) = report.pairs
    assert pair.agreed == 2
    # observed 2/3; expected 1/3 x 2/3 + 2/3 x 1/3 = 4/9; kappa (2/3 - 4/9) / (5/9) = 0.4
    assert pair.kappa == pytest.approx(0.4)


def test_a_rating_outside_the_scheme_is_refused(factory, site_id):
    assert refused_rules(lambda: rate_line(factory, SITE, YEAR, "a", "oecd_dac", "NS", BETO)) == ["tag_rating"]
    with pytest.raises(NotFoundError):
        rate_line(factory, SITE, YEAR, "a", "nobody", "1", BETO)
    with pytest.raises(NotFoundError):
        rate_line(factory, SITE, YEAR, "z", "oecd_dac", "1", BETO)
