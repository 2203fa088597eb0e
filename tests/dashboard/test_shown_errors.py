"""Errors become sentences in the reader's language."""

from __future__ import annotations

import numpy as np
import pytest

from budget_model.coverage.allocation import SENTENCES, check_allocation
from budget_model.coverage.portable import parse_model
from budget_model.errors import AccessError, InputError, NotFoundError, Problem
from dashboard.context import PageContext
from dashboard.shown_errors import RULES, sentences_of

ES = PageContext("es")
NB = "\u00a0"


def model(**programme):
    need = {"id": "W", "overlap": "additive", "universe": {"a": {"women": 10, "men": 10}}}
    need |= {"weight": {"women": 1, "men": 1}, "deficit": {"a": {"women": 5, "men": 5}}}
    serves = [{"need": "W", "reach": "need", "effectiveness": 1, "ceiling": 1, "response": "linear"}]
    line = {
        "id": "network",
        "unit_cost": 10,
        "capacity": None,
        "durability": 1,
        "baseline": {"a": 100},
        "serves": serves,
    }
    return parse_model(
        {
            "currency": "PEN",
            "areas": ["a"],
            "groups": ["women", "men"],
            "needs": [need],
            "programmes": [line | programme],
            "constraints": {"budget": 100},
        }
    )


def test_too_much_money_is_said_in_spanish_with_each_amount():
    error = InputError(check_allocation(model(), np.array([[150.5]])))
    assert sentences_of(error, ES) == [
        f"Las asignaciones suman S/{NB}150.50, S/{NB}50.50 más que el total de S/{NB}100.00."
    ]


def test_a_locked_line_is_named():
    error = InputError(check_allocation(model(locked=True), np.array([[90.0]])))
    assert sentences_of(error, ES) == [
        f"network está bloqueado: S/{NB}90.00 difiere de S/{NB}100.00. Déjelo en S/{NB}100.00."
    ]


def test_every_limit_of_an_allocation_has_a_sentence():
    assert set(SENTENCES) | {"above-budget"} <= set(RULES)


def test_a_problem_without_a_sentence_shows_its_english_message_with_its_place():
    problem = Problem("brand-new", "Something is odd. Mend it.", file="a.csv", line=3)
    assert sentences_of(InputError(problem), ES) == ["a.csv, line 3: Something is odd. Mend it."]


@pytest.mark.parametrize("error", [AccessError("read", "public"), NotFoundError("site", "x")])
def test_refusals_are_in_the_readers_language_and_name_nothing(error):
    assert "public" not in sentences_of(error, ES)[0]
    assert sentences_of(error, ES) != sentences_of(error, PageContext("en"))
