"""What can be wrong with an Atomica program book, and what of it is not taken over, in words."""

from __future__ import annotations

from dashboard.i18n import mark

PROBLEMS: dict[str, str] = {
    "atomica-broken": mark("The workbook cannot be opened: it is damaged or no XLSX at all."),
    "atomica-sheet": mark("A program book needs three sheets; this one lacks {sheets}."),
    "atomica-number": mark("“{value}” is no number that can stand here. Correct the cell."),
    "atomica-twice": mark("The programme “{programme}” stands twice. Give each its own abbreviation."),
    "atomica-empty": mark("The sheet names no programme. Write one a row from the third row on."),
    "atomica-programme": mark(
        "The sheet of targets has no programme “{programme}”. Correct the name in one of the two."
    ),
    "atomica-spend": mark("Programme “{programme}” has no annual spend. Write one; a programme without money has 0."),
    "atomica-cost": mark("Programme “{programme}” has no unit cost above 0. Write what serving a person costs."),
    "atomica-code": mark(
        "The abbreviation “{programme}” gives no code of its own. Use letters and digits, different for each programme."
    ),
    "atomica-outcome": mark(
        "“{parameter}” of “{programme}” is not taken over: it needs a baseline value and an outcome between 0 and 1, "
        "and the outcome must be the better one."
    ),
    "atomica-populations": mark(
        "“{parameter}” of “{programme}” is not taken over: it differs between the populations, and a programme has one "
        "effectiveness here."
    ),
    "atomica-parameter": mark(
        "“{parameter}” is no need of this site, so what the programmes do about it is not taken over. Call it in the "
        "book by the code of a need, or add the link in the programme's form."
    ),
    "atomica-interaction": mark(
        "“{parameter}”: the book combines programmes as “{interaction}”; models here take chance overlap."
    ),
    "atomica-impact": mark("“{parameter}”: the impact interactions of the book are not taken over."),
    "atomica-money": mark(
        "The amounts of the book ({year}) are taken as {currency} as they stand; nothing is converted."
    ),
    "atomica-uncertainty": mark(
        "Uncertainties of the book are not taken over. State ranges of unit costs in the programme's form."
    ),
}
