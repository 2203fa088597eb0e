"""An Atomica program book as an edit of a site's programmes: added or changed, the site's others stay as they are.

In Atomica a programme that covers the share y of its population moves a parameter from b to b + (o - b) y, with
y = s tanh(x / s) of the spending x = spend / unit cost / population (no saturation: min(x, 1)). Here coverage goes from
B to B + (1 - B) m. The two are the same with effectiveness e = (o - b) / (1 - b) and the ceiling e s: then
m = e s tanh(e x / (e s)) = e y. Where the parameter counts those who lack something, e = (b - o) / b.
Each parameter whose name is the code, or a label, of one of the site's needs becomes a link; what cannot be taken over
is told.
"""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from budget_model.errors import CatalogueError, Problem
from data.readers.atomica_book import (
    CAPACITY,
    EFFECTS,
    SATURATION,
    SPEND,
    SPENDING,
    UNIT_COST,
    BookEffect,
    BookProgramme,
    ProgramBook,
    differing,
)
from data.store.indicators import list_indicators
from data.store.tables import Indicator, Site
from data.workflows.programme_edits import Edit
from data.workflows.programme_parts import Document, document_of, stored_parts

HEADING = {"es": "Importado de Atomica", "en": "Imported from Atomica"}
WOMEN = re.compile(r"\b(female|females|women|woman|girls|mujer|mujeres|niñas)\b")
MEN = re.compile(r"\b(male|males|men|man|boys|hombre|hombres|niños|varones)\b")
INDEPENDENT = "random"  # the interaction that is the site's own: chance overlap
DECIMALS = 6


@dataclass(frozen=True)
class BookEdit:
    """The edit, the year that its figures are of, and what of the book could not be taken over (warnings)."""

    edit: Edit
    year: int | None
    notes: tuple[Problem, ...]


def edit_of_book(session: Session, site: Site, book: ProgramBook, year: int | None = None) -> BookEdit:
    """The edit that a program book asks for.

    year : of the figures; None: the last one with a spending
    Raises CatalogueError where two programmes would get the same code.
    """
    year = book.last_year if year is None else year
    codes = _codes(book)
    needs = _needs_by_name(list_indicators(session, site.id))
    stored = {parts.programme.code: document_of(parts) for parts in stored_parts(session, site.id)}
    notes: list[Problem] = [_money_note(book, site.currency, year), *_general_notes(book, needs)]
    entries = {}
    for one in book.programmes:
        entry = _entry(one, codes[one.abbreviation], stored.get(codes[one.abbreviation]), book, year)
        links = list(_links(one, book, needs, year, notes))
        replaced = {link["need"] for link in links}
        entry["serves"] = [*(link for link in entry["serves"] if link["need"] not in replaced), *links]
        entries[codes[one.abbreviation]] = entry
    return BookEdit(Edit(entries, origin=book.file), year, tuple(notes))


def code_of(abbreviation: str) -> str:
    """Small letters, digits and hyphens.

    >>> code_of("Screening - urban")
    'screening-urban'
    """
    letters = unicodedata.normalize("NFKD", abbreviation.lower())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80]


def _codes(book: ProgramBook) -> dict[str, str]:
    codes = {one.abbreviation: code_of(one.abbreviation) for one in book.programmes}
    problems = [
        Problem(
            "atomica-code",
            f"The abbreviation '{one.abbreviation}' gives no code of its own ('{codes[one.abbreviation]}'). "
            "Use letters and digits, and a different one for each programme.",
            file=book.file,
            line=one.line,
            value=one.abbreviation,
            facts={"programme": one.abbreviation},
        )
        for one in book.programmes
        if not codes[one.abbreviation] or list(codes.values()).count(codes[one.abbreviation]) > 1
    ]
    if problems:
        raise CatalogueError(problems)
    return codes


# ---- money and people ------------------------------------------------------------------------------------------------


def _entry(one: BookProgramme, code: str, stored: Document | None, book: ProgramBook, year: int | None) -> Document:
    """The stored entry with the book's figures, or a new one. Money that comes from budget lines stays theirs."""
    entry = copy.deepcopy(stored) if stored is not None else _blank(one, code, book)
    spend, cost, capacity = (_at(one, key, year) for key in (SPEND, UNIT_COST, CAPACITY))
    entry["unit_cost"] = {"value": _exact(cost or 0.0), "source": _source(one, UNIT_COST, book, year)}
    if not entry.get("lines"):
        entry["baseline"] = {"value": _exact(spend or 0.0), "source": _source(one, SPEND, book, year)}
    if capacity:
        entry["capacity"] = {"value": capacity, "source": _source(one, CAPACITY, book, year)}
    entry.setdefault("serves", [])
    return entry


def _blank(one: BookProgramme, code: str, book: ProgramBook) -> Document:
    durability = {"value": 1, "source": f"assumption: {book.file} states costs a year"}
    names = {"es": one.name, "en": one.name}
    return {
        "code": code,
        "name": names,
        "heading": dict(HEADING),
        "durability_years": durability,
        "area_split": "need",
        "serves": [],
    }


def _at(one: BookProgramme, key: str, year: int | None) -> float | None:
    series = one.series[key]
    return series.assumption if year is None else series.at(year)


def _exact(value: float) -> Decimal:
    return Decimal(repr(round(value, 4)))


def _source(one: BookProgramme, key: str, book: ProgramBook, year: int | None) -> str:
    when = "" if year is None else f", {year}"
    return f"Atomica program book {book.file}, {SPENDING}, row {one.series[key].line}{when}"


# ---- needs -----------------------------------------------------------------------------------------------------------


