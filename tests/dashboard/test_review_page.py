"""Review desk: what is asked of the queue, the form of a tag, steps of two people, bulk, blind rating, light pages."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from dash import no_update

from budget_model.spending.tags import parse_tag
from dashboard.context import PageContext
from dashboard.pages import review
from dashboard.pages.review_bulk import BulkIds, apply_kept, bulk_change, preview_bulk, ticked
from dashboard.pages.review_panel import PanelIds, line_panel
from dashboard.pages.review_rows import BLOCK, page_of, sort_model
from dashboard.pages.review_steps import Typed, step_of, take_step
from dashboard.services import make_services
from dashboard.views.review import desk_filters, key_of, queue_query, sort_of
from dashboard.views.review_tags import content_of, form_values, item_answers, score_sentence
from data.readers.schemes import read_schemes
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tags import list_versions
from tests.dashboard.conftest import person
from tests.dashboard_seed import add_user, make_store

SCHEMES = read_schemes()
KEY = (2026, "20-1")
ALL_YES = {code: f"{item.scores[-1]:f}" for code, item in SCHEMES["ph_hgdg"].items().items()}
PRINCIPAL = {"marker": "2", "objective": "Menos violencia", "indicator": "IPV12", "gap": "40 %", "rationale": "Plan"}


@pytest.fixture
def own_store(tmp_path):
    made = make_store(tmp_path)
    with transaction(made.factory) as session:
        add_user(session, "dora", "Dora Luna", "official", load_site(session, "valle").id)
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture
def desk(own_store):
    """Services, and the context of a person at `valle`."""
    services = make_services(own_store)

    def context(login, language="es", **query):
        user = person(services, login)
        return PageContext(language, services.sites.find(user, "valle"), user, query, "review")

    return services, context


def versions(store, key=KEY):
    with store.factory() as session:
        site = load_site(session, "valle")
        return [(one.state, one.actor) for one in list_versions(session, site.id, key)]


def text_of(component):
    return json.dumps(component, default=lambda one: one.to_plotly_json(), ensure_ascii=False)


# --- what is asked for ---------------------------------------------------------------------------------------------


def test_choices_that_are_not_there_fall_back_and_reach_no_query():
    found = desk_filters({"year": "1999", "show": "x", "by": "colour", "part": "red", "text": None}, [2025, 2026], [])
    assert (found.year, found.show, found.by, found.part, found.text) == (2026, "all", "", "", "")
    assert queue_query(found, "ana").not_author is None


def test_what_i_may_review_was_proposed_by_somebody_else():
    query = queue_query(desk_filters({"show": "to-review"}, [2026], []), "ana", offset=100)
    assert (query.states, query.not_author, query.offset) == (("proposed",), "ana", 100)
    assert queue_query(desk_filters({"show": "to-approve"}, [2026], []), "ana").states == ("reviewed",)


def test_the_grids_sorting_passes_over_what_the_queue_cannot_sort_by():
    model = [{"colId": "name", "sort": "asc"}, {"colId": "site_id", "sort": "asc"}, {"colId": "pim", "sort": "desc"}]
    assert sort_of([*model, "x"], "target") == [("label:target", False), ("pim", True)]
    assert sort_of(None, "") == []


@pytest.mark.parametrize("text", [None, "", "x|a", "2026", "2026|", 7])
def test_an_id_that_is_none_names_no_line(text):
    assert key_of(text) is None


# --- form ----------------------------------------------------------------------------------------------------------


def test_what_a_form_shows_of_a_tag_gives_the_same_tag_again():
    content = {
        "marker": "1",
        "objective": "Menos violencia",
        "indicator": "IPV12",
        "gap": "40 %",
        "policy": "04",
        "beneficiary": "women",
        "other_beneficiaries": ["girls"],
        "women_share_percent": "97.5",
        "women_share_method": "register",
        "needs": [{"need": "IPV12", "weight": "0.6", "overlap": "nested"}],
        "attribution": {"scheme": "ph_hgdg", "answers": ALL_YES},
        "is_locked": True,
        "lock_law": "Ley 24059",
        "start_year": 2027,
    }
    again = content_of(form_values(content), item_answers(content))
    assert parse_tag(again, SCHEMES) == parse_tag(content, SCHEMES)


def test_an_empty_form_says_nothing_and_a_decimal_comma_is_a_point():
    assert content_of(form_values({}), {}) == {}
    values = form_values({}) | {"women_share_percent": "97,5", "women_share_method": "-"}
    assert content_of(values, {}) == {"women_share_percent": "97.5"}


def test_points_of_the_form_count_only_when_every_question_is_answered(see):
    scheme, context = SCHEMES["ph_hgdg"], see("ana", "en")
    assert "20.00 of 20 points: Fully gender-responsive (100 %)" in score_sentence(scheme, ALL_YES, context)
    assert "1 questions are still" in score_sentence(scheme, {**ALL_YES, "7.0": ""}, context)


# --- steps ---------------------------------------------------------------------------------------------------------


def test_a_tag_goes_from_one_person_to_another_and_the_author_cannot_approve_it(desk, own_store):
    services, context = desk
    panel, message, done = take_step(services, context("ana"), PanelIds.PROPOSE, Typed(KEY, 0, PRINCIPAL))
    assert "Propuesta" in text_of(panel)
    assert (done["version"], done["key"], done["row"]["state"], done["row"]["version"]) == (1, KEY, "Propuesta", 1)
    refused, message, _done = take_step(services, context("ana"), PanelIds.REVIEW, Typed(KEY, 1))
    assert refused is no_update
    assert "cuatro ojos" in text_of(message)
    take_step(services, context("dora"), PanelIds.REVIEW, Typed(KEY, 1))
    panel, message, _done = take_step(services, context("dora"), PanelIds.APPROVE, Typed(KEY, 2))
    assert "Esta versión cuenta" in text_of(panel)
    assert versions(own_store) == [("proposed", "ana"), ("reviewed", "dora"), ("approved", "dora")]


def test_the_second_of_two_people_keeps_what_they_wrote_and_can_put_it_on_top(desk, own_store):
    services, context = desk
    take_step(services, context("ana"), PanelIds.PROPOSE, Typed(KEY, 0, PRINCIPAL))
    late = {"marker": "0", "rationale": "General"}
    panel, message, done = take_step(services, context("dora"), PanelIds.PROPOSE, Typed(KEY, 0, late))
    assert (panel, done) == (no_update, no_update)  # the form with everything in it stays
    shown = text_of(message)
    assert "ana guardó la versión 1" in shown
    assert '"data-review-step": "review-propose"' in shown
    assert '"data-on-version": "1"' in shown
    assert versions(own_store) == [("proposed", "ana")]
    take_step(services, context("dora"), PanelIds.PROPOSE, Typed(KEY, 1, late))
    assert versions(own_store) == [("proposed", "ana"), ("proposed", "dora")]


def test_refusals_name_the_facet_and_change_nothing(desk, own_store):
    services, context = desk
    typed = Typed(KEY, 0, {"marker": "2", "women_share_percent": "50", "rationale": "x"})
    _panel, message, _done = take_step(services, context("ana", "en"), PanelIds.PROPOSE, typed)
    assert "Equality objective: The marker 2 lacks something" in text_of(message)
    assert "How the women's share is known" in text_of(message)
    assert versions(own_store) == []


def test_a_dispute_needs_a_reason_and_a_return_brings_back_an_earlier_version(desk, own_store):
    services, context = desk
    take_step(services, context("ana"), PanelIds.PROPOSE, Typed(KEY, 0, PRINCIPAL))
    _panel, message, _done = take_step(services, context("carla"), PanelIds.DISPUTE, Typed(KEY, 1))
    assert "motivo" in text_of(message)
    take_step(services, context("carla"), PanelIds.DISPUTE, Typed(KEY, 1, reason="Faltan datos"))
    take_step(services, context("dora"), PanelIds.PROPOSE, Typed(KEY, 2, {"marker": "0", "rationale": "General"}))
    panel, _message, _done = take_step(
        services, context("dora"), PanelIds.RETURN, Typed(KEY, 3, reason="Mejor la primera", version="1")
    )
    assert "Menos violencia" in text_of(panel)
    assert [state for state, _ in versions(own_store)] == ["proposed", "disputed", "proposed", "proposed"]


def test_a_monitor_has_no_form_and_an_official_does(desk):
    services, context = desk
    assert "review-field" not in text_of(line_panel(services, context("carla"), KEY))
    assert "review-field" in text_of(line_panel(services, context("ana"), KEY))


# --- many lines ----------------------------------------------------------------------------------------------------


def test_a_bulk_change_is_shown_before_it_is_made_and_stops_where_somebody_was_quicker(desk, own_store):
    services, context = desk
    change = bulk_change({"marker": "0", "sharp": "S3"}, "General", False)
    assert dict(change.facets) == {"marker": "0", "sharp": "S3"}
    keys = [KEY, (2026, "18-1")]
    shown, kept, is_hidden = preview_bulk(services, context("ana"), keys, change)
    assert "2 líneas cambiarían" in text_of(shown)
    assert not is_hidden
    take_step(services, context("dora"), PanelIds.PROPOSE, Typed(KEY, 0, PRINCIPAL))
    message, done = apply_kept(services, context("ana"), kept)
    assert "dora guardó la versión 1" in text_of(message)
    assert done is no_update
    assert versions(own_store, (2026, "18-1")) == []
    _shown, kept, _hidden = preview_bulk(services, context("ana"), keys, change)
    _message, done = apply_kept(services, context("ana"), kept)
    assert done == {"bulk": 2}
    assert versions(own_store, (2026, "18-1")) == [("proposed", "ana")]


def test_a_bulk_change_without_a_rationale_or_with_a_refused_line_cannot_be_made(desk):
    services, context = desk
    for change in (bulk_change({"marker": "0"}, " ", False), bulk_change({"marker": "2"}, "Plan", False)):
        _shown, kept, is_hidden = preview_bulk(services, context("ana"), [KEY], change)
        assert (kept, is_hidden) == (None, True)


def test_ticked_rows_are_taken_for_what_they_can_name():
    rows = [{"id": "2026|a", "version": 3}, {"id": "x"}, "y", {"id": "2026|b", "version": "1"}]
    assert ticked(rows) == {(2026, "a"): 3}


# --- page ----------------------------------------------------------------------------------------------------------

GRID_SCRIPT = "/_dash-component-suites/dash_ag_grid/"


def ask_rows(visitor, **choices):
    wanted = {"year": "2026", "show": "all", "marker": "-", "text": "", "by": "-", "part": ""} | choices
    page = {"sort": "pim-desc", "first": "0", "after": "100"}
    return visitor.get("/es/valle/review/rows.json", query_string=page | wanted)


def test_strangers_get_no_rows_and_officials_those_they_ask_for(visit_own):
    assert ask_rows(visit_own(None)).status_code == 302
    answer = ask_rows(visit_own("ana")).get_json()
    assert answer["count"] == 2
    assert [row["code"] for row in answer["rows"]] == ["18-1", "20-1"]
    assert answer["summary"].startswith("2 líneas mostradas de 2 de 2026")
    later = visit_own("ana").get("/es/valle/review/rows.json?year=2026&first=1&after=2").get_json()
    assert (later["count"], len(later["rows"]), "summary" in later) == (2, 1, False)
    assert answer["rows"][0]["pim"].split("\n")[0] == "549,999.50"  # the header says S/
    assert answer["rows"][0]["marker"] == ""  # nothing is known: not 0
    narrow = ask_rows(visit_own("ana"), text="20-1").get_json()
    assert [row["code"] for row in narrow["rows"]] == ["20-1"]


def test_an_official_of_another_site_gets_no_rows(visit_own):
    answer = ask_rows(visit_own("beto"))
    assert "549,999.50" not in answer.text


def test_the_grids_library_loads_on_the_desk_alone(visit_own):
    ana = visit_own("ana")
    assert GRID_SCRIPT in ana.get("/es/valle/review").text
    for page in ("needs", "simulate", "budget", ""):
        text = ana.get(f"/es/valle/{page}").text
        assert GRID_SCRIPT not in text
        assert "dash_renderer" in text or "dash-renderer" in text


def test_the_page_opens_on_a_line_of_its_address_and_tells_sums_by_function(visit_own):
    answer = visit_own("ana").open("/es/valle/review", "?line=20-1&by=function")
    text = json.dumps(answer.get_json(), ensure_ascii=False).replace("\u00a0", " ")
    for words in ("nadie ha dicho nada", "S/ 450,000.50", "Saneamiento", "2 líneas mostradas de 2 de 2026"):
        assert words in text


def test_a_line_that_is_not_there_is_told(visit_own):
    assert "No hay nada" in visit_own("ana").open("/es/valle/review", "?line=nothing").text


def test_a_blind_rater_does_not_see_the_tag_and_goes_on_to_the_next_line(desk, visit_own):
    services, context = desk
    take_step(services, context("ana"), PanelIds.PROPOSE, Typed((2026, "18-1"), 0, PRINCIPAL))
    dora = visit_own("dora")
    first = dora.open("/es/valle/review", "?rate=oecd_dac&year=2026").text
    assert "18-1" in first
    assert "Menos violencia" not in first
    fields = {"csrf_token": dora.token(), "scheme": "oecd_dac", "year": "2026", "code": "18-1", "value": "0"}
    answer = dora.client.post("/es/valle/review/rate", data=fields)
    assert answer.status_code == 303
    assert "20-1" in dora.open("/es/valle/review", "?rate=oecd_dac&year=2026").text
    found = services.tags.agreement(context("dora").user, context("dora").site, "oecd_dac", 2026)
    assert (found.units, found.pairs[0].agreed) == (1, 0)


def test_amounts_of_the_panel_are_exact(desk):
    services, context = desk
    detail = services.tags.line(context("ana").user, context("ana").site, *KEY)
    assert detail.amounts["pim"] == Decimal("450000.50")
    assert review.NAME == "review"
    assert BulkIds.APPLY == "review-bulk-apply"


def test_the_address_of_rows_says_order_and_place_and_nonsense_falls_back():
    assert sort_model("pim-desc.code-asc") == [{"colId": "pim", "sort": "desc"}, {"colId": "code", "sort": "asc"}]
    assert sort_model("pim.-.desc-x") == []
    assert page_of("40000", "40100") == (40_000, 100)
    assert page_of("x", "-3") == (0, BLOCK)
    assert page_of("0", "999999999") == (0, BLOCK)  # more than a page may have


def test_rows_that_are_asked_for_by_an_unknown_name_are_refused(visit_own):
    assert visit_own("ana").get("/es/valle/review/rows.json?colour=red").status_code == 400


def test_a_step_writes_only_the_head_of_the_panel_and_keeps_the_form_with_what_is_typed_in_it(desk):
    services, context = desk
    head, _message, _done = take_step(services, context("ana"), PanelIds.PROPOSE, Typed(KEY, 0, PRINCIPAL))
    assert "review-field" not in text_of(head)
    assert "Propuesta" in text_of(head)
    panel, _message, _done = take_step(
        services, context("dora"), PanelIds.DISPUTE, Typed(KEY, 1, reason="Faltan datos")
    )
    assert "review-field" in text_of(panel)  # the form opens


# --- what the panel's buttons post ---------------------------------------------------------------------------------


def post_step(visitor, **changed):
    values = PRINCIPAL | {"sharp": "-", "other_beneficiaries": [], "is_locked": False, "need.0.id": "-"}
    sent = {"step": "review-propose", "key": "2026|20-1", "based_on": "0", "values": values, "points": {}} | changed
    fields = {"csrf_token": visitor.token(), "sent": json.dumps(sent)}
    return visitor.client.post("/es/valle/review/step", data=fields)


def test_a_posted_step_is_stored_and_answers_with_the_row_the_message_and_the_head_of_the_panel(visit_own, own_store):
    answer = post_step(visit_own("ana")).get_json()
    assert versions(own_store) == [("proposed", "ana")]
    assert (answer["done"]["row"]["state"], answer["done"]["row"]["marker"], answer["folds"]) == (
        "Propuesta",
        "2",
        True,
    )
    assert "Ahora la revisa otra persona" in text_of(answer["message"])
    assert '"data-version": "1"' in text_of(answer["head"])


def test_a_posted_step_that_is_refused_says_why_and_stores_nothing(visit_own, own_store):
    answer = post_step(visit_own("ana"), values={"marker": "0", "rationale": " "}).get_json()
    assert answer["done"] is None
    assert "notice-danger" in text_of(answer["message"])
    assert "No hay nada" in text_of(post_step(visit_own("ana"), key="2026|nothing").get_json()["message"])
    assert "Su rol no lo permite" in text_of(post_step(visit_own("carla")).get_json()["message"])
    assert versions(own_store) == []


def test_steps_are_refused_to_strangers_and_without_a_token(visit_own, own_store):
    visitor = visit_own("ana")
    fields = {"sent": json.dumps({"step": "review-propose", "key": "2026|20-1", "based_on": "0"})}
    assert visitor.client.post("/es/valle/review/step", data=fields).status_code == 400
    assert post_step(visit_own("beto")).status_code in (403, 404)  # an official of another site
    assert post_step(visit_own(None)).status_code in (302, 401)
    assert versions(own_store) == []


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "[]",
        "{",
        {"step": "delete"},
        {"key": "nothing"},
        {"based_on": "-1"},
        {"based_on": None},
        {"values": []},
        {"values": {"marker": {"a": 1}}},
        {"points": {"1.0": [{}]}},
    ],
)
def test_what_the_page_would_not_have_sent_is_no_step(sent):
    sound = {"step": "review-propose", "key": "2026|20-1", "based_on": "0", "values": {}, "points": {}}
    assert step_of(json.dumps(sound)) is not None
    assert step_of(sent if isinstance(sent, str) else json.dumps(sound | sent)) is None


def test_a_field_of_no_form_is_passed_over():
    values = {"marker": "0", "need.x.id": "CARE05", "need.1.id": "CARE05", "Marker": "2"}
    sent = {"step": "review-propose", "key": "2026|20-1", "based_on": "0", "values": values, "points": {}}
    _step, typed = step_of(json.dumps(sent))
    assert dict(typed.values) == {"marker": "0", "need.1.id": "CARE05"}
