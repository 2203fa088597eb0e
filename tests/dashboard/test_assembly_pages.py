"""Pages of the participatory budget: what the public sees, what officials may do, what is told where it is refused."""

from __future__ import annotations

import io
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from budget_model.spending.population import Count
from dashboard.services.assembly_processes import Registered, people_by_sex
from data.store.assembly import find_process
from data.store.engine import transaction
from data.store.populations import replace_population
from data.store.sites import load_site
from data.workflows.stored_votes import VoteToImport, import_vote
from data.workflows.vote_results import age_band
from data.writers.pabulib import pabulib_of
from tests.dashboard_seed import make_store
from tests.support import store_fingerprint

PROPOSAL = {"year": "2027", "seen": "0", "code": "A", "title_es": "Agua limpia", "cost": "60", "zone": "S1"}
FEASIBLE = {**PROPOSAL, "state": "feasible", "reason": "Se puede hacer", "need": "WATER", "women": "30"}


@pytest.fixture
def own_store(tmp_path):
    made = make_store(tmp_path)
    yield made
    made.factory.kw["bind"].dispose()


def post(visitor, page, name, fields):
    data = {"csrf_token": visitor.token(), **fields}
    return visitor.client.post(f"/es/valle/{page}/{name}", data=data, content_type="multipart/form-data")


def shown(visitor, page, search=""):
    answer = visitor.open(f"/es/valle/{page}", search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False)


def ballots(women=12, men=12):
    told = {"budget": "100", "vote_type": "approval", "rule": "greedy"}
    rows = [{"voter_id": f"w{i}", "vote": "A", "sex": "F"} for i in range(women)]
    rows += [{"voter_id": f"m{i}", "vote": "B", "sex": "M"} for i in range(men)]
    return pabulib_of(told, [{"project_id": "A", "cost": "60"}, {"project_id": "B", "cost": "70"}], rows)


def upload(visitor, text, **fields):
    file = {"file": (io.BytesIO(text.encode()), "voto.pb")}
    return post(visitor, "results", "import", {"year": "2027", **file, **fields})


def test_a_site_without_a_process_says_so_on_every_page(visit_own):
    stranger = visit_own(None)
    for page in ("process", "proposals", "results"):
        text = shown(stranger, page)
        assert "no tiene presupuesto participativo" in text or "no se ha contado" in text
        assert "Para funcionarias" not in text


@pytest.mark.parametrize("login", [None, "beto", "carla"])
def test_nobody_but_officials_of_the_site_changes_anything(visit_own, own_store, login):
    before = store_fingerprint(own_store.factory.kw["bind"])
    visitor = visit_own(login)
    answers = [
        post(visitor, "proposals", "save", PROPOSAL),
        post(visitor, "process", "save", {"year": "2027", "rule": "greedy", "ties": "cheapest"}),
        upload(visitor, ballots()),
        post(visitor, "proposals", "import", {"year": "2027", "file": (io.BytesIO(b"code\nA\n"), "a.csv")}),
    ]
    assert {answer.status_code for answer in answers} == {403}
    after = store_fingerprint(own_store.factory.kw["bind"])
    assert (before == after) or login  # a log-in leaves its own trace
    assert "Agua limpia" not in shown(visitor, "proposals")


def test_the_public_sees_feasible_proposals_only(visit_own):
    ana, stranger = visit_own("ana"), visit_own(None)
    assert post(ana, "proposals", "save", FEASIBLE).status_code == 303
    waiting = {**PROPOSAL, "code": "B", "title_es": "Plaza nueva"}
    assert post(ana, "proposals", "save", waiting).status_code == 303
    assert "Plaza nueva" in shown(ana, "proposals")
    text = shown(stranger, "proposals")
    assert "Agua limpia" in text
    assert "Plaza nueva" not in text
    assert "Personas sin agua segura" in text
    detail = shown(stranger, "proposals", "?year=2027&code=A")
    assert "Se puede hacer" in detail
    assert '"ana"' not in detail
    table = stranger.get("/es/valle/proposals/proposals.csv?year=2027").text
    assert "Agua limpia" in table
    assert "Plaza" not in table
    assert "saved_by" not in table


