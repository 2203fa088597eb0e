"""The focus groups page: what it shows, who may do what, what is refused, names, versions, the mix."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from dash import no_update

from budget_model.errors import AccessError, InputError, NotFoundError
from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.pages import focus_answers, focus_cards
from dashboard.pages import focus_groups as page
from dashboard.pages import needs as needs_page
from dashboard.pages.focus_form import people_id, record_from, score_id, session_form
from dashboard.services import make_services
from dashboard.services.focus_groups import SurveyNeed
from dashboard.views.focus_groups import focus_view, session_facts
from data.settings import StoreSettings
from data.store import focus_groups as store_of_sessions
from tests.dashboard.conftest import Visitor, person
from tests.dashboard_seed import make_store
from tests.focus_seed import add_focus_groups, women_session


@pytest.fixture
def own_store(tmp_path):
    """A store of the test's own, with sessions."""
    made = make_store(tmp_path)
    add_focus_groups(made)
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture
def focus(own_store):
    return make_services(own_store)


@pytest.fixture
def at(focus):
    """The context of the page for somebody."""

    def context(login="ana", language="en", slug="valle", **query):
        user = person(focus, login)
        return PageContext(language, focus.sites.find(user, slug), user, query, page.NAME)

    return context


def text_of(component):
    return json.dumps(component, default=lambda part: part.to_plotly_json(), ensure_ascii=False)


def board_of(focus, context):
    return focus.focus_groups.board(context.user, context.site)


FIELDS = {
    "edited": None,
    "held_on": "2026-04-02",
    "area": "*",
    "place": "Plaza",
    "composition": "women",
    "facilitator": "Red de mujeres Micaela Bastidas",
    "method": "points",
    "findings": "Falta agua.",
    "quotes": "Una cita.\n\nOtra cita.",
    "reason": "",
}
PEOPLE = [(people_id("female", "18-29"), "7"), (people_id("male", "18-29"), "99")]
SCORES = [(score_id("women", "WATER"), "3"), (score_id("women", "HINS"), "1,5"), (score_id("men", "WATER"), "9")]


def typed(changes=(), people=PEOPLE, scores=SCORES):
    return lambda: record_from({**FIELDS, **dict(changes)}, people, scores, {"WATER": "Water"})


def save(focus, context, changes=(), hints=(), confirmed=False, **options):
    fields = {**FIELDS, **dict(changes)}
    return focus_answers.save(focus, context, typed(changes, **options), fields, hints, confirmed)


# ---- what is shown ---------------------------------------------------------------------------------------------------


def test_needs_stand_with_persons_interval_ranks_and_priorities(focus, at):
    context = at()
    view = focus_view(board_of(focus, context), context)
    # women: 300 ± 1.96·10; shares 0.55, 0.3, 0.3 over 1.15; men: (8·2/6 + 3·1)/11 over 1.0151… = 0.5075 …
    assert view.table[0][:5] == ("People without safe water", "300 (280–320)", "1", "47.8%", "1")
    assert [row[0] for row in view.table] == [
        "People without safe water",
        "People without health insurance",
        "Illiteracy",
        "People with something rare",
    ]
    rare = view.table[3]
    assert rare[3:5] == ("–", "–")  # was on no table
    assert "Women in the focus groups put first: People without safe water (47.8%)." in view.finding


def test_the_survey_ranks_the_most_persons_first_and_ties_share_a_place(focus, at):
    survey = board_of(focus, at()).survey
    assert survey["women"]["HINS"] == SurveyNeed(250, None, None, 2)
    assert [survey["men"][need].rank for need in ("HINS", "WATER", "ILLIT", "RARE")] == [1, 2, 3.5, 3.5]


def test_agreement_is_told_with_its_number_of_needs(focus, at):
    context = at()
    rows = focus_view(board_of(focus, context), context).agreement
    assert [row[3] for row in rows] == ["3", "3", "3"]
    assert rows[0][4] == "too few needs in common to say"


def test_what_few_said_is_shown_in_sums_only(focus, at):
    context = at()
    board = board_of(focus, context)
    small = next(one for one in board.sessions if one.code == "FG-3")
    assert small.is_small
    shown = text_of(focus_cards.content(board, context))
    assert "Solo una voz" not in shown
    assert "Casi nadie vino" not in shown
    assert ("Place", "Local comunal") in session_facts(small, board, context)
    assert board.priorities["men"].participants == 11  # they count in the sum


def test_a_group_of_too_few_has_no_priorities_anywhere(focus, at):
    context = at()
    for code in ("FG-2",):
        focus.focus_groups.withdraw(context.user, context.site, code, 1, "prueba")
    board = board_of(focus, context)
    assert board.priorities["men"] is None  # three men are left
    assert "Priorities of men are shown, and count, from 6 participants in all." in focus_view(board, context).hidden
    header = needs_page.export_header(context, focus.focus_groups.priorities(context.user, context.site))
    assert header[-2:] == [
        "Women's priority, focus groups of the site (rank)",
        "Men's priority, focus groups of the site (rank)",
    ]


