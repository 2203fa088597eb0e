"""Proposals side by side: what is certain is told as such, what is not known is told as not known, nothing else."""

from __future__ import annotations

import pytest

from dashboard.app import create_app
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.figures.people_svg import people_a_figure, people_svg
from dashboard.services import make_services
from dashboard.services.assembly import ScoreBoard
from dashboard.services.findings import Gap, SexFigure
from dashboard.views.side_by_side_words import gap_sentences, most_sentences, of_every, scale_of
from data.readers.process_file import parse_process
from data.settings import StoreSettings
from data.store.engine import transaction
from data.store.tables import Indicator
from data.workflows.processes import save_process
from data.workflows.proposal_scores import score_process
from data.workflows.proposals import save_proposal
from tests.dashboard import test_assembly_scores as scored

held = scored.held  # fixture
ENGLISH = PageContext("en")
YEAR = 2027


def figure(low, value, high):
    return {"low": low, "value": value, "high": high}


def board(**women):
    scores = {code: {"women": one, "men": None} for code, one in women.items()}
    return ScoreBoard(scores, {"Z": "no_need"}, {}, {}, 100, None)


def test_a_proposal_does_most_only_where_no_interval_of_another_reaches_its_own():
    clear = board(A=figure(77, 99, 119), B=figure(41, 53, 67))
    names = {"A": "Laundry", "B": "Water"}
    assert most_sentences(clear, names, ENGLISH) == [
        "A (Laundry) would meet the need of most women: between 77 and 119. B: 67 at most."
    ]
    close = board(A=figure(60, 99, 119), B=figure(41, 53, 67))
    assert most_sentences(close, names, ENGLISH) == [
        "For women it is not certain which does most: A between 60 and 119; B between 41 and 67."
    ]


def test_what_has_no_figures_is_named_and_never_among_the_others():
    clear = board(A=figure(7, 9, 11), B=figure(1, 2, 3))
    told = most_sentences(clear, {"A": "a", "B": "b", "Z": "z"}, ENGLISH)
    assert told[0].endswith("B: 3 at most.")
    assert told[1] == "What these would do is not known: Z."


def test_figures_of_people_stand_for_1_2_5_10_and_never_need_more_than_twenty():
    assert [people_a_figure([most]) for most in (0, 20, 21, 41, 119, 101, 5000)] == [1, 1, 2, 5, 10, 10, 500]
    drawn = people_svg(15, 20, 10, "women", "20 <b>")
    assert drawn.count('class="certain"') == 2  # 15 of 10 each: one and a half
    assert drawn.count('class="possible"') == 2
    assert 'width="5.00"' in drawn
    assert "<b>" not in drawn
    assert 'class="certain"' not in people_svg(0, 0, 10, "men", "none")


def test_of_every_so_many_has_one_scale_for_all_and_says_fewer_than_one():
    scale = scale_of([99 / 43575, 53 / 6425, 13 / 3720])  # the largest is 8.2 of 1,000
    assert scale == 1000
    assert of_every(99, 43575, scale, "women", ENGLISH) == ["Of every 1,000 women with this need: 2."]
    assert of_every(7, 16035, scale, "men", ENGLISH) == ["Of every 1,000 men with this need: fewer than one."]
    assert of_every(7, None, scale, "men", ENGLISH) == []


