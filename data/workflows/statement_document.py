"""The gender budget statement as notes and tables in a language, and as a file: the same for the page and the command.

Exact amounts, missing cells empty. What is unknown stands beside the classes with its reason, in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from budget_model.spending.schemes import Scheme
from budget_model.spending.statement import Breakdown, Contribution, Counted, Execution
from data.messages import mark, translate
from data.readers.schemes import read_schemes
from data.workflows.modification_words import SYNTHETIC
from data.workflows.statement import COLUMNS, CONTRIBUTORS, FLOOR, ROWS, Statement
from data.writers.pdf import pdf_bytes
from data.writers.tables import Cell, Table, csv_bytes, xlsx_bytes

SHOWN_STAGES = ("pia", "pim", "accrued", "paid")
MISSING = "–"
STAGES: Mapping[str, str] = {
    "pia": mark("Opening budget (PIA)"),
    "pim": mark("Modified budget (PIM)"),
    "certified": mark("Certified"),
    "committed": mark("Committed"),
    "accrued": mark("Accrued"),
    "paid": mark("Paid"),
}
SHORT_STAGES: Mapping[str, str] = {**STAGES, "pia": mark("PIA"), "pim": mark("PIM")}
TITLES: Mapping[str, str] = {
    "oecd_dac": mark("By gender marker"),
    "in_gbs": mark("By the women's share of those who benefit"),
    "pe_lio": mark("By policy of Law 28983"),
    "pe_beneficiary": mark("By main beneficiary"),
}
UNCOUNTED: Mapping[str, str] = {
    "not_screened": mark("Nobody has looked at it yet"),
    "unresolved": mark("To be resolved"),
    "outside_scheme": mark("The scheme does not know this value"),
    "not_stated": mark("The tag does not say"),
    "other_scheme": mark("Attributed by another scheme"),
}
VERDICTS: Mapping[str, str] = {
    "met": mark("The floor of {floor} is met: at least {least} of the budget is counted."),
    "missed": mark("The floor of {floor} is not met: at most {most} of the budget could count."),
    "unknown": mark(
        "It cannot be said whether the floor of {floor} is met: {least} is known to count, and up to {most} could, "
        "because the scheme has nothing to say of the rest yet."
    ),
}
NO_FLOOR_YET = mark(
    "It cannot be said whether the floor of {floor} is met: no line is counted by the scheme yet, which is not 0."
)
NO_MONEY = mark("The budget has no money at this stage: nothing can be said of the floor.")
RULE = mark("{rule}, counted by {scheme}.")
FINDING = mark(
    "Of the {total} of {year} ({stage}), {amount} ({share}) count by {scheme}; of {unknown} nothing is known yet, "
    "which is not 0."
)
NO_FINDING = mark(
    "Of the {total} of {year} ({stage}), no line is counted by {scheme} yet; of {unknown} nothing is known, which is "
    "not 0."
)
TITLE = mark("Gender budget statement")
STANDS_ON = mark("Approved tags only. What nobody has tagged is unknown, which is not 0.")
HEADERS: Mapping[str, tuple[str, ...]] = {
    "notes": (
        *(mark("Site"), mark("Year"), mark("Stage"), mark("Scheme that counts the money"), mark("Currency")),
        *(mark("Finding"), mark("Floor of 5 %"), mark("What it stands on"), mark("Source")),
    ),
    "counted": (mark("Stage"), mark("Counted"), mark("Unknown"), mark("Whole budget")),
    "execution": (
        *(mark("What"), mark("Lines"), mark("Declared (PIM)"), mark("Executed (accrued)")),
        mark("Execution (accrued / modified)"),
    ),
    "largest": (mark("Line"), mark("Code"), mark("Counted amount"), mark("Share of what counts")),
    "cross": (mark("Policy"), mark("Main beneficiary"), mark("Lines")),
}
SHEETS: Mapping[str, str] = {
    "notes": mark("Notes"),
    "warning": mark("Warning"),
    "counted": mark("Counted"),
    "execution": mark("Execution"),
    "largest": mark("Largest lines"),
    "cross": mark("Policy and beneficiary"),
}
NAMES: Mapping[str, str] = {
    "counted": mark("Counted"),
    "rest": mark("Rest of the budget"),
    "unknown_all": mark("Nothing is known of it"),
    "unknown": mark("of it: nothing is known"),
    "whole": mark("Whole budget"),
    "no_class": mark("{code} (none of the classes)"),
    "unknown_why": mark("Unknown: {reason}"),
    "class": mark("Class"),
    "lines": mark("Lines"),
    "share": mark("Share of the budget"),
    "largest": mark("Largest line of it"),
}


@dataclass(frozen=True)
class Place:
    """Whose statement it is."""

    name: str
    currency: str
    is_synthetic: bool


def statement_file(kind: str, place: Place, found: Statement, language: str) -> bytes:
    """The statement as `pdf`, `csv` or `xlsx` in the language."""
    notes, tables = statement_notes(place, found, language), statement_tables(found, language)
    warning = translate(language, SYNTHETIC) if place.is_synthetic else ""
    if kind == "pdf":
        title = f"{translate(language, TITLE)}, {found.year}"
        return pdf_bytes(title, language, notes, tables, warning)
    notes += [(translate(language, SHEETS["warning"]), warning)] if warning else []
    return (
        csv_bytes(notes, tables) if kind == "csv" else xlsx_bytes(translate(language, SHEETS["notes"]), notes, tables)
    )


def statement_notes(place: Place, found: Statement, language: str) -> list[tuple[str, str]]:
    """Site, period, scheme, unit, finding and source, which every figure needs."""
    values = (
        *(place.name, str(found.year), translate(language, STAGES[found.stage])),
        *(scheme_label(found.counted.scheme, language), place.currency, finding(place, found, language)),
        *(floor_sentence(found, language), translate(language, STANDS_ON), ", ".join(found.files)),
    )
    return list(zip(_header("notes", language), values, strict=True))


def finding(place: Place, found: Statement, language: str) -> str:
    """The statement in a sentence; what is unknown is told in the same breath."""
    counted, stage = found.counted, translate(language, STAGES[found.stage])
    facts = {
        "year": found.year,
        "stage": stage[:1].lower() + stage[1:],
        "scheme": scheme_label(counted.scheme, language),
        "total": _money(counted.total[found.stage], place.currency),
        "unknown": _money(counted.unknown[found.stage] or Decimal(0), place.currency),
    }
    amount = counted.amounts[found.stage]
    if amount is None:
        return translate(language, NO_FINDING, **facts)
    share = _share(counted.share(found.stage), language)
    return translate(language, FINDING, amount=_money(amount, place.currency), share=share, **facts)


def floor_sentence(found: Statement, language: str) -> str:
    """Whether the floor is kept, by which scheme it counts, and under which rule."""
    rule, by = (scheme_label(name, language) for name in (FLOOR, found.floor_by))
    named = translate(language, RULE, rule=rule, scheme=by)
    one = found.floor
    if one is None:
        return f"{translate(language, NO_MONEY)} {named}"
    facts = {name: _share(getattr(one, name), language) for name in ("floor", "least", "most")}
    is_none = found.counted.amounts[found.stage] is None and one.verdict == "unknown"
    return f"{translate(language, NO_FLOOR_YET if is_none else VERDICTS[one.verdict], **facts)} {named}"


def statement_tables(found: Statement, language: str) -> list[Table]:
    """What counts, its execution, whom it names, and one table a way of breaking the budget down."""
    parts = [_breakdown_table(one, found, language) for one in found.breakdowns.values()]
    ways = [_counted_table(found.counted, language), _execution_table(found.counted, language)]
    return [*ways, _largest_table(found, language), *parts, _cross_table(found, language)]


def _counted_table(one: Counted, language: str) -> Table:
    rows = [
        (translate(language, name), one.amounts[stage], one.unknown[stage], one.total[stage])
        for stage, name in STAGES.items()
    ]
    return Table(translate(language, SHEETS["counted"]), _header("counted", language), rows)


def _execution_table(counted: Counted, language: str) -> Table:
    known = counted.rest is not None
    parts: list[tuple[str, Execution | None]] = [
        ("counted", counted.counted_execution if known else None),
        ("rest", counted.rest),
        ("unknown" if known else "unknown_all", counted.unknown_execution),
        ("whole", counted.whole_execution),
    ]
    rows = [
        (translate(language, NAMES[name]), *((one.lines, one.declared, one.executed, one.rate) if one else [None] * 4))
        for name, one in parts
    ]
    return Table(translate(language, SHEETS["execution"]), _header("execution", language), rows)


def _largest_table(found: Statement, language: str) -> Table:
    largest = found.counted.contributions[:CONTRIBUTORS]
    rows = [(found.names[one.key], one.key[1], one.amount, one.share) for one in largest]
    return Table(translate(language, SHEETS["largest"]), _header("largest", language), rows)


def _breakdown_table(one: Breakdown, found: Statement, language: str) -> Table:
    scheme = read_schemes()[one.scheme]
    rows = [(class_name(scheme, part.code, language), part) for part in one.classes]
    rows += [(_unknown_name(part.code, language), part) for part in one.unknown]
    rows.append((translate(language, NAMES["whole"]), one.whole))
    cells: list[list[Cell]] = [
        [
            *(name, part.lines, *(part.amounts[stage] for stage in SHOWN_STAGES)),
            *(one.share(part), _contributor(part.largest, found, language)),
        ]
        for name, part in rows
    ]
    ends = [translate(language, NAMES[name]) for name in ("class", "lines", "share", "largest")]
    stages = [translate(language, SHORT_STAGES[stage]) for stage in SHOWN_STAGES]
    return Table(translate(language, TITLES[one.scheme]), [*ends[:2], *stages, *ends[2:]], cells)


def _cross_table(found: Statement, language: str) -> Table:
    rows, columns = read_schemes()[ROWS], read_schemes()[COLUMNS]
    cells = [
        (class_name(rows, row, language), class_name(columns, column, language), lines, amount)
        for (row, column), (lines, amount) in sorted(found.cross.items())
    ]
    header = [*_header("cross", language), translate(language, STAGES[found.stage])]
    return Table(translate(language, SHEETS["cross"]), header, cells)


def class_name(scheme: Scheme, code: str, language: str) -> str:
    """`2 · Principal`; of a code that is a word (women) the label alone; a share of 0 lies in no band and is known."""
    found: Any = scheme.category(code) or next((one for one in scheme.bands if one.code == code), None)
    if found is None:
        return translate(language, NAMES["no_class"], code=code)
    label = str(found.label[language])
    return label if code.isalpha() and code.islower() else f"{code} · {label}"


def scheme_label(name: str, language: str) -> str:
    return read_schemes()[name].label[language]


def _unknown_name(reason: str, language: str) -> str:
    return translate(language, NAMES["unknown_why"], reason=translate(language, UNCOUNTED[reason]).lower())


def _contributor(one: Contribution | None, found: Statement, language: str) -> str:
    """The line that gives most, and how much of the total."""
    if one is None:
        return MISSING
    name = found.names.get(one.key, one.key[1])
    return f"{name} ({_share(one.share, language)})" if one.share is not None else name


def _header(name: str, language: str) -> list[str]:
    return [translate(language, title) for title in HEADERS[name]]


def _money(amount: Decimal | None, currency: str) -> str:
    return MISSING if amount is None else f"{currency} {amount:,.2f}"


def _share(value: Decimal | None, language: str) -> str:
    return MISSING if value is None else f"{value * 100:.1f}{' ' if language == 'es' else ''}%"