def test_the_needs_page_has_the_priorities_beside_the_figures_for_everybody(focus, at):
    for login in ("ana", None):
        context = at(login)
        priorities = focus.focus_groups.priorities(context.user, context.site)
        shown = text_of(needs_page.layout(focus, context))
        assert priorities["women"].participants == 22
        assert "47.8% (1)" in shown
        assert "dos horas" not in shown  # no findings there


def test_a_site_without_sessions_has_no_columns_of_priorities(services, see):
    assert "focus groups" not in text_of(needs_page.layout(services, see(language="en")))


def test_every_page_is_complete_in_both_languages(focus, at):
    for language in ("es", "en"):
        assert text_of(page.layout(focus, at(language=language)))
    shown = text_of(page.layout(focus, at(language="es", edit="FG-1")))
    assert "Editar FG-1" in shown
    assert "El agua llega dos horas al día." in shown


# ---- who may ---------------------------------------------------------------------------------------------------------


def test_only_people_of_the_site_see_sessions_and_only_some_enter_them(focus, at, own_store):
    app = create_app(Settings(StoreSettings("unused", own_store.bank_folder), "k" * 40), focus)
    opened = {
        login: Visitor(app.server.test_client(), login).get("/es/valle/focus-groups").status_code
        for login in (None, "beto", "carla", "sol", "ana")
    }
    assert opened == {None: 302, "beto": 403, "carla": 200, "sol": 200, "ana": 200}
    monitor = text_of(page.layout(focus, at("carla")))
    assert "focus-save" not in monitor
    surveyor = text_of(page.layout(focus, at("sol")))
    assert "focus-save" in surveyor
    assert "focus-set-mix" not in surveyor
    assert "focus-set-mix" in text_of(page.layout(focus, at("ana")))


def test_the_service_checks_the_role_at_the_very_site(focus, at):
    monitor, foreign, surveyor = at("carla"), at("beto", slug="pampa"), at("sol")
    valle = surveyor.site
    with pytest.raises(AccessError):
        focus.focus_groups.save(monitor.user, valle, women_session(code=None), based_on=None, accepted=(), reason="")
    with pytest.raises(AccessError):
        focus.focus_groups.board(foreign.user, valle)
    with pytest.raises(AccessError):
        focus.focus_groups.to_edit(monitor.user, valle, "FG-1")
    with pytest.raises(AccessError):
        focus.focus_groups.withdraw(monitor.user, valle, "FG-1", 1, "x")
    with pytest.raises(AccessError):
        focus.focus_groups.set_mix(surveyor.user, valle, Decimal("0.3"), "session", "x")
    with pytest.raises(NotFoundError):
        focus.focus_groups.to_edit(foreign.user, foreign.site, "FG-1")


# ---- entering --------------------------------------------------------------------------------------------------------


def test_what_is_typed_becomes_a_session_and_fields_out_of_sight_are_left_out():
    record = typed()()
    assert record.participants == {"female": {"18-29": 7}}
    assert record.priorities == {"women": {"WATER": 3.0, "HINS": 1.5}}
    assert record.quotes == ("Una cita.", "Otra cita.")
    assert (record.area, record.code) == (None, None)


@pytest.mark.parametrize(
    ("changes", "people", "scores", "rule"),
    [
        ({"held_on": None}, PEOPLE, SCORES, "focus.date"),
        ({}, [(people_id("female", "18-29"), "siete")], SCORES, "focus.number"),
        ({}, [(people_id("female", "18-29"), "-1")], SCORES, "focus.number"),
        ({}, PEOPLE, [(score_id("women", "WATER"), "1,000")], "focus.score_text"),
    ],
)
def test_what_is_no_number_or_day_is_refused_by_name(changes, people, scores, rule):
    with pytest.raises(InputError) as refused:
        typed(changes, people, scores)()
    assert [problem.rule for problem in refused.value.problems] == [rule]


def test_a_session_is_saved_and_the_form_is_empty_again(focus, at):
    context = at("sol")
    content, form, message, _hints, hidden, kept, confirmed = save(focus, context)
    assert "Saved: FG-004, version 1." in text_of(message)
    assert "FG-004" in text_of(content)
    assert "Falta agua" not in text_of(form)
    assert (hidden, kept, confirmed) == (True, [], False)


