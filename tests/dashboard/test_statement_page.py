"""Gender budget statement: what page, files and command say of a small budget that can be worked out by hand."""

from __future__ import annotations

import io
import json
import re

import pytest
from openpyxl import load_workbook

from data.store.engine import transaction
from data.store.sites import load_site
from data.workflows.tags import approve_tag, propose_tag, review_tag
from tests.dashboard_seed import add_user, make_store

PRINCIPAL = {
    "marker": "2",
    "objective": "Menos violencia",
    "indicator": "IPV12",
    "gap": "40 %",
    "policy": "04",
    "beneficiary": "women",
    "women_share_percent": "50",
    "women_share_method": "register",
}


@pytest.fixture
def own_store(tmp_path):
    """`valle` of 2026: 450,000.50 of health approved as principal, 549,999.50 of water untagged."""
    made = make_store(tmp_path)
    with transaction(made.factory) as session:
        add_user(session, "dora", "Dora Luna", "official", load_site(session, "valle").id)
    line = (made.factory, "valle", 2026, "20-1")
    propose_tag(*line, PRINCIPAL, "Plan", "ana")
    review_tag(*line, "dora")
    approve_tag(*line, "dora")
    propose_tag(made.factory, "valle", 2026, "18-1", {"marker": "0"}, "General", "ana")  # proposed: does not count
    yield made
    made.factory.kw["bind"].dispose()


def shown(visitor, search=""):
    answer = visitor.open("/es/valle/statement", search)
    assert answer.status_code == 200, answer.text
    return json.dumps(answer.get_json(), ensure_ascii=False).replace("\u00a0", " ")


def test_the_statement_tells_what_counts_and_what_is_unknown_in_one_breath(visit_own):
    text = shown(visit_own("ana"))
    assert "S/ 450,000 (45.0 %) cuentan" in text
    assert "de S/ 550,000 todavía no se sabe nada" in text.replace("S/ 549,999", "S/ 550,000")
    assert "Declarado S/ 450,000.50, ejecutado S/ 300,000.00: se devengó el 66.7 %" in text
    assert "del resto del presupuesto, 54.5 %" in text  # 300,000 / 549,999.50
    assert "Actividad 20-1 (100.0 %)" in text


def test_the_floor_is_neither_met_nor_missed_while_the_scheme_says_nothing_of_the_money(visit_own):
    text = shown(visit_own("ana"))
    assert "No se puede decir si se cumple el mínimo de 5.0 %" in text


def test_another_scheme_and_stage_give_other_figures(visit_own):
    text = shown(visit_own("ana"), "?scheme=in_gbs&stage=accrued")
    assert "S/ 150,000 (25.0 %) cuentan" in text  # 300,000 x 50 % of 600,000
    untagged = shown(visit_own("ana"), "?year=2025")
    assert "ninguna línea cuenta" in untagged


def cells_of(text, first):
    """Cells of the table row that begins with this one."""
    tables = [json.loads(json.loads(one)) for one in re.findall(r'"data-table": ("(?:[^"\\]|\\.)*")', text)]
    return next(row[1:] for table in tables for row in table["rows"] if row[0] == first)


def test_a_year_without_tags_has_no_rest_to_be_executed(visit_own):
    """2025: nothing is tagged. 2026: 300,000 accrued of the 549,999.50 that do not count, 54.5 %."""
    untagged, tagged = (shown(visit_own("ana"), f"?year={year}") for year in (2025, 2026))
    assert cells_of(untagged, "Resto del presupuesto") == cells_of(untagged, "Cuenta") == ["–"] * 4
    assert cells_of(tagged, "Resto del presupuesto")[-1] == "54.5 %"
    reason = "Ninguna línea de 2025 con presupuesto modificado tiene una etiqueta por la que este esquema pueda contar"
    assert reason in untagged
    assert "Ninguna línea de 2026" not in tagged
    rows = visit_own("ana").get("/en/valle/statement/statement.csv?year=2025").data.decode("utf-8-sig").splitlines()
    assert "Rest of the budget,,,," in rows


def test_long_tables_are_folded_with_their_number_and_marked_to_be_printed(visit_own):
    text = shown(visit_own("ana"), "?year=2026")
    assert text.count('"panel folded printed"') == 3  # all but the marker, which has its chart
    assert "clases, 1 con líneas" in text or "clases, 2 con líneas" in text


def test_files_hold_exact_amounts_and_leave_unknown_cells_empty(visit_own):
    ana = visit_own("ana")
    answer = ana.get("/en/valle/statement/statement.xlsx?year=2026&scheme=eu_eige&stage=pim")
    book = load_workbook(io.BytesIO(answer.data))
    rows = {row[0]: row for row in book["By gender marker"].iter_rows(values_only=True)}
    assert float(rows["2 · Principal"][3]) == 450000.50
    assert rows["1 · Significant"][3] is None
    assert float(rows["Whole budget"][3]) == 1000000
    text = ana.get("/en/valle/statement/statement.csv?year=2026").data.decode("utf-8-sig")
    assert "Unknown: nobody has looked at it yet,1,500000.0" in text
    assert "SYNTHETIC DATA" in text


def test_the_statement_is_a_tagged_pdf_too(visit_own):
    answer = visit_own("ana").get("/es/valle/statement/statement.pdf?year=2026&scheme=eu_eige&stage=pim")
    assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
    assert b"/StructTreeRoot" in answer.data
    assert "statement.pdf?year=2026" in shown(visit_own("ana"))


@pytest.mark.parametrize("query", ["year=1999", "scheme=oecd_dac", "stage=x", "colour=red"])
def test_files_refuse_choices_that_are_not_there(visit_own, query):
    assert visit_own("ana").get(f"/en/valle/statement/statement.csv?{query}").status_code == 400


def test_a_stranger_sees_no_statement(visit_own):
    assert visit_own(None).get("/es/valle/statement").status_code == 302


def test_a_site_without_lines_is_told_how_to_get_them(visit_own):
    answer = visit_own("beto").open("/en/pampa/statement")
    assert "There are no budget lines of this site yet" in answer.text
