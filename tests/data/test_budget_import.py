"""Budget lines into the store and out again."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from budget_model.errors import InputError
from data.commands.budget import budget
from data.readers.budget_files import read_budget
from data.store import lines
from data.store.engine import make_engine, session_factory, transaction
from data.store.tables import Programme, ProgrammeLineShare
from data.workflows.budgets import export_lines, import_lines, provenance_of
from tests.data.budget_files import MEF_HEADER, MEF_ROWS, TABLE_MAPPING, TABLE_ROWS, add_site, mef_row, write
from tests.support import audit_entries, line_of, store_fingerprint


@pytest.fixture
def villa(factory):
    add_site(factory, "villa", "PEN", is_synthetic=True)
    return factory


def imported(factory, file, **options):
    return import_lines(factory, "villa", read_budget(file).frame, provenance_of(file, "PEN"), "ana", **options)


def test_lines_are_new_then_unchanged_then_changed_then_gone(villa, tmp_path):
    file = write(tmp_path, "mef.csv", MEF_ROWS)
    first, second = imported(villa, file), imported(villa, file)
    assert (first.new, first.changed, first.unchanged, first.gone) == (3, 0, 0, ())
    assert (second.new, second.changed, second.unchanged, second.gone) == (0, 0, 3, ())
    later = write(tmp_path, "later.csv", [MEF_HEADER, mef_row(0, "100,151,0,0,0,0,0")])
    third = imported(villa, later)
    assert (third.new, third.changed, third.unchanged) == (0, 1, 0)
    assert third.gone == ((2024, "300001/0001/5/07/2.3"), (2024, "301291/0002/5/07/2.3"))
    with villa() as session:
        line = line_of(session, 1, 2024, "301291/0001/5/07/2.3")
        assert (line.pim, line.accrued, line.source_file, line.source_line) == (151, 0, "later.csv", 2)
        assert line.source_sha256 == provenance_of(later).sha256
        assert len(lines.list_lines(session, 1, 2024)) == 3  # gone is told, not removed
        assert [entry.action for entry in audit_entries(session, 1)][:3] == ["budget.import"] * 3
        assert audit_entries(session, 1)[0].actor == "ana"


def test_stored_amounts_are_those_of_the_file(villa, tmp_path):
    imported(villa, write(tmp_path, "mef.csv", MEF_ROWS))
    with villa() as session:
        (total,) = lines.totals_by_year(session, 1)
        line = line_of(session, 1, 2024, "301291/0001/5/07/2.3")
    assert total.amounts["pim"] == Decimal("1158.5")
    assert total.amounts["accrued"] == Decimal("60.30")
    assert line.labels["function"] == "PROTECCIÓN SOCIAL"


def test_gone_lines_are_removed_when_asked_for(villa, tmp_path):
    imported(villa, write(tmp_path, "mef.csv", MEF_ROWS))
    result = imported(villa, write(tmp_path, "later.csv", MEF_ROWS[:4]), remove_gone=True)
    assert (len(result.gone), result.removed) == (2, True)
    with villa() as session:
        assert [line.code for line in lines.list_lines(session, 1, 2024)] == ["301291/0001/5/07/2.3"]
        assert audit_entries(session, 1)[0].action == "budget.remove"


def test_a_line_that_feeds_a_programme_is_not_removed(villa, tmp_path, engine):
    imported(villa, write(tmp_path, "mef.csv", MEF_ROWS))
    with transaction(villa) as session:
        line = line_of(session, 1, 2024, "301291/0002/5/07/2.3")
        programme = Programme(
            site_id=1,
            code="care",
            name={"es": "Cunas"},
            heading={"es": "Cuidado"},
            unit_cost=Decimal(10),
            area_split="need",
            sources={},
        )
        session.add(programme)
        session.flush()
        session.add(ProgrammeLineShare(programme_id=programme.id, budget_line_id=line.id, share=Decimal(1)))
    before = store_fingerprint(engine)
    with pytest.raises(InputError, match="it feeds the programme 'care'"):
        imported(villa, write(tmp_path, "later.csv", MEF_ROWS[:4]), remove_gone=True)
    assert store_fingerprint(engine) == before


def test_the_same_year_cut_another_way_is_not_put_beside_it(villa, tmp_path, engine):
    imported(villa, write(tmp_path, "mef.csv", MEF_ROWS))
    before = store_fingerprint(engine)
    other = write(tmp_path, "other.csv", [MEF_HEADER, mef_row(0, "1,1158.5,0,0,0,0,0", target="9999")])
    with pytest.raises(InputError, match="has 3 lines of 2024 and the file has none of them"):
        imported(villa, other)
    assert store_fingerprint(engine) == before
    assert imported(villa, other, remove_gone=True).new == 1


def test_another_currency_is_refused(villa, tmp_path):
    file = write(tmp_path, "t.csv", TABLE_ROWS)
    frame = read_budget(file, mapping=write(tmp_path, "map.yaml", [TABLE_MAPPING])).frame
    with pytest.raises(InputError, match="The amounts are in ARS and the site 'villa' keeps its budget in PEN"):
        import_lines(villa, "villa", frame, provenance_of(file, "ARS"), "ana")


FORMULAS = [TABLE_ROWS[0], "=1+1,=HYPERLINK(0),0.10,123456789012.34,0,12.5", "-2,@sum,,2,0,0"]


def store_formulas(factory, tmp_path):
    file = write(tmp_path, "t.csv", FORMULAS)
    mapping = write(tmp_path, "map.yaml", [TABLE_MAPPING.replace("ARS", "PEN")])
    frame = read_budget(file, mapping=mapping).frame
    import_lines(factory, "villa", frame, provenance_of(file, "PEN"), "ana")


def test_the_csv_export_defuses_formulas_and_keeps_amounts_exact(villa, tmp_path):
    store_formulas(villa, tmp_path)
    assert export_lines(villa, "villa", tmp_path / "out.csv") == 2
    text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    assert "Synthetic demonstration data" in text.splitlines()[0]
    assert "# Source: t.csv" in text
    table = text[text.index("year,code") :]
    rows = {row["code"]: row for row in csv.DictReader(io.StringIO(table))}
    assert rows["'=1+1"]["programme"] == "'=HYPERLINK(0)"
    assert rows["'=1+1"]["pim"] == "123456789012.34"
    assert rows["'=1+1"]["gender_share_percent"] == "12.50"
    assert rows["'-2"]["programme"] == "'@sum"
    assert rows["'-2"]["pia"] == ""


def test_the_workbook_export_holds_texts_as_texts_and_exact_numbers(villa, tmp_path):
    store_formulas(villa, tmp_path)
    export_lines(villa, "villa", tmp_path / "out.xlsx", 2023)
    book = load_workbook(tmp_path / "out.xlsx")
    assert "Synthetic demonstration data" in book["Notes"]["B1"].value
    header, *rows = book["Budget lines"].iter_rows()
    places = {cell.value: index for index, cell in enumerate(header)}
    formula = next(row for row in rows if row[places["code"]].value == "=1+1")
    assert formula[places["code"]].data_type == "s"
    assert formula[places["programme"]].data_type == "s"
    assert str(formula[places["pim"]].value) == "123456789012.34"


def test_an_export_without_lines_or_with_another_ending_is_refused(villa, tmp_path):
    with pytest.raises(InputError, match="has no budget lines"):
        export_lines(villa, "villa", tmp_path / "out.csv")
    store_formulas(villa, tmp_path)
    with pytest.raises(InputError, match=r"neither in \.csv nor in \.xlsx"):
        export_lines(villa, "villa", tmp_path / "out.pdf")
    assert not list(tmp_path.glob("out.*"))


def test_the_commands_print_one_json_document(tmp_path, sqlite_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    add_site(session_factory(engine), "villa", "PEN")
    engine.dispose()
    file = str(write(tmp_path, "mef.csv", MEF_ROWS))
    done = CliRunner().invoke(budget, ["import", file, "--site", "villa", "--municipality", "301291", "--json"])
    document = json.loads(done.stdout)
    assert (document["new"], document["source"], document["gone"]) == (2, "mef", [])
    assert CliRunner().invoke(budget, ["export", str(tmp_path / "out.xlsx"), "--site", "villa"]).exit_code == 0
    assert (tmp_path / "out.xlsx").is_file()


def test_budget_read_prints_the_contract(tmp_path):
    file = str(write(tmp_path, "t.csv", TABLE_ROWS))
    mapping = str(write(tmp_path, "map.yaml", [TABLE_MAPPING]))
    done = CliRunner().invoke(budget, ["read", file, "--map", mapping, "--json"])
    lacking = {"certified": None, "committed": None, "paid": None}
    assert json.loads(done.stdout) == {
        "years": {"2023": {"lines": 2, "pia": "11.50", "pim": "22", "accrued": "15.25", **lacking}},
        "gender": {
            "2023": {
                "lines": 1,
                "full": {"pia": "10.50", "pim": "20", "accrued": "15.25", **lacking},
                "weighted": {"pia": "5.25", "pim": "10", "accrued": "7.625", **lacking},
            }
        },
        "currency": "ARS",
        "problems": [],
    }
    table = CliRunner().invoke(budget, ["read", file, "--map", mapping])
    assert "gender, weighted" in table.stdout
    assert "Currency: ARS" in table.stdout