def test_all_that_is_wrong_is_told_in_the_readers_language_and_nothing_is_stored(focus, at, own_store):
    context = at(language="es")
    changes = {"place": "", "facilitator": "", "held_on": "2999-01-01"}
    content, form, message, *_rest = save(focus, context, changes)
    shown = text_of(message)
    assert "Falta el lugar" in shown
    assert "Falta la organización" in shown
    assert "“2999-01-01” no es un día" in shown
    assert (content, form) == (no_update, no_update)
    assert [one.code for one in board_of(focus, context).sessions] == ["FG-1", "FG-2", "FG-3"]


def test_names_in_the_notes_are_stored_only_when_somebody_confirms_them(focus, at):
    context = at()
    named = {"findings": "Según María Quispe falta agua."}
    content, _form, message, hints, hidden, kept, confirmed = save(focus, context, named)
    assert (content, message, hidden, kept, confirmed) == (no_update, None, False, ["María Quispe"], False)
    assert "looks like a person's name" in text_of(hints)
    assert len(board_of(focus, context).sessions) == 3
    # a tick that was there before anything was shown confirms nothing
    assert save(focus, context, named, confirmed=True)[0] is no_update
    # a tick for one name does not let another in
    other = save(focus, context, {"findings": "Según Rosa Huamán falta agua."}, hints=kept, confirmed=True)
    assert (other[0], other[5]) == (no_update, ["María Quispe", "Rosa Huamán"])
    assert "Saved" in text_of(save(focus, context, named, hints=kept, confirmed=True)[2])


def test_an_edit_is_a_new_version_and_an_outdated_one_is_told_whose_is_newer(focus, at):
    ana, sol = at("ana"), at("sol")
    changes = {"edited": {"code": "FG-1", "version": 1}, "reason": "la hora"}
    assert "Saved: FG-1, version 2." in text_of(save(focus, ana, changes)[2])
    assert "ana saved version 2" in text_of(save(focus, sol, changes | {"place": "Mercado"})[2])


def test_a_withdrawal_needs_a_reason_and_keeps_the_versions(focus, at, own_store):
    context = at()
    fields = {**FIELDS, "edited": {"code": "FG-1", "version": 1}}
    assert "Say why the session is withdrawn." in text_of(focus_answers.withdraw(focus, context, fields)[2])
    done = focus_answers.withdraw(focus, context, {**fields, "reason": "dos veces"})
    assert "Withdrawn: FG-1." in text_of(done[2])
    with own_store.factory() as session:
        assert len(store_of_sessions.list_versions(session, context.site.id, "FG-1")) == 2


def test_an_edit_shows_what_was_entered_and_gives_the_same_back(focus, at):
    context = at()
    editing = focus.focus_groups.to_edit(context.user, context.site, "FG-1")
    shown = session_form(board_of(focus, context), context, editing)
    fields, people, scores = {}, [], []
    collect(shown, fields, people, scores)
    names = {key: fields.get(component) for key, (component, _prop) in page.FIELDS.items()}
    names |= {"edited": {"code": "FG-1", "version": 1}, "reason": ""}
    again = record_from(names, people, scores, {})
    assert again.participants == editing.record.participants
    assert again.priorities == editing.record.priorities
    assert (again.quotes, again.area, again.method) == (editing.record.quotes, "S1", "points")


def collect(component, fields, people, scores):
    """Values of the fields of a form."""
    for part in [component, *component._traverse()]:
        key = getattr(part, "id", None)
        if isinstance(key, dict):
            (people if key["type"] == "focus-people" else scores).append((key, part.value))
        elif key is not None:
            fields[str(key)] = getattr(part, "value", None)


# ---- the mix ---------------------------------------------------------------------------------------------------------


def test_the_mix_is_set_with_author_day_and_reason(focus, at):
    context = at()
    content, message = focus_answers.change_mix(focus, context, "30", "participants", "acuerdo del 2 de abril")
    assert "The mix is set." in text_of(message)
    shown = text_of(content)
    assert "30% from the focus groups and 70% from the survey" in shown
    assert "Set by ana on" in shown
    board = board_of(focus, context)
    # three of the four needs were on the table: 3·0.4783 = 1.4348; 0.7 + 0.3·1.4348; the fourth keeps 1
    assert board.weights["women"]["WATER"] == pytest.approx(0.7 + 0.3 * 3 * 0.55 / 1.15)
    assert board.weights["women"]["RARE"] == 1


@pytest.mark.parametrize(
    ("share", "reason", "told"),
    [
        ("120", "x", "“120.0 %” is not a share"),
        ("a lot", "x", "“a lot” is not a share"),
        ("", "x", "is not a share"),
        ("30", " ", "who agreed"),
    ],
)
def test_a_mix_that_cannot_be_is_refused_in_words(focus, at, share, reason, told):
    context = at()
    content, message = focus_answers.change_mix(focus, context, share, "session", reason)
    assert content is no_update
    assert told in text_of(message)
    assert board_of(focus, context).mix.set_by is None