@pytest.mark.parametrize(
    ("women", "men", "change", "told"),
    [
        (0.289, 0.119, (0.05, 0.07), "It would narrow the difference by 0.05 to 0.07 percentage points."),
        (0.119, 0.289, (0.05, 0.07), "It would widen the difference by 0.05 to 0.07 percentage points."),
        (0.119, 0.289, (-0.07, -0.05), "It would narrow the difference by 0.05 to 0.07 percentage points."),
        (0.289, 0.119, (-0.02, 0.07), "It is not certain whether women or men gain more: −0.02 to +0.07"),
        (0.2001, 0.2002, (0.05, 0.07), "Women would gain more than men: 0.05 to 0.07 percentage points more."),
        (0.289, 0.119, (0.001, 0.002), "It would hardly change the difference"),
    ],
)
def test_a_difference_is_narrowed_or_widened_as_who_has_the_need_more_often_today(women, men, change, told):
    sides = [SexFigure(share, lacking=1.0) for share in (women, men)]
    need = Gap("N", {"en": "n"}, "d", "down", False, False, "", *sides)
    sentences = gap_sentences(need, figure(change[0], change[0], change[1]), ENGLISH)
    assert sentences[1].startswith(told)
    assert ("about equally" in sentences[0]) == (women == 0.2001)


def test_an_interval_whose_ends_are_said_alike_is_one_number():
    need = Gap(
        "N", {"en": "n"}, "d", "down", False, False, "", SexFigure(0.4, lacking=1.0), SexFigure(0.2, lacking=1.0)
    )
    told = gap_sentences(need, figure(0.011, 0.012, 0.014), ENGLISH)[1]
    assert told == "It would narrow the difference by about 0.01 percentage points."
    wider = gap_sentences(need, figure(-0.014, -0.012, -0.011), ENGLISH)[1]
    assert wider == "It would widen the difference by about 0.01 percentage points."


def read(store, slug, search, login=None):
    app = create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), make_services(store))
    client = scored.Visitor(app.server.test_client(), login).client
    return client.get(f"/en/{slug}/side-by-side{search}")


def test_proposals_stand_side_by_side_with_their_share_of_the_money_and_what_excludes_them(held):
    store, slug, codes = held
    save_process(store.factory, slug, YEAR, parse_process("envelope: 200000\n", "p.yaml"), "ana")
    scored.propose(store, slug, "SA", codes[0])
    scored.propose(store, slug, "SB", codes[2], excludes="SA")
    scored.propose(store, slug, "SC", "")
    score_process(store.factory, slug, YEAR, "ana", 100)
    text = read(store, slug, "?codes=SA,SB,SC").text
    assert text.count("25.0% of the envelope of") == 3  # 50,000 of 200,000
    assert "SA and SB cannot both be done." in text
    assert "What these would do is not known: SC." in text
    assert "year=2027&amp;codes=SA,SB,SC" in text
    assert '<div class="picture" role="img"' in text
    with transaction(store.factory) as session:
        row = session.query(Indicator).filter_by(code=codes[2]).first()
        row.definition = {**row.definition, "sensitive": True}
    assert "What these would do is not known: SB, SC." in read(store, slug, "?codes=SA,SB,SC").text
    with transaction(store.factory) as session:
        row = session.query(Indicator).filter_by(code=codes[2]).first()
        row.definition = {**row.definition, "sensitive": False}


def test_what_the_address_names_and_is_not_shown_is_told_and_too_few_or_many_are_not_compared(held):
    store, slug, codes = held
    for code in ("T1", "T2", "T3", "T4", "T5"):
        scored.propose(store, slug, code, codes[0])
    save_proposal(store.factory, slug, YEAR, {"code": "DRAFT", "title_es": "Borrador"}, "ana")
    text = read(store, slug, "?codes=T1,DRAFT,<b>").text
    assert "These are not among the proposals that are shown: DRAFT, &lt;b&gt;." in text
    assert "You chose 1. Choose 2 to 4" in text
    assert "<article" not in text
    assert "You chose 5. Choose 2 to 4" in read(store, slug, "?codes=T1,T2,T3,T4,T5").text
    assert read(store, slug, "?codes=T1&year=1999").status_code == 404


def test_the_form_is_answered_by_the_address_that_holds_the_choice(held):
    store, slug, _codes = held
    answer = read(store, slug, "?year=2027&projector=1&c=T1&c=T2")
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("?year=2027&projector=1&codes=T1%2CT2")
