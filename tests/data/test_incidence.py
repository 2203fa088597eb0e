"""Expenditure incidence of a site: money of its programmes, users by register, question and need."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from budget_model.errors import CatalogueError, InputError, NotFoundError
from data.readers.incidence_questions import parse_questions
from data.store.engine import transaction
from data.store.lines import load_line, save_lines
from data.store.tables import ProgrammeLineShare
from data.workflows.incidence import divide, gather_basis
from data.workflows.indicators import run_indicators
from data.workflows.programmes import import_programmes
from data.workflows.surveys import import_survey
from tests.store_builders import budget_row
from tests.workflow_builders import CATALOGUE, MAPPING, PROGRAMMES, Workshop, make_workshop

# Persons by household: h1 two women, one man at weight 2; h2 a woman at 1; h3 and h4 a man and a woman at 1.5.
# By income h2 (1 person), h1 (6), h3 (3), h4 (3) of 13: places 0.04, 0.31, 0.65, 0.88, so fifths 1, 2, 4, 5.
HOUSEHOLDS = """KEY,Sector,Water,weight,income
h1,N,tap,2,100
h2,N,well,1,50
h3,S,well,1.5,200
h4,S,tap,1.5,400
"""
INCOME = "income: {column: income, source: asked}\n"


@pytest.fixture
def ready(tmp_path: Path, factory) -> Workshop:
    workshop = make_workshop(tmp_path, factory)
    mapping = workshop.write("map.yaml", MAPPING)
    files = workshop.survey_files(households=HOUSEHOLDS)
    import_survey(workshop.factory, workshop.bank, "testville", "2026", files, mapping, "ana")
    run_indicators(workshop.factory, workshop.bank, "testville", "2026", CATALOGUE, "ana")
    import_programmes(workshop.factory, "testville", PROGRAMMES, "ana")
    return workshop


def run(workshop: Workshop, text: str = INCOME, **options):
    with workshop.factory() as session:
        questions = parse_questions(text, "q.yaml")
        basis = gather_basis(session, workshop.bank, "testville", questions=questions, **options)
        return divide(session, workshop.bank, basis)


def test_users_by_need_and_register_meet_the_figures_worked_by_hand(ready):
    """Taps: 100.01 among those without a tap, h2 (1) and h3 (a man, a woman, 1.5 each).

    Jobs: 20 by the register, 15 for women, 5 for men; among women of 15 and more who do not work: h2 (1), h3 and h4
    (1.5 each), among men h3.
    """
    found = run(ready)
    women_of_taps = 100.01 * 2.5 / 4
    assert found.whole.by_sex == pytest.approx([women_of_taps + 15, 100.01 - women_of_taps + 5])
    fifths = [100.01 / 4 + 15 / 4, 0, 0, 100.01 * 3 / 4 + 15 * 1.5 / 4 + 5, 15 * 1.5 / 4]
    assert found.whole.by_fifth == pytest.approx(fifths)
    taps, jobs = found.programmes
    assert (taps.sex_from, taps.income_from, taps.users) == ("survey", "need", None)
    assert (jobs.sex_from, jobs.income_from, jobs.users) == ("register", "need", (3, 1))
    assert jobs.cost_per_user == 5
    assert found.without_income == 0


def test_a_question_tells_the_users_and_fees_are_taken_off(ready):
    use = (
        "programmes:\n  taps: {users: {condition: Water = 'tap', source: asked}, fees: {value: 20.01, source: fees}}\n"
    )
    taps = run(ready, INCOME + use).programmes[0]
    # h1: two women, a man at weight 2; h4: a man, a woman at 1.5; 80 in all
    assert taps.net == pytest.approx(80)
    assert taps.users == pytest.approx((5.5, 3.5))
    assert taps.result.by_fifth == pytest.approx([0, 80 * 6 / 9, 0, 0, 80 * 3 / 9])
    assert taps.income_from == "question"


def test_hours_are_those_that_each_user_spares_at_home(ready):
    use = (
        "hour_value: {value: 2, source: assumption}\n"
        "programmes:\n  jobs: {hours_saved: {women: 3, men: 0.5, source: assumption}}\n"
    )
    jobs = run(ready, INCOME + use).programmes[1]
    assert jobs.hours == (4 * 3 * 52, 4 * 0.5 * 52)


def test_a_stated_reach_divides_money_between_needs_and_sexes(ready):
    text = PROGRAMMES.replace(
        "- {need: NO_TAP, reach: need,", "- {need: WORKS, reach: {women: 0.1, men: 0.4}, effectiveness: 0.5, "
        'ceiling: 0.9, source: "assumption"}\n      - {need: NO_TAP, reach: {women: 0.5, men: 0.0},'
    )  # fmt: skip
    import_programmes(ready.factory, "testville", text, "ana")
    taps = run(ready).programmes[0]
    assert taps.sex_from == "reach"
    # half of the users are of each need: 0.1 + 0.5 women of 1
    assert taps.result.by_sex == pytest.approx([100.01 * 0.6, 100.01 * 0.4])
    # women without a tap: h2 (1), h3 (1.5); women without work: h2, h3, h4; men without work: h3
    fifth_1 = 100.01 * (0.5 / 2.5 + 0.1 / 4)
    assert taps.result.by_fifth[0] == pytest.approx(fifth_1)
    assert taps.result.by_fifth[4] == pytest.approx(100.01 * 0.1 * 1.5 / 4)


def test_money_comes_from_the_lines_of_the_year_at_the_stage(ready):
    with transaction(ready.factory) as session:
        save_lines(session, 1, "test", [budget_row("1", labels={}, pim=Decimal("400"), accrued=Decimal("100.50"))])
        line = load_line(session, 1, 2026, "1")
        session.add(ProgrammeLineShare(programme_id=1, budget_line_id=line.id, share=Decimal("0.5")))
    found = run(ready, stage="accrued").programmes[0]
    assert found.spent == pytest.approx(100.01 + 50.25)
    with pytest.raises(InputError, match="Line '1' of 2026 has no figure 'paid'"):
        run(ready, stage="paid")


REFUSALS = [
    ("{}", InputError, "Round '2026' has no column 'income_per_head'"),
    (INCOME + "programmes: {tapz: {}}", CatalogueError, "no programme 'tapz'. Did you mean 'taps'?"),
    (
        INCOME + "programmes: {taps: {users: {condition: Wather = 'tap', source: asked}}}",
        CatalogueError,
        "programme 'taps', users.condition: ",
    ),
    (
        INCOME + "programmes: {taps: {fees: {value: 200, source: fees}}}",
        InputError,
        "which is more than the 100.01 PEN",
    ),
]


@pytest.mark.parametrize(("text", "error", "words"), REFUSALS)
def test_what_cannot_be_divided_is_refused(ready, text, error, words):
    with pytest.raises(error) as caught:
        run(ready, text)
    assert words in str(caught.value)


def test_an_unknown_key_of_the_questions_is_refused_with_its_line():
    with pytest.raises(CatalogueError, match="line 2"):
        parse_questions("programmes:\n  taps: {user: {condition: x = 1}}\n", "q.yaml")


def test_an_unknown_round_or_site_is_not_found(ready):
    with pytest.raises(NotFoundError):
        run(ready, round_code="1999")


# ---- commands


def test_the_command_prints_tables_and_one_document(ready, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", str(ready.factory.kw["bind"].url.render_as_string(hide_password=False)))
    monkeypatch.setenv("BANK_FOLDER", str(ready.bank))
    questions = str(ready.write("q.yaml", INCOME))
    answer = CliRunner().invoke(main, ["incidence", "run", "testville", "--questions", questions])
    assert answer.exit_code == 0, answer.output
    assert "Concentration index" in answer.stdout
    assert "Assumption: " in answer.stderr
    printed = CliRunner().invoke(main, ["incidence", "run", "testville", "--questions", questions, "--json"]).stdout
    document = json.loads(printed)
    assert document["by_group"]["women"]["amount"] == pytest.approx(100.01 * 2.5 / 4 + 15)
    assert document["by_group"]["women"]["amount_low"] <= document["by_group"]["women"]["amount"]
    assert document["programmes"][1]["women_and_men_from"] == "register"
    assert set(document["assumptions"]) == {"cost", "register", "survey", "need", "fifths", "income"}


def test_a_table_of_groups_gives_the_published_index():
    file = Path(__file__).resolve().parents[2] / "data" / "examples" / "under_five_deaths_india.csv"
    answer = CliRunner().invoke(main, ["incidence", "table", str(file)])
    assert "Concentration index: -0.1694" in answer.stdout


def test_a_broken_table_is_refused_with_its_lines(tmp_path):
    file = tmp_path / "t.csv"
    file.write_text("group,population,benefit\npoor,1,x\nrich,,2\n", encoding="utf-8")
    answer = CliRunner().invoke(main, ["incidence", "table", str(file)])
    assert answer.exit_code == 1
    assert "line 2" in answer.stderr
    assert "line 3" in answer.stderr
    file.write_text("a,b\n", encoding="utf-8")
    assert "found 'a', 'b'" in CliRunner().invoke(main, ["incidence", "table", str(file)]).stderr