def test_a_refused_proposal_is_told_in_spanish_and_nothing_is_stored(visit_own, own_store):
    ana = visit_own("ana")
    before = store_fingerprint(own_store.factory.kw["bind"])
    answer = post(ana, "proposals", "save", {**FEASIBLE, "reason": "", "cost": "1,500"})
    assert answer.status_code == 400
    assert "Una revisión necesita su razón" in answer.text
    assert "punto decimal" in answer.text
    assert store_fingerprint(own_store.factory.kw["bind"]) == before


def test_a_vote_comes_in_is_counted_and_told_with_reasons(visit_own):
    ana, stranger = visit_own("ana"), visit_own(None)
    post(ana, "proposals", "save", FEASIBLE)
    answer = upload(ana, ballots(women=13))
    assert answer.status_code == 303
    vote = parse_qs(urlsplit(answer.location).query)["vote"][0]
    text = shown(stranger, "results")
    assert "A · Agua limpia" in text
    assert "Faltaban S/\u00a030" in text  # B costs 70, and 40 of 100 are left
    assert "Con 2 votos más" in text  # 12 + 2 are more than A's 13
    record = json.loads(stranger.get(f"/es/valle/results/record.json?vote={vote}").text)
    assert "w0" not in json.dumps(record)
    assert stranger.get(f"/es/valle/results/vote.pb?vote={vote}").status_code == 403
    assert ana.get(f"/es/valle/results/vote.pb?vote={vote}").text == ballots(women=13)


def test_no_result_of_a_group_below_the_minimum_is_shown(visit_own):
    ana = visit_own("ana")
    upload(ana, ballots(women=30, men=9))
    text = shown(visit_own(None), "results")
    assert "Un grupo con muy pocas papeletas no se muestra" in text
    assert "Solo por hombres" not in text
    assert "Solo por mujeres" in text


def test_participants_of_a_small_group_are_not_told_and_no_difference_tells_them():
    people = [Registered(sex, "18-29", "", "", n) for sex, n in (("female", 40), ("male", 30), ("other", 2))]
    assert {one.persons for one in people_by_sex(people, 10)} == {None}
    assert [one.persons for one in people_by_sex(people[:2], 10)] == [40, 30]


def test_a_process_is_announced_changed_and_a_late_change_is_refused(visit_own):
    ana = visit_own("ana")
    fields = {"year": "2027", "rule": "greedy", "ties": "cheapest", "least_group": "10", "envelope": "1200000.50"}
    fields |= {"vote_from": "2026-09-19", "vote_to": "2026-09-20", "participants": "female, 18-29, S1, 24"}
    assert post(ana, "process", "save", fields).status_code == 303
    text = shown(visit_own(None), "process")
    assert "1,200,000.50" in text
    assert "primero la más barata" in text
    assert "19 de septiembre de 2026" in text or "19 de setiembre de 2026" in text
    answer = post(ana, "process", "save", {**fields, "seen": "2027:1"})
    assert answer.status_code >= 400
    wrong = post(ana, "process", "save", {**fields, "participants": "female, 18-29, S9, 24"})
    assert wrong.status_code == 400
    assert "S9" in wrong.text


@pytest.mark.parametrize("year", ["", "20277", "abcd", "٢٠٢٧", "1800"])
def test_a_year_that_is_none_is_refused(visit_own, year):
    assert post(visit_own("ana"), "proposals", "save", {**PROPOSAL, "year": year}).status_code == 400


PEOPLE = """
female, 18-29, S1, 30
female, 60+, S2, 30
male, 18-29, S1, 25
male, 60+, S2, 15
"""


