"""Proposals that become part of another one: one step, into one that stands, told to everybody who sees that one."""

from __future__ import annotations

import pytest

from budget_model.errors import InputError
from data.store.assembly import find_process, list_proposals
from data.store.engine import transaction
from data.store.sites import load_site
from data.workflows.proposals import export_proposals, import_proposals
from tests.store_builders import make_place
from tests.support import store_fingerprint

HEADER = "code,title_es,cost,state,reason,merged_into\n"
GOING = "A,Agua,100,feasible,Va,\nB,Pozo,50,feasible,Va,\nC,Caño,,withdrawn,Se fue,\n"


@pytest.fixture
def site(factory):
    with transaction(factory) as session:
        make_place(session)
    return "lomas"


def bring(factory, folder, rows):
    file = folder / "proposals.csv"
    file.write_text(HEADER + rows, encoding="utf-8")
    return import_proposals(factory, "lomas", 2027, file, "ana")


def standing(factory):
    with factory() as session:
        process = find_process(session, load_site(session, "lomas").id, 2027)
        return {one.code: (one.state, one.merged_into, one.version) for one in list_proposals(session, process.id)}


def test_a_merged_proposal_keeps_its_versions_and_names_the_one_that_goes_on(factory, site, tmp_path):
    bring(factory, tmp_path, GOING)
    bring(factory, tmp_path, "B,Pozo,50,merged,Es lo mismo,A\n")
    assert standing(factory) == {"A": ("feasible", None, 1), "B": ("merged", "A", 2), "C": ("withdrawn", None, 1)}
    out = tmp_path / "out.csv"
    export_proposals(factory, "lomas", 2027, out)
    assert import_proposals(factory, "lomas", 2027, out, "ana").changed == ()
    bring(factory, tmp_path, "B,Pozo,50,feasible,Otra vez sola,\n")
    assert standing(factory)["B"] == ("feasible", None, 3)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("B,Pozo,50,merged,Igual,\n", "not said into which"),
        ("B,Pozo,50,merged,,A\n", "needs its reason"),
        ("B,Pozo,50,merged,Igual,B\n", "merged into itself"),
        ("B,Pozo,50,feasible,Va,A\n", "the state is not merged"),
        ("B,Pozo,50,merged,Igual,Z\n", "'Z' is not among the proposals"),
        ("B,Pozo,50,merged,Igual,C\n", "'C' was withdrawn"),
        ("D,Otra,10,merged,Igual,M\n", "'M' was itself merged into 'A'"),
        ("A,Agua,100,withdrawn,Se fue,\n", "M were merged into 'A'"),
        ("A,Agua,100,merged,Igual,B\n", "M were merged into 'A'"),
        ("B,Pozo,50,merged,Igual,D\nD,Otra,10,merged,Igual,B\n", "was itself merged into"),  # in a circle
    ],
)
def test_a_merger_that_leads_nowhere_is_refused_with_its_line_and_nothing_is_stored(
    factory, engine, site, tmp_path, rows, told
):
    bring(factory, tmp_path, GOING + "M,Mina,10,merged,Igual,A\n")
    before = store_fingerprint(engine)
    with pytest.raises(InputError) as refused:
        bring(factory, tmp_path, rows)
    assert told in str(refused.value)
    assert refused.value.problems[0].line == 2
    assert store_fingerprint(engine) == before


def test_a_whole_group_may_move_to_another_proposal_in_one_file(factory, site, tmp_path):
    bring(factory, tmp_path, GOING + "M,Mina,10,merged,Igual,A\n")
    bring(factory, tmp_path, "A,Agua,100,merged,Con el pozo,B\nM,Mina,10,merged,Con el pozo,B\n")
    assert standing(factory)["M"][:2] == ("merged", "B")
    assert standing(factory)["A"][:2] == ("merged", "B")