def _needs_by_name(indicators: Sequence[Indicator]) -> dict[str, Indicator]:
    """Code, and each label without regard to case -> the newest version of the indicator."""
    found: dict[str, Indicator] = {}
    for one in sorted(indicators, key=lambda indicator: indicator.version):
        labels = one.definition.get("label") or {}
        for name in (one.code, *labels.values()):
            found[str(name).strip().lower()] = one
    return found


def _links(
    one: BookProgramme, book: ProgramBook, needs: Mapping[str, Indicator], year: int | None, notes: list[Problem]
) -> Iterator[dict[str, Any]]:
    """Links to those parameters that are needs of the site."""
    for parameter in dict.fromkeys(effect.parameter for effect in book.effects):
        need = needs.get(parameter.strip().lower())
        rows = [e for e in book.effects if e.parameter == parameter and one.abbreviation in e.outcomes]
        if need is None or not rows:
            continue
        effectiveness = _effectiveness(one, rows, need, book, notes)
        if effectiveness is None:
            continue
        saturation = _at(one, SATURATION, year)
        yield {
            "need": need.code,
            "reach": _reach(one),
            "effectiveness": round(effectiveness, DECIMALS),
            "ceiling": round(effectiveness * (saturation or 1.0), DECIMALS),
            "response": "tanh" if saturation else "linear",
            "source": f"Atomica program book {book.file}, Program effects, row {rows[0].line}",
        }


def _effectiveness(
    one: BookProgramme, rows: Sequence[BookEffect], need: Indicator, book: ProgramBook, notes: list[Problem]
) -> float | None:
    """What the programme does to the parameter in those whom it covers; None, and a note, where that says nothing."""
    is_lack = need.definition.get("direction") == "down"
    found = [_share(row.baseline, row.outcomes[one.abbreviation], is_lack) for row in rows]
    facts = {"programme": one.abbreviation, "parameter": rows[0].parameter}
    if any(value is None for value in found):
        message = (
            f"'{rows[0].parameter}' of '{one.abbreviation}' is not taken over: it needs a baseline value and an "
            "outcome between 0 and 1, and the outcome must be the better one."
        )
        notes.append(_note("atomica-outcome", message, book, rows[0].line, facts))
        return None
    values = [value for value in found if value is not None]
    if differing(values):
        message = (
            f"'{rows[0].parameter}' of '{one.abbreviation}' is not taken over: it differs between the populations, and "
            "a programme has one effectiveness here."
        )
        notes.append(_note("atomica-populations", message, book, rows[0].line, facts))
        return None
    return values[0]


def _share(baseline: float | None, outcome: float, is_lack: bool) -> float | None:
    """Share of those covered whose need is met by it; None where the figures are no shares, or nothing gets better."""
    if baseline is None or not (0 <= baseline <= 1 and 0 <= outcome <= 1):
        return None
    lacking, left = (baseline, outcome) if is_lack else (1 - baseline, 1 - outcome)
    return (lacking - left) / lacking if lacking > left else None


def _reach(one: BookProgramme) -> Any:
    """Women or men only where the names of all its populations say so; else as people lack it."""
    names = [name.lower() for name in one.populations]
    if names and all(WOMEN.search(name) and not MEN.search(name) for name in names):
        return {"women": 1.0, "men": 0.0}
    if names and all(MEN.search(name) and not WOMEN.search(name) for name in names):
        return {"women": 0.0, "men": 1.0}
    return "need"


# ---- what is not taken over ------------------------------------------------------------------------------------------


def _note(rule: str, message: str, book: ProgramBook, line: int | None, facts: Mapping[str, Any]) -> Problem:
    sheet = None if line is None else EFFECTS
    return Problem(rule, message, level="warning", file=book.file, sheet=sheet, line=line, facts=dict(facts))


def _money_note(book: ProgramBook, currency: str, year: int | None) -> Problem:
    """Books have no currency of their own: theirs is whatever their makers counted in."""
    when = "" if year is None else f" of {year}"
    message = f"The amounts of the book are taken as {currency}{when} as they stand; nothing is converted."
    return _note("atomica-money", message, book, None, {"currency": currency, "year": year or "–"})


def _general_notes(book: ProgramBook, needs: Mapping[str, Indicator]) -> Iterator[Problem]:
    by_parameter: dict[str, list[BookEffect]] = {}
    for effect in book.effects:
        by_parameter.setdefault(effect.parameter, []).append(effect)
    for parameter, rows in by_parameter.items():
        facts = {"parameter": parameter}
        is_need = parameter.strip().lower() in needs
        if not is_need and any(row.outcomes for row in rows):
            message = (
                f"'{parameter}' is no need of this site, so what the programmes do about it is not taken over. Call it "
                "in the book by the code of a need, or add the link in the workbench."
            )
            yield _note("atomica-parameter", message, book, rows[0].line, facts)
        kinds = {row.interaction for row in rows if len(row.outcomes) > 1 and row.interaction.lower() != INDEPENDENT}
        if is_need and kinds:
            named = ", ".join(sorted(kinds)) or "none"
            message = (
                f"'{parameter}': the book combines programmes as '{named}'; the site's models take chance overlap."
            )
            yield _note("atomica-interaction", message, book, rows[0].line, {**facts, "interaction": named})
        if is_need and any(row.impact for row in rows):
            message = f"'{parameter}': the impact interactions of the book are not taken over."
            yield _note("atomica-impact", message, book, rows[0].line, facts)
    if any(series.has_uncertainty for one in book.programmes for series in one.series.values()):
        message = "Uncertainties of the book are not taken over. State ranges of unit costs in the workbench."
        yield _note("atomica-uncertainty", message, book, None, {})
