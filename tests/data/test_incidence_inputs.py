"""Users of programmes brought in by sites: read whole or refused with every place, kept on record, and used."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from budget_model.errors import CatalogueError, InputError
from data.readers.incidence_users import read_users
from data.store.audit import list_entries
from data.store.incidence_inputs import list_inputs
from data.workflows.incidence import divide, gather_basis
from data.workflows.incidence_inputs import gone_programmes, import_input, stored_inputs, withdraw_input
from data.workflows.indicators import run_indicators
from data.workflows.programmes import import_programmes
from data.workflows.surveys import import_survey
from tests.data.test_incidence import HOUSEHOLDS, INCOME
from tests.support import store_fingerprint
from tests.workflow_builders import CATALOGUE, MAPPING, PROGRAMMES, Workshop, make_workshop

HEADER = "programme,sex,fifth,users,source\n"


def table(code: str = "taps", women=(5, 4, 3, 2, 1), men=(1, 0, 0, 0, 4), source: str = "count of 2026") -> str:
    rows = [(sex, fifth + 1, users) for sex, of in (("women", women), ("men", men)) for fifth, users in enumerate(of)]
    return HEADER + "".join(f"{code},{sex},{fifth},{users},{source}\n" for sex, fifth, users in rows)


@pytest.fixture
def ready(tmp_path: Path, factory) -> Workshop:
    workshop = make_workshop(tmp_path, factory)
    mapping = workshop.write("map.yaml", MAPPING)
    files = workshop.survey_files(households=HOUSEHOLDS)
    import_survey(workshop.factory, workshop.bank, "testville", "2026", files, mapping, "ana")
    run_indicators(workshop.factory, workshop.bank, "testville", "2026", CATALOGUE, "ana")
    import_programmes(workshop.factory, "testville", PROGRAMMES, "ana")
    return workshop


def bring_in(workshop: Workshop, text: str, name: str = "users.csv") -> str:
    return import_input(workshop.factory, "testville", name, text.encode(), "ana", workshop.bank)


def run(workshop: Workshop):
    with workshop.factory() as session:
        stored = stored_inputs(session, 1)
        basis = gather_basis(session, workshop.bank, "testville", questions=stored.questions, counted=stored.users)
        return divide(session, workshop.bank, basis)


def test_a_table_divides_the_money_by_its_users(ready):
    """Fifths of the survey are 1 (h2), 2 (h1), 4 (h3), 5 (h4); nobody of the survey is in fifth 3, women of it too."""
    bring_in(ready, INCOME, "questions.yaml")
    assert bring_in(ready, table()) == "users"
    taps = run(ready).programmes[0]
    assert (taps.sex_from, taps.income_from, taps.users) == ("table", "table", (15.0, 5.0))
    assert taps.cost_per_user == pytest.approx(100.01 / 20)
    assert taps.result.by_sex == pytest.approx([100.01 * 15 / 20, 100.01 * 5 / 20])
    # men of fifth 1: the survey has none there, so their money counts by sex and not by fifth, as that of fifth 3
    assert taps.result.by_fifth == pytest.approx(
        [100.01 * 5 / 20, 100.01 * 4 / 20, 0, 100.01 * 2 / 20, 100.01 * 5 / 20]
    )
    assert taps.result.without_fifth == pytest.approx(100.01 * 4 / 20)


def test_the_newest_table_counts_and_a_withdrawn_one_does_not(ready):
    bring_in(ready, INCOME, "questions.yaml")
    bring_in(ready, table())
    bring_in(ready, table(women=(0, 0, 0, 0, 0), men=(0, 2, 0, 0, 0)))
    assert run(ready).programmes[0].result.by_sex == pytest.approx([0, 100.01])
    withdraw_input(ready.factory, "testville", "users", "ana")
    assert run(ready).programmes[0].sex_from == "survey"
    with pytest.raises(InputError, match="nothing of this kind"):
        withdraw_input(ready.factory, "testville", "users", "ana")
    with ready.factory() as session:
        assert [row.kind for row in list_inputs(session, 1)] == ["users", "users", "users", "questions"]
        done = [(entry.actor, entry.action) for entry in list_entries(session, 1) if "incidence" in entry.action]
    assert done == [("ana", "incidence.withdraw"), *[("ana", "incidence.import")] * 3]


def test_a_programme_that_has_gone_is_left_out_and_told(ready):
    bring_in(ready, table("jobs"))
    only_taps = PROGRAMMES[: PROGRAMMES.index("  - code: jobs")]
    import_programmes(ready.factory, "testville", only_taps, "ana")
    with ready.factory() as session:
        assert stored_inputs(session, 1).users == {}
        assert gone_programmes(session, 1) == ["jobs"]


BROKEN = [
    (table().replace("women,2,4", "women,2,many"), "users.csv, line 3, column users: 'many' is not a number"),
    (table().replace("women,2,4", "women,6,4"), "line 3, column fifth: '6' is no fifth"),
    (table().replace("women,2,4", "children,2,4"), "line 3, column sex: 'children' is no sex"),
    (table().replace("women,2,4,count of 2026", "women,2,4,"), "line 3, column source: The source is missing"),
    (table().replace("taps,women,2", ",women,2"), "line 3, column programme: The code of the programme is missing"),
    (table().replace("women,2,4", "women,1,4"), "line 3, column fifth: Programme 'taps' has this sex and fifth twice"),
    (table().replace("taps,men,5,4,count of 2026\n", ""), "line 2: Programme 'taps' lacks men 5"),
    (table(women=(0,) * 5, men=(0,) * 5), "Programme 'taps' has no user at all"),
    (table().replace("women,2,4", "women,2,-4"), "'-4' is not a number of users"),
    (table().replace("women,2,4", "women,2,1e3"), "'1e3' is not a number of users"),
    (table().replace(",source", ",origin"), "line 1: The table lacks the column source"),
    (HEADER, "The table has no row"),
    (table("tapz"), "users.csv, line 2: The site has no programme 'tapz'. Did you mean 'taps'?"),
]


@pytest.mark.parametrize(("text", "words"), BROKEN)
def test_a_broken_table_is_refused_in_its_place_and_nothing_is_stored(ready, engine, text, words):
    before = store_fingerprint(engine, ready.bank)
    with pytest.raises(InputError) as caught:
        bring_in(ready, text)
    assert words in str(caught.value)
    assert store_fingerprint(engine, ready.bank) == before


def test_every_problem_of_a_table_is_told_at_once(ready):
    text = table().replace("women,2,4", "women,2,x").replace("men,5,4", "men,9,4")
    with pytest.raises(InputError) as caught:
        bring_in(ready, text)
    assert [problem.line for problem in caught.value.problems][:2] == [3, 11]


def test_questions_that_the_round_cannot_answer_are_refused(ready, engine):
    before = store_fingerprint(engine, ready.bank)
    wrong = INCOME + "programmes: {taps: {users: {condition: Watr = 'tap', source: asked}}}\n"
    with pytest.raises(CatalogueError, match="Watr"):
        bring_in(ready, wrong, "q.yaml")
    with pytest.raises(InputError, match="no column 'incom'"):
        bring_in(ready, INCOME.replace("column: income", "column: incom"), "q.yaml")
    with pytest.raises(CatalogueError, match="no programme 'tapz'"):
        bring_in(ready, INCOME + "programmes: {tapz: {}}\n", "q.yaml")
    with pytest.raises(InputError, match="neither a table"):
        bring_in(ready, "x", "users.pdf")
    with pytest.raises(InputError, match="not UTF-8"):
        import_input(ready.factory, "testville", "q.yaml", b"income: \xff", "ana", ready.bank)
    assert store_fingerprint(engine, ready.bank) == before


def test_questions_come_back_as_they_were_brought_in(ready):
    text = (
        INCOME + "hour_value: {value: 5.43, source: wage}\n"
        "programmes:\n  taps: {users: {condition: Water = 'tap', source: asked}, fees: {value: 20.01, source: fees}}\n"
        "  jobs: {hours_saved: {women: 3, men: 0.5, source: assumption}}\n"
    )
    assert bring_in(ready, text, "q.yaml") == "questions"
    found = run(ready)
    assert found.programmes[0].net == pytest.approx(80)
    assert found.programmes[1].hours == (4 * 3 * 52, 4 * 0.5 * 52)
    assert str(found.hour_value.value) == "5.43"


def test_a_workbook_in_spanish_is_read_too(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Programa", "Sexo", "Quintil", "Usuarios", "Fuente"])
    for sex in ("Mujeres", "Hombres"):
        for fifth in range(1, 6):
            sheet.append(["taps", sex, fifth, fifth * 10.5, "padrón"])
    file = tmp_path / "usuarios.xlsx"
    book.save(file)
    found = read_users(file)["taps"]
    assert found.users == ((10.5, 21.0, 31.5, 42.0, 52.5),) * 2
    assert found.source == "padrón"


def test_the_commands_keep_use_and_withdraw(ready, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", str(ready.factory.kw["bind"].url.render_as_string(hide_password=False)))
    monkeypatch.setenv("BANK_FOLDER", str(ready.bank))

    def invoke(*words: str):
        return CliRunner().invoke(main, ["incidence", *words])

    questions, users = str(ready.write("q.yaml", INCOME)), str(ready.write("u.csv", table()))
    assert invoke("import", "testville", questions).exit_code == 0
    assert json.loads(invoke("import", "testville", users, "--json").stdout)["kind"] == "users"
    document = json.loads(invoke("run", "testville", "--json").stdout)
    assert document["programmes"][0]["women_and_men_from"] == "table"
    assert "table" in document["assumptions"]
    assert invoke("withdraw", "testville", "users").exit_code == 0
    document = json.loads(invoke("run", "testville", "--json").stdout)
    assert document["programmes"][0]["women_and_men_from"] == "survey"
    refused = invoke("withdraw", "testville", "users")
    assert refused.exit_code == 1
    assert "nothing of this kind" in refused.stderr
