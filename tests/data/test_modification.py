"""A stored scenario written back by line and funding source: workbook, command, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from sqlalchemy import select

from budget_model.errors import CatalogueError, InputError, NotFoundError
from data.commands.budget import budget
from data.readers.source_rules import read_source_rules, rules_of_country
from data.store.engine import make_engine, session_factory, transaction
from data.store.lines import list_lines
from data.store.programmes import list_programmes
from data.store.sites import load_site
from data.store.tables import BudgetLine, ProgrammeLineShare, Site
from data.workflows.budgets import export_lines, import_budget_file
from data.workflows.line_links import load_links
from data.workflows.models import baseline_amounts
from data.workflows.modification import propose_modification
from data.workflows.modification_workbook import line_rows, modification_workbook
from data.workflows.programme_parts import stored_parts
from tests.modification_site import CANON, SLUG, TAXES, fill
from tests.support import store_fingerprint


@pytest.fixture
def place(factory):
    scenario = fill(factory)
    with factory() as session:
        return factory, load_site(session, SLUG).id, scenario


def proposed(place, **options):
    factory, site_id, scenario = place
    with factory() as session:
        return propose_modification(session, site_id, scenario, **options)


def test_this_year_moves_only_what_is_not_certified_and_tells_the_rest_to_the_cent(place):
    # parks -1,000.00: taxes 700.00 - 100.00 certified = 600.00 to care; canon 350.00 to the pipes; 50.00 stay
    found = proposed(place)
    transfers = {(one.from_line, one.to_line, one.source, one.cents) for one in found.result.transfers}
    assert transfers == {
        ("park-tax", "care-tax", TAXES, 600_00),
        ("park-canon", "pipe-canon", CANON, 350_00),
    }
    assert [(one.programme, one.cents, one.reason) for one in found.result.unplaced] == [
        ("parks", 50_00, "takers_full"),
        ("care", 50_00, "givers_used_up"),
    ]
    assert found.changes == {"parks": Decimal(-1000), "care": Decimal(650), "pipes": Decimal(350)}
    moved = sum(change for change in found.changes.values() if change > 0)
    assert moved == Decimal(found.result.placed_cents + found.result.unplaced_cents("in")) / 100


def test_next_year_moves_whole_lines(place):
    found = proposed(place, basis="next_year")
    assert {(one.from_line, one.cents) for one in found.result.transfers} == {
        ("park-tax", 650_00),
        ("park-canon", 350_00),
    }
    assert found.result.unplaced == ()


def test_nothing_stored_changes_and_the_workbook_balances_by_source(place):
    factory = place[0]
    engine = factory.kw["bind"]
    before = store_fingerprint(engine)
    book = load_workbook(io.BytesIO(modification_workbook(proposed(place), "es")))
    assert store_fingerprint(engine) == before
    assert book.sheetnames == [
        *("Notas", "Modificaciones", "Por línea", "Por fuente", "Sin colocar"),
        *("Tras registrarla", "Participaciones por cambiar", "Reglas"),
    ]
    transfers = list(book["Modificaciones"].values)[1:]
    assert sorted((row[1], Decimal(str(row[2])), row[4], row[8]) for row in transfers) == [
        (CANON, Decimal(350), "park-canon", "pipe-canon"),
        (TAXES, Decimal(600), "park-tax", "care-tax"),
    ]
    assert "SUPUESTO" in transfers[0][11]
    for _source, minus, plus, difference in list(book["Por fuente"].values)[1:]:
        assert (minus - plus, difference) == (0, 0)
    by_line = {row[0]: row[3:] for row in list(book["Por línea"].values)[1:]}
    assert by_line["park-tax"] == (700, 100, 600, 0, 100)  # PIM, reserved, taken, given, proposed PIM
    assert by_line["care-tax"] == (200, 50, 0, 600, 800)
    assert [row[2] for row in list(book["Sin colocar"].values)[1:]] == [50, 50]
    notes = dict(book["Notas"].values)
    assert (notes["El escenario quita"], notes["Colocado en líneas"]) == (1000, 950)  # numbers
    # nothing is shared: each programme has what was placed; 50.00 of the canon stay, care lacks them
    assert [row[1:] for row in list(book["Tras registrarla"].values)[1:]] == [
        (200, 850, 800, -50, 800, -50),
        (1200, 200, 250, 50, 250, 50),
        (900, 1250, 1250, 0, 1250, 0),
    ]
    assert list(book["Participaciones por cambiar"].values)[1:] == []
    assert "PROPUESTA" in notes["Qué es"]


def test_a_stage_that_the_file_lacks_is_not_taken_for_nothing_reserved(place):
    factory, site_id, _scenario = place
    with transaction(factory) as session:
        line = session.scalars(
            select(BudgetLine).where(BudgetLine.site_id == site_id, BudgetLine.code == "park-tax")
        ).one()
        line.certified = None
    found = proposed(place)
    assert {one.from_line for one in found.result.transfers} == {"park-canon"}
    # 650.00 are left over; 150.00 of the canon could still go, if anything were left to take it
    assert [(one.reason, one.cents) for one in found.result.unplaced if one.side == "out"] == [
        ("takers_full", 150_00),
        ("reserved_unknown", 500_00),
    ]


@pytest.mark.parametrize(
    ("stages", "free"),
    [
        ({"certified": "0", "committed": "0", "accrued": "640", "paid": "640"}, 60_00),  # 0 is not "nothing is spent"
        ({"certified": "100", "committed": "650", "accrued": None, "paid": "10"}, 50_00),
        ({"certified": None, "committed": None, "accrued": None, "paid": "699"}, 1_00),
        ({"certified": "0", "committed": "0", "accrued": "0", "paid": "0"}, 650_00),  # all that the scenario asks for
        ({"certified": "0", "committed": "900", "accrued": None, "paid": None}, 0),  # above the budget
    ],
)
def test_what_any_stage_says_is_taken_already_does_not_move(place, stages, free):
    factory, site_id, _scenario = place
    with transaction(factory) as session:
        line = session.scalars(
            select(BudgetLine).where(BudgetLine.site_id == site_id, BudgetLine.code == "park-tax")
        ).one()
        for stage, amount in stages.items():
            setattr(line, stage, None if amount is None else Decimal(amount))
    found = proposed(place)
    assert sum(one.cents for one in found.result.transfers if one.from_line == "park-tax") == free
    highest = max(Decimal(amount) for amount in stages.values() if amount is not None)
    assert found.lines["park-tax"].reserved == highest


SHARED = [
    ("joint", TAXES, "GASTO CORRIENTE", "600.00", "0.00"),
    ("care-own", TAXES, "GASTO CORRIENTE", "200.00", "0.00"),
    ("road", TAXES, "GASTO CORRIENTE", "400.00", "0.00"),
]
SHARES = {
    "parks": {"joint": Decimal("0.5")},
    "care": {"joint": Decimal("0.25"), "care-own": Decimal(1)},
    "streets": {"road": Decimal("0.5")},
}


def money_today(factory, site_id):
    with factory() as session:
        return baseline_amounts(session, site_id, 2026, stored_parts(session, site_id))


def reimport(factory, folder, budgets):
    """Write the lines out, change their budgets in the file, and bring the file in again."""
    file, changed = folder / "out.csv", folder / "changed.csv"
    export_lines(factory, SLUG, file)
    told = file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    text = "".join(line for line in told if line.strip() and not line.lstrip('"').startswith("#"))
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        row["pim"] = budgets.get(row["code"], row["pim"])
    with changed.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    import_budget_file(factory, SLUG, changed, "test")


def test_what_is_told_about_writing_back_is_what_a_new_import_gives(factory, tmp_path):
    # parks 300.00 -> 180.00, care 350.00 -> 430.00, streets 200.00 -> 240.00: of the joint line 80.00 go to care's own
    # and 40.00 to the road. Lines then: joint 480.00, care-own 280.00, road 440.00. With today's shares parks have
    # 0.5 x 480, care 0.25 x 480 + 280, streets 0.5 x 440. Shares for the scenario: 180 / 480, 150 / 480, 240 / 440.
    wanted = {"parks": Decimal(180), "care": Decimal(430), "streets": Decimal(240)}
    scenario = fill(factory, SHARED, SHARES, wanted)
    with factory() as session:
        site_id = load_site(session, SLUG).id
        found = propose_modification(session, site_id, scenario)
    assert {(one.from_line, one.to_line, one.cents) for one in found.result.transfers} == {
        ("joint", "care-own", 80_00),
        ("joint", "road", 40_00),
    }
    told = {one.code: one for one in found.after.programmes}
    assert {code: (one.wanted, one.got) for code, one in told.items()} == {
        "parks": (Decimal(180), Decimal(240)),
        "care": (Decimal(430), Decimal(400)),
        "streets": (Decimal(240), Decimal(220)),
    }
    assert {(one.line, one.programme): (one.today, one.wanted) for one in found.after.shares} == {
        ("joint", "parks"): (Decimal("0.5"), Decimal("0.375")),
        ("joint", "care"): (Decimal("0.25"), Decimal("0.3125")),
        ("road", "streets"): (Decimal("0.5"), Decimal("0.545454")),
    }
    budgets = {row[0]: str(row[7]) for row in line_rows(found)}  # the column of the proposed budget
    reimport(factory, tmp_path, budgets)
    assert money_today(factory, site_id) == {code: one.got for code, one in told.items()}
    with transaction(factory) as session:
        ids = {line.code: line.id for line in list_lines(session, site_id, 2026)}
        programmes = {one.code: one.id for one in list_programmes(session, site_id)}
        for one in found.after.shares:
            share = session.get_one(ProgrammeLineShare, (programmes[one.programme], ids[one.line]))
            share.share = one.wanted
    assert money_today(factory, site_id) == {code: one.got_with_shares for code, one in told.items()} == wanted


def test_a_line_shared_twice_as_a_whole_is_not_given_twice(factory):
    # 100.00 stand behind both, so that each counts 100.00; of the line itself there are 100.00 in all
    lines = [("both", TAXES, "GASTO CORRIENTE", "100.00", "0.00"), ("road", TAXES, "GASTO CORRIENTE", "50.00", "0.00")]
    whole = Decimal(1)
    programmes = {"parks": {"both": whole}, "care": {"both": whole}, "streets": {"road": whole}}
    wanted = {"parks": Decimal(0), "care": Decimal(0), "streets": Decimal(250)}
    scenario = fill(factory, lines, programmes, wanted)
    with factory() as session:
        found = propose_modification(session, load_site(session, SLUG).id, scenario)
    assert {(one.from_programme, one.cents) for one in found.result.transfers} == {("parks", 50_00), ("care", 50_00)}
    assert {(one.programme, one.side, one.reason, one.cents) for one in found.result.unplaced} == {
        ("parks", "out", "no_lines", 50_00),
        ("care", "out", "no_lines", 50_00),
        ("streets", "in", "givers_used_up", 100_00),
    }


def test_a_scenario_of_another_budget_is_refused_with_both_amounts(place):
    factory, site_id, _scenario = place
    with transaction(factory) as session:
        line = session.scalars(
            select(BudgetLine).where(BudgetLine.site_id == site_id, BudgetLine.code == "care-tax")
        ).one()
        line.pim = Decimal("200.01")
    with pytest.raises(InputError, match=r"care: 200\.00 then, 200\.01 now"):
        proposed(place)


def test_a_scenario_of_another_site_an_unknown_basis_and_a_country_without_rules_are_refused(place):
    factory, site_id, scenario = place
    with factory() as session:
        other = load_site(session, "otra").id
        with pytest.raises(NotFoundError):
            propose_modification(session, other, scenario)
    with pytest.raises(InputError, match="this_year, next_year"):
        proposed(place, basis="whenever")
    with transaction(factory) as session:
        session.get_one(Site, site_id).country = "BO"
    with pytest.raises(CatalogueError, match="There are rules for: PE"):
        proposed(place)


def test_every_peruvian_rule_cites_a_law_or_says_where_to_verify_it(tmp_path):
    rules = rules_of_country("PE").rules
    assert [rule.id for rule in rules if rule.basis == "law"] == ["glass_of_milk"]
    assert [rule.id for rule in rules if rule.basis == "assumption" and not rule.look_in] == []
    assert [rule.id for rule in rules if set(rule.label) != {"es", "en"} or set(rule.why) != {"es", "en"}] == []
    wrong = tmp_path / "rules.yaml"
    wrong.write_text("country: PE\nversion: 1\nrulez: []\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match="Did you mean 'rules'"):
        read_source_rules(wrong)


MILK = {"fund": "IMPUESTOS MUNICIPALES", "target": "Programa del Vaso de Leche", "purpose_code": "1"}


def test_money_of_the_glass_of_milk_goes_nowhere_else_whatever_its_source():
    rules = rules_of_country("PE")
    other = {"fund": "IMPUESTOS MUNICIPALES", "target": "Parques", "purpose_code": "2"}
    assert rules.may_move(MILK, other).rules == ("glass_of_milk",)
    assert rules.may_move(MILK, {**MILK, "generic": "X"}).refusal is None
    assert rules.may_move(other, MILK).refusal is None


def test_links_count_what_stands_behind_programmes_and_what_does_not(place):
    factory, site_id, _scenario = place
    with factory() as session:
        found = load_links(session, site_id)
        with pytest.raises(InputError, match="no budget lines of 1999"):
            load_links(session, site_id, 1999)
    coverage = found.coverage
    assert (coverage.amount, coverage.linked_amount) == (Decimal(3300), Decimal(2300))
    assert [line.code for line in coverage.unlinked] == ["other"]
    assert {one.source: (one.amount, one.linked_amount) for one in found.sources} == {
        TAXES: (Decimal(1900), Decimal(900)),
        CANON: (Decimal(1400), Decimal(1400)),
    }
    assert found.needs_without_programme == ()


def test_the_commands_print_one_document_and_write_the_workbook(sqlite_url, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    scenario = fill(session_factory(engine))
    engine.dispose()
    run, file = CliRunner().invoke, tmp_path / "out.xlsx"
    told = run(budget, ["modification", "--site", SLUG, "--scenario", str(scenario), "--json", "--out", str(file)])
    document = json.loads(told.stdout)
    assert (document["moved_out"], document["placed"], document["unplaced_out"]) == ("1000.00", "950.00", "50.00")
    assert document["rules"]["canon"]["basis"] == "assumption"
    care = next(one for one in document["after"] if one["programme"] == "care")
    assert (care["today"], care["wanted"], care["got"], care["difference"]) == ("200.00", "850.00", "800.00", "-50.00")
    assert document["shares"] == []
    assert load_workbook(file).sheetnames[0] == "Notas"
    assert "950.00" in run(budget, ["modification", "--site", SLUG, "--scenario", str(scenario)]).output
    links = json.loads(run(budget, ["links", "--site", SLUG, "--json"]).stdout)
    assert (links["pim"], links["pim_linked"], links["lines_linked"]) == ("3300", "2300", 4)
    assert "without a link" in run(budget, ["links", "--site", SLUG]).output
    refused = run(budget, ["modification", "--site", SLUG, "--scenario", "99"])
    assert (refused.exit_code, "There is no scenario '99'" in refused.output) == (1, True)
