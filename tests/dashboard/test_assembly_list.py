"""Build your list: totals to the cent, what is too dear is told, nothing unknown is shown as nought."""

from __future__ import annotations

import json

from dashboard.services.assembly import ScoreBoard
from dashboard.views.assembly_scores import sums_of
from data.readers.process_file import parse_process
from data.workflows.processes import save_process
from data.workflows.proposals import save_proposal
from tests.dashboard import test_assembly_pages as pages

own_store = pages.own_store  # a fixture


def board(women, men):
    figure = {"value": women, "low": women, "high": women}
    score = {"women": figure, "men": None if men is None else {**figure, "value": men}, "cost_per_need": 2.0}
    return ScoreBoard({"A": score, "B": score}, {"C": "no_need"}, {}, {}, 100, None)


def test_needs_of_a_list_add_up_and_what_has_no_score_is_named():
    assert sums_of(board(3.0, 1.0), ["A", "B", "C"]) == (6.0, 2.0, ["C"])
    assert sums_of(board(3.0, None), ["A"]) == (3.0, 0.0, [])
    assert sums_of(board(3.0, 1.0), ["C"]) is None
    assert sums_of(board(3.0, 1.0), []) is None


def test_a_list_is_added_up_to_the_cent_and_one_too_dear_says_so(visit_own, own_store):
    save_process(own_store.factory, "valle", 2027, parse_process("envelope: 100.50\n", "p.yaml"), "ana")
    for code, cost, excludes in (("A", "60.25", "B"), ("B", "40.25", ""), ("D", "50", "")):
        cells = {"code": code, "title_es": f"Propuesta {code}", "cost": cost, "state": "feasible", "reason": "Sí"}
        if excludes and code == "A":
            save_proposal(own_store.factory, "valle", 2027, {"code": "B", "title_es": "B"}, "ana")
        seen = 1 if code == "B" else 0
        save_proposal(own_store.factory, "valle", 2027, {**cells, "excludes": excludes}, "ana", seen=seen)
    stranger = visit_own(None)
    both = pages.shown(stranger, "my-list", "?year=2027&codes=A,B,nowhere")
    assert "S/\u00a0100.50" in both  # 60.25 + 40.25, which is the envelope
    assert "Solo una de estas puede ganar: A, B" in both
    assert "más que el monto disponible" not in both
    dear = pages.shown(stranger, "my-list", "?year=2027&codes=A,D")
    assert "La lista cuesta S/\u00a09.75 más que el monto disponible" in dear
    assert "Necesidades de mujeres atendidas" not in json.loads(json.dumps(dear)).split("lado a lado")[0]
