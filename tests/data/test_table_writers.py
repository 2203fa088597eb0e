"""Tables for people: text stays text, missing stays missing, amounts stay exact."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest

from data.writers.tables import Table, csv_bytes, defused, sheet_title, xlsx_bytes

NOTES = [("Source", "census 2026")]
TABLE = Table("Allocation", ["programme", "amount"], [["=HYPERLINK(1)", Decimal("1250000.50")], ["water", None]])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert defused(text) == "'" + text


def test_ordinary_text_is_left_as_it_is():
    assert defused("Agua y saneamiento = bien") == "Agua y saneamiento = bien"


def test_csv_has_notes_first_then_the_table_with_missing_cells_empty():
    lines = csv_bytes(NOTES, [TABLE]).decode("utf-8-sig").split("\r\n")
    assert lines == [
        "# Source: census 2026",
        "",
        "# Allocation",
        "programme,amount",
        "'=HYPERLINK(1),1250000.50",
        "water,",
        "",
    ]


def test_xlsx_keeps_formulas_as_text_and_numbers_as_numbers():
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes("About", NOTES, [TABLE])))
    assert book.sheetnames == ["About", "Allocation"]
    sheet = book["Allocation"]
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value == "=HYPERLINK(1)"
    assert sheet["B2"].value == 1250000.5
    assert sheet["B3"].value is None
    assert book["About"]["B1"].value == "census 2026"


def test_a_title_that_a_sheet_cannot_bear_is_made_bearable():
    assert sheet_title("Who gains / who loses: persons by need") == "Who gains - who loses- persons "
