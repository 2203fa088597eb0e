"""Winners become budget lines with tags proposed; what the ministry's file brings is matched by a person."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from budget_model.assembly.execution import LinePart, execution_of, likely_lines
from budget_model.errors import AccessError, InputError, NotFoundError
from data.store.assembly import load_process
from data.store.audit import list_entries
from data.store.engine import transaction
from data.store.lines import list_lines, save_lines
from data.store.sites import load_site
from data.store.tags import find_heads
from data.store.users import ensure_roles, give_role
from data.workflows.follow_up import follow_up_document, follow_up_workbook, load_follow_up
from data.workflows.proposals import import_proposals
from data.workflows.stored_votes import VoteToImport, import_vote
from data.workflows.winner_lines import WantedLine, make_lines, match_line, suggested_lines, unmatch_line
from data.writers.pabulib import pabulib_of
from tests.store_builders import budget_row, make_place
from tests.support import store_fingerprint

PROPOSALS = (
    "code,title_es,cost,women,men,state,reason\n"
    "P-01,Cuna y cuidado infantil,60,30,10,feasible,Se puede\n"
    "P-02,Losa deportiva,30,,,feasible,Se puede\n"
    "P-03,Plaza,90,,,feasible,Se puede\n"
)


@pytest.fixture
def site(factory, tmp_path):
    """P-01 and P-02 win an envelope of 100; P-03 does not."""
    with transaction(factory) as session:
        place = make_place(session)
        ensure_roles(session)
        give_role(session, place.owner, "official", place.site.id, "test")
    file = tmp_path / "proposals.csv"
    file.write_text(PROPOSALS, encoding="utf-8")
    import_proposals(factory, "lomas", 2027, file, "ana")
    told = {"budget": "100", "vote_type": "approval", "rule": "greedy"}
    projects = [{"project_id": f"P-0{i}", "cost": cost} for i, cost in ((1, "60"), (2, "30"), (3, "90"))]
    ballots = [{"voter_id": str(i), "vote": vote} for i, vote in enumerate(["P-01", "P-01,P-02", "P-03"])]
    content = pabulib_of(told, projects, ballots).encode()
    import_vote(factory, "lomas", 2027, VoteToImport(content, "vote.pb"), "ana")
    return "lomas"


BOTH = [WantedLine("P-01", "A/1", "Canon"), WantedLine("P-02", "A/2", "FONCOMUN", Decimal("29.50"))]


def lines_of(factory, year=2027):
    with factory() as session:
        return list_lines(session, load_site(session, "lomas").id, year)


def followed(factory):
    with factory() as session:
        return load_follow_up(session, load_site(session, "lomas"), 2027)


def test_winners_become_lines_with_their_price_as_opening_budget_and_tags_that_are_proposed(factory, site):
    make_lines(factory, site, 2027, BOTH, "ana")
    lines = lines_of(factory)
    assert [(line.code, line.pia, line.pim, line.accrued) for line in lines] == [
        ("A/1", Decimal("60.00"), None, None),
        ("A/2", Decimal("29.50"), None, None),
    ]
    assert lines[0].labels["source"] == "Canon"
    assert lines[0].labels["activity"] == "Cuna y cuidado infantil"
    with factory() as session:
        head = find_heads(session, load_site(session, site).id, [(2027, "A/1")])[2027, "A/1"]
        actions = {entry.action for entry in list_entries(session, load_site(session, site).id)}
    assert (head.state, head.marker, head.women_share, head.author) == ("proposed", "NS", Decimal("0.75"), "ana")
    assert {"assembly.lines.make", "tag.propose", "budget.import"} <= actions


@pytest.mark.parametrize(
    ("wanted", "rule"),
    [
        ([WantedLine("P-03", "A/1", "Canon")], "winner-unknown"),
        ([WantedLine("P-01", " ", "Canon")], "winner-line-code"),
        ([WantedLine("P-01", "A/1", "")], "winner-line-source"),
        ([WantedLine("P-01", "A/1", "Canon", Decimal("-1"))], "winner-line-amount"),
        ([WantedLine("P-01", "A/1", "Canon"), WantedLine("P-02", "A/1", "Canon")], "winner-line-twice"),
        ([WantedLine("P-01", "A/1", "x", Decimal(40)), WantedLine("P-01", "A/2", "x", Decimal(21))], "winner-line-sum"),
        ([WantedLine("P-01", "OLD", "Canon")], "winner-line-there"),
        ([], "winner-lines-none"),
    ],
)
def test_a_line_that_cannot_be_written_is_refused_and_nothing_is_stored(factory, engine, site, wanted, rule):
    with transaction(factory) as session:
        save_lines(session, load_site(session, site).id, "test", [budget_row("OLD", 2027)])
    before = store_fingerprint(engine)
    with pytest.raises(InputError) as refused:
        make_lines(factory, site, 2027, wanted, "ana")
    assert rule in {problem.rule for problem in refused.value.problems}
    assert store_fingerprint(engine) == before


def test_whoever_is_no_official_writes_and_matches_nothing(factory, engine, site):
    before = store_fingerprint(engine)
    with pytest.raises(AccessError):
        make_lines(factory, site, 2027, BOTH, "stranger")
    with pytest.raises(AccessError):
        match_line(factory, site, 2027, "P-01", (2027, "X"), "stranger")
    assert store_fingerprint(engine) == before


def test_a_line_of_the_ministry_takes_the_place_of_the_one_that_was_written(factory, site):
    make_lines(factory, site, 2027, BOTH, "ana")
    row = budget_row(
        "M/9", 2027, labels={"activity": "P-01 cuidado"}, pim=Decimal(80), accrued=Decimal(20), paid=Decimal(0)
    )
    with transaction(factory) as session:
        save_lines(session, load_site(session, site).id, "test", [row])
        process = load_process(session, load_site(session, site).id, 2027)
        suggested = suggested_lines(session, process, 2027)
    assert [candidate.code for candidate, _line in suggested["P-01"]] == ["M/9"]
    match_line(factory, site, 2027, "P-01", (2027, "M/9"), "ana", Decimal("0.5"))
    assert [line.code for line in lines_of(factory)] == ["A/2", "M/9"]
    found = followed(factory)
    money = found.winners[0].years[2027]
    # half of the line: PIM 40, accrued 10, so a quarter is executed; nothing is paid, and its PIA is not known
    assert (money.amounts["pim"], money.amounts["accrued"], money.executed_share) == (40, 10, Decimal("0.25"))
    assert (money.amounts["paid"], money.amounts["pia"], money.state) == (0, None, "under_way")
    assert found.winners[1].years[2027].state == "unknown"  # as it was written: no file says what was executed
    assert found.totals[2027].amounts["accrued"] is None
    with factory() as session:
        head = find_heads(session, load_site(session, site).id, [(2027, "M/9")])[2027, "M/9"]
    assert head.state == "proposed"


def test_no_more_than_the_whole_line_is_matched_and_what_was_matched_is_taken_back_with_a_reason(factory, site):
    with transaction(factory) as session:
        save_lines(session, load_site(session, site).id, "test", [budget_row("M/9", 2027)])
    match_line(factory, site, 2027, "P-01", (2027, "M/9"), "ana", Decimal("0.6"))
    with pytest.raises(InputError, match="60"):
        match_line(factory, site, 2027, "P-02", (2027, "M/9"), "ana", Decimal("0.5"))
    with pytest.raises(InputError, match="above 0"):
        match_line(factory, site, 2027, "P-02", (2027, "M/9"), "ana", Decimal(0))
    with pytest.raises(NotFoundError):
        match_line(factory, site, 2027, "P-02", (2027, "M/8"), "ana")
    with pytest.raises(InputError, match="State why"):
        unmatch_line(factory, site, 2027, "P-01", (2027, "M/9"), "ana", " ")
    unmatch_line(factory, site, 2027, "P-01", (2027, "M/9"), "ana", "Era otra obra")
    assert followed(factory).without_line == 2
    assert [line.code for line in lines_of(factory)] == ["M/9"]  # the ministry's line stays


def test_a_line_that_was_written_goes_when_it_is_taken_back(factory, site):
    make_lines(factory, site, 2027, BOTH, "ana")
    unmatch_line(factory, site, 2027, "P-01", (2027, "A/1"), "ana", "Otra fuente")
    assert [line.code for line in lines_of(factory)] == ["A/2"]


def test_the_follow_up_is_told_as_data_and_as_a_workbook(factory, site):
    make_lines(factory, site, 2027, BOTH, "ana")
    found = followed(factory)
    document = follow_up_document(found)
    assert document["winners"][0]["lines"][0]["code"] == "A/1"
    assert document["totals"]["2027"]["pia"] == "89.50"
    book = load_workbook(io.BytesIO(follow_up_workbook(found, "es")))
    assert book.sheetnames == ["Notas", "Ejecución", "Líneas del presupuesto"]
    assert [cell.value for cell in book["Ejecución"][2]][:6] == ["P-01", "Cuna y cuidado infantil", None, 60, 2027, 60]


def test_a_stage_that_one_line_lacks_is_not_known_for_the_sum():
    told = {"pia": Decimal(1), "pim": Decimal(10), "accrued": Decimal(0), "paid": None}
    found = execution_of([LinePart(Decimal(1), told), LinePart(Decimal("0.5"), {**told, "pia": None})])
    assert found.amounts == {"pia": None, "pim": Decimal("15.0"), "accrued": Decimal(0), "paid": None}
    assert (found.state, found.executed_share) == ("not_started", 0)
    assert execution_of([]).state == "no_line"


def test_likely_lines_are_found_by_code_words_and_amount():
    lines = [
        ("1/2", "MEJORAMIENTO DE LOSA DEPORTIVA EN SECTOR 3", [Decimal(5)]),
        ("1/3", "Obra P-020", [Decimal(5)]),
        ("1/4", "Obra del P-02, presupuesto participativo", [None]),
        ("1/5", "Limpieza", [Decimal(30)]),
    ]
    found = likely_lines("P-02", "Losa deportiva", Decimal(30), lines)
    assert [one.code for one in found] == ["1/4", "1/2", "1/5"]
    assert found[1].words == ("deportiva", "losa")