def test_participants_stand_beside_the_inhabitants_and_small_groups_are_not_told(visit_own, own_store):
    ana, stranger = visit_own("ana"), visit_own(None)
    form = {"year": "2027", "rule": "greedy", "ties": "cheapest", "least_group": "10", "participants": PEOPLE}
    assert post(ana, "process", "save", form).status_code == 303
    assert "No se indicó la población" in shown(stranger, "process")
    with transaction(own_store.factory) as session:
        replace_population(session, 1, "ana", {2025: Count(5100, 4900), 2020: Count(1, 1)}, "INEI, proyección")
    text = shown(stranger, "process").replace("\u00a0", " ")
    # 100 participants of 10,000 inhabitants; 60 of them women, who are 51 % of the inhabitants
    assert "Participan 100 personas, 10.0 de cada 1,000 habitantes" in text
    assert "Las mujeres son 60.0 % de quienes participan y 51.0 % de los habitantes" in text
    assert "Participantes inscritos por zona" in text
    assert "INEI, proyección" in text
    few = PEOPLE.replace("60+, S2, 15", "60+, S2, 9").replace("60+, S2, 30", "30-44, S1, 30")
    assert post(ana, "process", "save", {**form, "seen": "2027:2", "participants": few}).status_code == 303
    text = shown(stranger, "process")
    assert "Participantes inscritos por zona" not in text  # nine of S2
    assert "Participantes inscritos por edad" not in text


def test_results_by_age_and_zone_are_shown_of_enough_voters_only(visit_own):
    told = {"budget": "100", "vote_type": "approval", "rule": "greedy"}
    rows = []
    for age, zone, choice, count in (("20", "N", "A", 12), ("35.0", "S", "B", 12), ("70", "S", "B", 3)):
        rows += [{"vote": choice, "age": age, "neighborhood": zone} for _ in range(count)]
    rows = [{"voter_id": str(number), **row} for number, row in enumerate(rows)]
    projects = [{"project_id": "A", "cost": "60"}, {"project_id": "B", "cost": "70"}]
    assert upload(visit_own("ana"), pabulib_of(told, projects, rows)).status_code == 303
    text = shown(visit_own(None), "results").replace("\u00a0", " ")
    # B has 15 of 27 votes and wins alone; of the zone N nobody chose it, of S all did: that tells every ballot
    assert "La lista ganadora por zona" in text
    assert "Las cifras de los grupos son intervalos" in text
    assert "100.0 %" not in text
    assert "60+" not in text  # three voters, and with them the smallest of the other groups is left out
    assert "18-29" in text or "30-44" in text


def test_years_fall_into_bands():
    assert age_band("33.0") == "30-44"
    assert [age_band(text) for text in ("12", "17", "18", "60", "101", "11", "", "x", "None")] == [
        "12-17", "12-17", "18-29", "60+", "60+", "", "", "", "",
    ]  # fmt: skip


def test_a_quorum_is_announced_by_the_form_and_a_vote_without_it_says_so_and_hides_nothing(visit_own):
    ana, stranger = visit_own("ana"), visit_own(None)
    people = "female, unknown, -, 30\nmale, unknown, -, 26"
    fields = {"year": "2027", "rule": "greedy", "ties": "lexicographic", "participants": people}
    quorum = {"quorum_kind": "more_than", "quorum_value": "0.5", "quorum_citation": "Ordenanza 7"}
    refused = post(ana, "process", "save", {**fields, **quorum, "quorum_citation": ""})
    assert refused.status_code == 400
    assert post(ana, "process", "save", {**fields, **quorum}).status_code == 303
    text = shown(stranger, "process")
    assert "Cuórum de la votación: 29 personas, con 56 inscritas." in text  # 28 is half of 56
    assert "Base legal del cuórum: Ordenanza 7." in text
    assert upload(ana, ballots()).status_code == 303  # 24 ballots
    results = shown(stranger, "results")
    assert "SIN cuórum: votaron 24 personas y se necesitaban 29, con 56 inscritas." in results
    assert "Quiénes ganaron" in results
    assert "53.6" in results  # 30 of 56 registered are women
    assert "50.0" in results  # 12 of 24 voters


def test_a_process_without_a_quorum_says_so_and_the_form_takes_it_away(visit_own):
    ana = visit_own("ana")
    fields = {"year": "2027", "rule": "greedy", "ties": "lexicographic"}
    told = {"quorum_kind": "persons", "quorum_value": "25", "quorum_zone": "yes", "quorum_citation": "Ordenanza 7"}
    assert post(ana, "process", "save", {**fields, **told}).status_code == 303
    assert "Deben votar al menos 25 personas." in shown(ana, "process")
    assert post(ana, "process", "save", {**fields, "seen": "2027:2"}).status_code == 303
    assert "No se anunció cuórum." in shown(ana, "process")


