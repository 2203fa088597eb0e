"""Little forms and exports, written out in the tests that use them."""

from __future__ import annotations

from pathlib import Path

from budget_model.survey.questions import Form
from data.readers.xlsform import ReadForm, form_of
from data.readers.xlsform_sheets import sheets_of_bytes
from data.writers.xlsform import form_workbook_bytes

HOUSEHOLD = """
survey
 | type | name | label::es | label::en | required | relevant | constraint | repeat_count
 | text | sector | Sector | Sector | yes | | |
 | integer | size | Personas | People | yes | | |
 | begin group | home | Vivienda | Home | | | |
 | select_one water | water | Agua | Water | yes | | |
 | select_multiple go | goods | Bienes | Goods | | | |
 | end group | | | | | | |
 | begin repeat | members | Persona | Person | | | | ${size}
 | select_one sex | sex | Sexo | Sex | yes | | |
 | integer | age | Edad | Age | yes | | . >= 0 and . <= 110 |
 | select_one yn | reads | Lee | Reads | yes | ${age} >= 6 | |
 | end repeat | | | | | | |
choices
 | list_name | name | label::es | label::en
 | water | network | Red pública | Public network
 | water | truck | Cisterna | Water truck
 | go | radio | Radio | Radio set
 | go | fridge | Refrigeradora | Fridge
 | sex | female | Mujer | Female
 | sex | male | Hombre | Male
 | yn | yes | Sí | Yes
 | yn | no | No | No
settings
 | form_title | form_id | version | default_language
 | Hogares | household | 3 | es
"""


def rows_of(text: str) -> dict[str, list[list[str]]]:
    """Sheets of a form drawn with bars."""
    sheets: dict[str, list[list[str]]] = {}
    current: list[list[str]] = []
    for line in text.strip("\n").splitlines():
        if line.startswith(" |"):
            current.append([cell.strip() for cell in line[2:].split("|")])
        else:
            current = sheets.setdefault(line.strip(), [])
    return sheets


def workbook(text: str) -> bytes:
    return form_workbook_bytes(rows_of(text))


def read(text: str) -> ReadForm:
    return form_of(sheets_of_bytes(workbook(text), "form.xlsx"))


def form(text: str = HOUSEHOLD) -> Form:
    return read(text).form


def written(folder: Path, name: str, text: str) -> Path:
    """A CSV file whose lines stand in `text`."""
    file = folder / name
    file.write_text(text.strip() + "\n", encoding="utf-8")
    return file


def export_workbook(folder: Path, name: str, sheets: dict[str, list[list[object]]]) -> Path:
    """An XLSX export."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = folder / name
    book.save(file)
    return file
