"""The municipality's own criteria: exact sums, missing is not nought, all marks of a file or none."""

from __future__ import annotations

from fractions import Fraction

import pytest

from budget_model.assembly.criteria import Criterion, criterion_document, criterion_from, total_of
from budget_model.errors import InputError
from data.readers.process_file import parse_process
from data.store.assembly import find_process
from data.store.engine import transaction
from data.store.sites import load_site
from data.workflows.criteria import Mark, criteria_of, marks_of, read_marks, save_marks
from data.workflows.processes import process_document, save_process
from data.workflows.proposals import save_proposal
from tests.store_builders import make_place

MATRIX = "criteria:\n  - {code: need, name_es: Necesidad, weight: 3, most: 10}\n"
MATRIX += "  - {code: plan, name_es: Plan, name_en: Plan, weight: 1, most: 20}\n"


def criteria():
    return [
        Criterion(code, {"es": code}, Fraction(w), Fraction(m)) for code, w, m in (("need", 3, 10), ("plan", 1, 20))
    ]


def test_a_total_is_the_weighted_share_of_the_points_and_missing_points_are_not_nought():
    both = total_of(criteria(), {"need": Fraction(7), "plan": Fraction(5)})
    assert both.reached == Fraction(235, 4)  # 100 * (3 * 0.7 + 1 * 0.25) / 4 = 58.75
    assert both.is_complete
    part = total_of(criteria(), {"need": Fraction(7)})
    assert (part.reached, part.missing) == (70, ("plan",))  # not 52.5
    assert total_of(criteria(), {}).reached is None
    assert total_of(criteria(), {"need": Fraction(0), "plan": Fraction(0)}).reached == 0


def test_a_criterion_comes_back_from_its_document():
    one = Criterion("need", {"es": "Necesidad"}, Fraction(1, 3), Fraction(10))
    assert criterion_from(criterion_document(one)) == one


@pytest.fixture
def site(factory):
    with transaction(factory) as session:
        make_place(session)
    save_process(factory, "lomas", 2027, parse_process(MATRIX, "p.yaml"), "ana")
    save_proposal(factory, "lomas", 2027, {"code": "A", "title_es": "Agua"}, "ana")
    return "lomas"


def stored(factory):
    with factory() as session:
        process = find_process(session, load_site(session, "lomas").id, 2027)
        return (
            [one.code for one in criteria_of(process)],
            marks_of(session, process.id),
            process_document(session, process)["criteria"],
        )


def test_marks_are_stored_changed_and_taken_away(factory, site):
    text = "code,criterion,points\nA,need,7.5\nA,plan,0\n"
    assert save_marks(factory, site, 2027, read_marks(text, "m.csv"), "ana", "m.csv") == 2
    codes, marks, told = stored(factory)
    assert codes == ["need", "plan"]
    assert marks == {"A": {"need": Fraction(15, 2), "plan": Fraction(0)}}
    assert told[1] == {"code": "plan", "name_es": "Plan", "name_en": "Plan", "weight": "1", "most": "20"}
    assert save_marks(factory, site, 2027, read_marks(text, "m.csv"), "ana") == 0
    assert save_marks(factory, site, 2027, [Mark("A", "plan", "")], "ana") == 1
    assert stored(factory)[1] == {"A": {"need": Fraction(15, 2)}}


def test_a_file_with_a_wrong_mark_stores_nothing_and_tells_every_problem(factory, site):
    text = "code,criterion,points\nA,need,3\nA,plan,20.5\nB,need,1\nA,beauty,1\nA,need,x\n"
    with pytest.raises(InputError) as refusal:
        save_marks(factory, site, 2027, read_marks(text, "m.csv"), "ana", "m.csv")
    assert [(one.rule, one.line) for one in refusal.value.problems] == [
        ("marks-points", 3), ("marks-proposal", 4), ("marks-criterion", 5), ("marks-points", 6), ("marks-twice", None)
    ]  # fmt: skip
    assert stored(factory)[1] == {}
    with pytest.raises(InputError, match="lacks the column points"):
        read_marks("code,criterion\nA,need\n", "m.csv")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("criteria: [{code: a, name_es: A, weight: 0, most: 10}]\n", "above 0"),
        ("criteria: [{code: a, name_es: A, weight: 1, most: 9}, {code: a, name_es: B, weight: 1, most: 9}]\n", "twice"),
    ],
)
def test_a_matrix_that_says_nothing_clear_is_refused(text, told):
    with pytest.raises(InputError, match=told):
        parse_process(text, "p.yaml")
