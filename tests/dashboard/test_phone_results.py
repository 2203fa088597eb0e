"""The plain page of results says what the page with charts says, figure by figure, and protects the same groups."""

from __future__ import annotations

import html
import json
import re
from urllib.parse import parse_qs, urlsplit

from data.workflows.stored_votes import VoteToImport, import_vote
from data.workflows.vote_studies import study_vote
from data.writers.pabulib import pabulib_of
from tests.dashboard import test_assembly_pages as pages
from tests.dashboard.test_phone_proposals import PHONE

own_store = pages.own_store  # a fixture
PLAIN = "/es/valle/phone/results"


def text_of(answer):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\u00a0", " ").split())


def cells_of(visitor, search=""):
    """Every cell of every table, every sentence of the page with charts."""
    answer = visitor.open("/es/valle/results", search).get_json()
    found = []

    def walk(node):
        if isinstance(node, dict):
            if "data-table" in node:
                for row in json.loads(node["data-table"])["rows"]:
                    found.extend(str(cell) for cell in row)
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(answer)
    return [" ".join(cell.replace("\u00a0", " ").split()) for cell in found]


def counted(visit_own, **sexes):
    ana = visit_own("ana")
    pages.post(ana, "proposals", "save", pages.FEASIBLE)
    answer = pages.upload(ana, pages.ballots(**sexes))
    return parse_qs(urlsplit(answer.location).query)["vote"][0]


def test_the_plain_page_has_every_figure_and_reason_of_the_page_with_charts(visit_own, own_store):
    vote = counted(visit_own, women=13)
    study_vote(own_store.factory, "valle", int(vote), "ana")
    stranger = visit_own(None)
    plain = stranger.get(PLAIN)
    shown, cells = text_of(plain), cells_of(stranger)
    assert len(cells) > 30
    assert [cell for cell in cells if cell not in shown] == []
    # worked out by hand: B costs 70, and of 100 only 40 are left after A; 12 + 2 are more than A's 13 votes
    assert "Faltaban S/ 30" in shown
    assert "Con 2 votos más" in shown
    assert "Las cifras de los grupos son intervalos" in shown  # all women chose A: exact figures would tell
    assert "<script" not in plain.text
    record = re.search(r'href="([^"]*record\.json[^"]*)"', plain.text)
    assert record
    assert stranger.get(html.unescape(record[1])).get_json()["hash"] in shown


def test_the_plain_page_hides_small_groups_too(visit_own):
    counted(visit_own, women=30, men=9)
    shown = text_of(visit_own(None).get(PLAIN))
    assert "Un grupo con muy pocas papeletas no se muestra" in shown
    assert "Solo por hombres" not in shown
    assert "Solo por mujeres" in shown
    assert shown == text_of(visit_own("ana").get(PLAIN))  # the page is the public's


def test_the_process_leads_to_the_reasons_and_a_phone_is_led_there_with_its_vote(visit_own):
    vote = counted(visit_own)
    stranger = visit_own(None)
    assert f'href="{PLAIN}?vote={vote}"' in stranger.get("/es/valle/phone").text
    led = stranger.client.get(f"/es/valle/results?vote={vote}", headers=PHONE)
    assert (led.status_code, led.location) == (302, f"{PLAIN}?vote={vote}")
    assert "Todo, con" in text_of(stranger.client.get(led.location))
    file = stranger.client.get(f"/es/valle/results/record.json?vote={vote}", headers=PHONE)
    assert file.status_code == 200


def test_a_vote_that_is_not_there_is_nothing_here_and_none_counted_says_so(visit_own):
    stranger = visit_own(None)
    assert "no tiene presupuesto participativo" in text_of(stranger.get(PLAIN))
    for wrong in ("vote=77", "vote=x", "year=1999"):
        assert stranger.get(f"{PLAIN}?{wrong}").status_code == 404
    pages.post(visit_own("ana"), "proposals", "save", pages.FEASIBLE)
    assert "Todavía no se" in text_of(stranger.get(f"{PLAIN}"))


def test_of_many_losers_the_first_stand_open_and_the_others_are_folded(visit_own, own_store):
    # L01 has most votes of those that lose, L20 fewest; nothing is left after W
    told = {"budget": "100", "vote_type": "approval", "rule": "greedy"}
    names = ["W", *(f"L{number:02}" for number in range(1, 21))]
    projects = [{"project_id": name, "cost": "100"} for name in names]
    votes = [name for place, name in enumerate(names) for _ in range(30 - place)]
    rows = [{"voter_id": str(number), "vote": vote} for number, vote in enumerate(votes)]
    given = VoteToImport(pabulib_of(told, projects, rows).encode(), "v.pb")
    import_vote(own_store.factory, "valle", 2027, given, "ana")
    text = visit_own(None).get(PLAIN).text
    folded = text.partition("<summary>Las otras 10 propuestas que no ganaron</summary>")[2].partition("</details>")[0]
    open_ones = text.partition("<h2>Quiénes no ganaron</h2>")[2].partition("<details>")[0]
    assert [name for name in names if f"<strong>{name}</strong>" in folded] == names[11:]
    assert [name for name in names if f"<strong>{name}</strong>" in open_ones] == names[1:11]
