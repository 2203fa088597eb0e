"""A tag as one row of a table of texts, and back: what people edit in a spreadsheet. Pure text, no files.

Lists stand in one cell, apart by `;`: `girls; older`, answers of a form as `1.1=0.5; 2.0=1`, needs as
`IPV12=0.6 independent; NOHELP=0.4`. An empty cell states nothing, which is not 0 and not no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from budget_model.errors import InputError, Problem

PLAIN = (
    *("marker", "objective", "indicator", "gap", "review_on", "sharp", "policy", "beneficiary", "other_beneficiaries"),
    *("women_share_percent", "women_share_method"),
)
ATTRIBUTION = ("attribution_scheme", "attribution_answers", "attribution_category", "attribution_percent")
FLAGS = ("needs", "is_locked", "lock_law", "is_capital", "start_year", "proposal")
TAG_COLUMNS = (*PLAIN, *ATTRIBUTION, *FLAGS)
YES, NO = ("yes", "si", "sí", "true", "1"), ("no", "false", "0", "")


def row_of_tag(content: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a tag's content (as `tags.tag_document` gives it), by `TAG_COLUMNS`."""
    row = {name: _text(content.get(name)) for name in TAG_COLUMNS}
    row["other_beneficiaries"] = "; ".join(content.get("other_beneficiaries", ()))
    row["needs"] = "; ".join(
        f"{link['need']}={link['weight']} {link.get('overlap', 'independent')}" for link in content.get("needs", ())
    )
    for name in ("is_locked", "is_capital"):
        row[name] = "yes" if content.get(name) else ""
    stated = content.get("attribution") or {}
    row["attribution_scheme"] = _text(stated.get("scheme"))
    row["attribution_answers"] = "; ".join(f"{item}={points}" for item, points in stated.get("answers", {}).items())
    row["attribution_category"] = _text(stated.get("category"))
    row["attribution_percent"] = _text(stated.get("percent"))
    return row


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def tag_of_row(row: Mapping[str, str]) -> dict[str, Any]:
    """The content that a row's cells state, as `tags.parse_tag` takes it; columns that are not there state nothing.

    Raises InputError with the column of each cell that cannot be read.
    """
    content: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, read in READ.items():
        cell = row.get(name, "").strip()
        try:
            value = read(cell) if cell else None
        except ValueError as wrong:
            problems.append(Problem("tag_cell", f"'{cell[:60]}' cannot be read: {wrong}", column=name, value=cell[:60]))
            continue
        if value is not None:
            content[name] = value
    stated = {name.removeprefix("attribution_"): content.pop(name) for name in ATTRIBUTION if name in content}
    if stated and "scheme" not in stated:
        message = "An attribution is stated without its scheme. Name it in attribution_scheme."
        problems.append(Problem("tag_cell", message, column="attribution_scheme"))
    if problems:
        raise InputError(problems)
    return content | ({"attribution": stated} if stated else {})


def _parts(cell: str) -> Iterator[str]:
    return (part.strip() for part in cell.split(";") if part.strip())


def _list(cell: str) -> list[str]:
    return list(_parts(cell))


def _answers(cell: str) -> dict[str, str]:
    found = {}
    for part in _parts(cell):
        item, sign, points = part.partition("=")
        if not sign or item.strip() in found:
            raise ValueError("write each question once, as 1.1=0.5; 1.2=1.")
        found[item.strip()] = points.strip()
    return found


def _needs(cell: str) -> list[dict[str, str]]:
    links = []
    for part in _parts(cell):
        need, sign, rest = part.partition("=")
        words = rest.split()
        if not sign or len(words) not in (1, 2):
            raise ValueError("write each need as IPV12=0.6, or IPV12=0.6 nested.")
        links.append({"need": need.strip(), "weight": words[0], **({"overlap": words[1]} if len(words) == 2 else {})})
    return links


def _yes(cell: str) -> bool | None:
    if cell.lower() in YES:
        return True
    if cell.lower() in NO:
        return None
    raise ValueError("write yes or no.")


def _year(cell: str) -> int:
    if not cell.isdigit():
        raise ValueError("write a year of four digits.")
    return int(cell)


READ: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(TAG_COLUMNS, str),
    "other_beneficiaries": _list,
    "attribution_answers": _answers,
    "needs": _needs,
    "is_locked": _yes,
    "is_capital": _yes,
    "start_year": _year,
}