def test_officials_give_points_by_the_municipalitys_own_criteria_and_everybody_sees_what_they_make(visit_own):
    ana, stranger = visit_own("ana"), visit_own(None)
    lines = "need, 3, 10, Necesidad | Need\nplan, 1, 20, Plan"
    fields = {"year": "2027", "rule": "greedy", "ties": "lexicographic", "criteria": lines}
    assert post(ana, "process", "save", fields).status_code == 303
    assert post(ana, "proposals", "save", FEASIBLE).status_code == 303
    points = {"year": "2027", "code": "A", "points:need": "7", "points:plan": "5"}
    assert post(stranger, "proposals", "points", points).status_code == 403
    assert post(ana, "proposals", "points", {**points, "points:need": "11"}).status_code == 400
    assert post(ana, "proposals", "points", {**points, "points:plan": ""}).status_code == 303
    assert "70.0 *" in shown(stranger, "proposals")
    assert post(ana, "proposals", "points", points).status_code == 303
    text = shown(stranger, "proposals")
    assert "58.8" in text  # 100 * (3 * 0.7 + 1 * 0.25) / 4 = 58.75
    assert "Necesidad (de 10, peso 3)" in text
    assert post(ana, "process", "save", {**fields, "seen": "2027:2"}).status_code == 303
    assert "58.8" in shown(stranger, "proposals")


def test_points_are_told_as_points_and_never_as_votes(own_store, visit_own):
    # 30 people give A 5, B 4, C 1 points: 150, 120 and 30 points from 30 people each; 100 pay for A and not for B
    told = {"budget": "100", "vote_type": "cumulative", "rule": "greedy", "max_sum_points": "10"}
    projects = [{"project_id": code, "cost": cost} for code, cost in (("A", "60"), ("B", "60"), ("C", "50"))]
    ballots = [{"voter_id": str(number), "vote": "A,B,C", "points": "5,4,1"} for number in range(30)]
    content = pabulib_of(told, projects, ballots).encode()
    import_vote(own_store.factory, "valle", 2027, VoteToImport(content, "v.pb"), "ana")
    text = shown(visit_own(None), "results")
    assert "Con 31 puntos adicionales" in text  # 150 - 120 is a tie, and A comes first; 30 people voted in all
    assert "votos más" not in text
    for points in ("150", "120", "30"):
        assert f'\\"30\\",\\"{points}\\"' in text  # people, points: cells of the table's own text


def test_envelopes_of_zones_are_set_changed_and_taken_away_by_the_form(visit_own, own_store):
    ana = visit_own("ana")
    fields = {"year": "2027", "rule": "greedy", "ties": "lexicographic", "envelope": "100.00"}
    assert post(ana, "process", "save", {**fields, "zone_envelope-S1": "60.50"}).status_code == 303
    assert zone_money(own_store) == {"S1": "60.50"}
    assert "zone_envelope-S1" in shown(ana, "process")
    assert post(ana, "process", "save", {**fields, "seen": "2027:2"}).status_code == 303  # a form without zones
    assert zone_money(own_store) == {"S1": "60.50"}
    before = store_fingerprint(own_store.factory.kw["bind"])
    refused = post(ana, "process", "save", {**fields, "zone_envelope-S1": "60.50", "zone_envelope-S2": "39.51"})
    assert refused.status_code == 400
    assert "Las zonas suman 100.01" in refused.text
    assert post(ana, "process", "save", {**fields, "zone_envelope-S1": "1,5"}).status_code == 400
    assert store_fingerprint(own_store.factory.kw["bind"]) == before
    assert post(ana, "process", "save", {**fields, "zone_envelope-S1": "", "zone_envelope-S2": "9"}).status_code == 303
    assert zone_money(own_store) == {"S2": "9.00"}


def zone_money(own_store):
    with own_store.factory() as session:
        return find_process(session, load_site(session, "valle").id, 2027).zone_envelopes
