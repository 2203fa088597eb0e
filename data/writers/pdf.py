"""Notes and tables as a tagged PDF (PDF/UA-1), made by Typst without a browser and without a network.

Texts reach the template as data, never as markup, so that no text of a file can become a command.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import typst

from data.writers.tables import NOT_PRINTABLE, Cell, Table

PAGE_CM = 26.5  # A4 on its side, without margins
SIGN_CM = 0.2  # of a sign of the bold header, at most on average
CELL_INSET_CM = 0.3
LONGEST_WORD = 20  # signs; a longer one, an address say, may break
TEMPLATE = Path(__file__).with_name("tables.typ")


def pdf_bytes(
    title: str, language: str, notes: Sequence[tuple[str, str]], tables: Iterable[Table], warning: str = ""
) -> bytes:
    """A document: title, notes, then a heading and a table each.

    language : of the document, for readers aloud; warning : stands above everything, e.g. that data are synthetic
    A table without rows says nothing was there (a dash); missing cells are dashes, never 0.
    """
    content = {
        "title": printable(title),
        "language": language,
        "warning": printable(warning),
        "notes": [[printable(name), printable(text)] for name, text in notes],
        "tables": [_table(table) for table in tables],
    }
    return tagged_pdf(TEMPLATE, content)


def tagged_pdf(template: Path, content: Mapping[str, object]) -> bytes:
    """What a Typst template makes of its content: PDF/UA-1, the same bytes for the same content."""
    made = typst.compile(
        template.read_bytes(),
        format="pdf",
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=0,
    )
    assert isinstance(made, bytes)  # one document, not an image a page
    return made


def _table(table: Table) -> dict[str, object]:
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    numbers = [
        any(_is_number(row[place]) for row in table.rows)
        and all(row[place] is None or _is_number(row[place]) for row in table.rows)
        for place in range(len(table.header))
    ]
    return {
        "title": printable(table.title),
        "header": [printable(name) for name in table.header],
        "rows": rows,
        "numbers": numbers,
        "weights": column_widths(table),
    }


def column_widths(table: Table) -> list[float]:
    """How wide the columns are, in cm: each holds its longest word, the rest goes by the longest text."""
    columns = [[table.header[place], *(_cell(row[place]) for row in table.rows)] for place in range(len(table.header))]
    least = [CELL_INSET_CM + SIGN_CM * min(LONGEST_WORD, max(map(_word_length, texts))) for texts in columns]
    longest = [min(60, max(len(text) for text in texts)) for texts in columns]
    rest = max(0.0, PAGE_CM - sum(least)) / max(1, sum(longest))
    return [round(width + rest * weight, 3) for width, weight in zip(least, longest, strict=True)]


def _word_length(text: str) -> int:
    return max((len(word) for word in text.split()), default=0)


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)


def _cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "–"
    if isinstance(cell, Decimal):  # amounts have two decimals, at most four; of a rate four are printed
        return f"{cell:,.2f}" if cell == round(cell, 2) else f"{cell:,.4f}"
    return f"{cell:,.4f}" if isinstance(cell, float) else printable(str(cell))


def printable(text: str) -> str:
    """Without signs that no page can show."""
    return NOT_PRINTABLE.sub("", text)
