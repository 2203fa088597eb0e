"""What became of the winners of a participatory budget: their lines, and the money of these lines, year by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget_model.assembly.execution import STAGES, Execution, LinePart, execution_of, total_of
from data.store import assembly as store
from data.store.tables import BudgetImport, BudgetLine, Site, WinnerLine
from data.store.winner_lines import MADE, find_lines, list_winner_lines
from data.workflows.line_links import line_name, source_name
from data.workflows.winners import Winner, winners_of
from data.writers.tables import Table, xlsx_bytes

TITLES = {
    "execution": {"es": "Ejecución", "en": "Execution"},
    "lines": {"es": "Líneas del presupuesto", "en": "Budget lines"},
    "notes": {"es": "Notas", "en": "Notes"},
}
HEADERS = {
    "execution": {
        "es": (
            "propuesta", "título", "zona", "precio votado", "año",
            "PIA", "PIM", "devengado", "girado", "avance (% del PIM)", "estado",
        ),
        "en": (
            "proposal", "title", "zone", "price voted", "year",
            "PIA", "PIM", "accrued", "paid", "executed (% of PIM)", "state",
        ),
    },
    "lines": {
        "es": (
            "propuesta", "año", "línea", "nombre", "fuente", "parte de la línea (%)", "origen",
            "está en el presupuesto",
        ),
        "en": ("proposal", "year", "line", "name", "source", "share of the line (%)", "origin", "is in the budget"),
    },
}  # fmt: skip
STATES = {
    "no_line": {"es": "sin línea en el presupuesto", "en": "no line in the budget"},
    "unknown": {"es": "sin dato de ejecución", "en": "execution not known"},
    "not_started": {"es": "no iniciada", "en": "not started"},
    "under_way": {"es": "en marcha", "en": "under way"},
    "done": {"es": "ejecutada", "en": "executed"},
}
ORIGINS = {
    "made": {"es": "escrita a partir del resultado", "en": "written from the result"},
    "matched": {"es": "emparejada por una persona", "en": "matched by a person"},
}
YES_NO = {True: {"es": "sí", "en": "yes"}, False: {"es": "no", "en": "no"}}


@dataclass(frozen=True)
class FollowedLine:
    """A line of a winner. `name` and `source` are empty, and `is_there` False, where the budget no longer has it."""

    year: int
    code: str
    name: str
    source: str
    share: Decimal
    origin: str
    is_there: bool
    is_made: bool  # stands as it was written, no file has brought it yet


@dataclass(frozen=True)
class Followed:
    """A winner with its lines, and its money by budget year; a year is there where it has lines in the budget."""

    winner: Winner
    lines: tuple[FollowedLine, ...]
    years: Mapping[int, Execution]


@dataclass(frozen=True)
class FollowUp:
    """Winners of a process. `totals` by budget year; `files`: whence the lines come; `brought_at`: the last of them."""

    year: int
    winners: tuple[Followed, ...]
    totals: Mapping[int, Execution]
    files: tuple[str, ...]
    brought_at: datetime | None
    currency: str
    site_name: str
    is_synthetic: bool

    @property
    def without_line(self) -> int:
        """Winners that no line of any budget carries out."""
        return sum(not one.years for one in self.winners)


def load_follow_up(session: Session, site: Site, year: int) -> FollowUp:
    """What became of the winners of a process; NotFoundError where there is no process of that year."""
    process = store.load_process(session, site.id, year)
    links = list_winner_lines(session, process.id)
    lines = find_lines(session, site.id, [(link.year, link.line_code) for link in links])
    followed = []
    for winner in winners_of(session, process).values():
        own = [link for link in links if link.proposal_code == winner.code]
        told = tuple(_line(link, lines.get((link.year, link.line_code))) for link in own)
        followed.append(Followed(winner, told, _years(own, lines)))
    budget_years = sorted({one for winner in followed for one in winner.years})
    totals = {one: total_of([w.years[one] for w in followed if one in w.years]) for one in budget_years}
    used = [lines[link.year, link.line_code] for link in links if (link.year, link.line_code) in lines]
    return FollowUp(
        year,
        tuple(followed),
        totals,
        tuple(sorted({line.source_file for line in used})),
        _brought_at(session, site.id, used),
        site.currency,
        site.name,
        process.is_synthetic,
    )


def _line(link: WinnerLine, line: BudgetLine | None) -> FollowedLine:
    is_made = link.origin == MADE and line is not None and "participatory_budget" in line.labels
    name, source = (line_name(line), source_name(line) or "") if line is not None else ("", "")
    return FollowedLine(link.year, link.line_code, name, source, link.share, link.origin, line is not None, is_made)


def _years(links: Sequence[WinnerLine], lines: Mapping[tuple[int, str], BudgetLine]) -> dict[int, Execution]:
    parts: dict[int, list[LinePart]] = {}
    for link in links:
        line = lines.get((link.year, link.line_code))
        if line is not None:
            amounts = {stage: getattr(line, stage) for stage in STAGES}
            parts.setdefault(link.year, []).append(LinePart(link.share, amounts))
    return {year: execution_of(own) for year, own in sorted(parts.items())}


def _brought_at(session: Session, site_id: int, lines: Sequence[BudgetLine]) -> datetime | None:
    """When the newest of the files that the lines come from was brought in."""
    hashes = {line.source_sha256 for line in lines}
    query = select(func.max(BudgetImport.at)).where(
        BudgetImport.site_id == site_id, BudgetImport.source_sha256.in_(hashes)
    )
    return session.scalar(query) if hashes else None


# --- as data and as a workbook ---------------------------------------------------------------------------------------


def follow_up_document(found: FollowUp) -> dict[str, Any]:
    """Plain data; amounts as exact texts, null where not known."""
    return {
        "year": found.year,
        "currency": found.currency,
        "winners": [
            {
                "proposal": one.winner.code,
                "title": dict(one.winner.title),
                "zone": one.winner.zone,
                "cost": str(one.winner.cost),
                "votes": one.winner.votes,
                "lines": [
                    {
                        "year": line.year,
                        "code": line.code,
                        "name": line.name,
                        "source": line.source,
                        "share": str(line.share.normalize()),
                        "origin": line.origin,
                        "is_there": line.is_there,
                    }
                    for line in one.lines
                ],
                "years": {str(year): execution_document(money) for year, money in one.years.items()},
            }
            for one in found.winners
        ],
        "totals": {str(year): execution_document(money) for year, money in found.totals.items()},
        "without_line": found.without_line,
        "sources": list(found.files),
        "brought_at": found.brought_at.isoformat(timespec="minutes") if found.brought_at else None,
    }


def execution_document(money: Execution) -> dict[str, Any]:
    share = money.executed_share
    amounts = {stage: None if amount is None else f"{amount:f}" for stage, amount in money.amounts.items()}
    return {**amounts, "executed_share": None if share is None else round(float(share), 6), "state": money.state}


def follow_up_workbook(found: FollowUp, language: str) -> bytes:
    """XLSX: notes, execution by winner and year, lines."""
    notes = [
        ("", found.site_name),
        ("", {"es": f"Presupuesto participativo {found.year}", "en": f"Participatory budget {found.year}"}[language]),
        ({"es": "Moneda", "en": "Currency"}[language], found.currency),
        ({"es": "Fuente", "en": "Source"}[language], ", ".join(found.files)),
    ]
    if found.brought_at is not None:
        at = found.brought_at.strftime("%Y-%m-%d %H:%M UTC")
        notes.append(({"es": "Último archivo recibido", "en": "Last file brought in"}[language], at))
    if found.is_synthetic:
        notes.append(("", {"es": "Datos inventados", "en": "Invented data"}[language]))
    return xlsx_bytes(TITLES["notes"][language], notes, follow_up_tables(found, language))


def follow_up_tables(found: FollowUp, language: str) -> list[Table]:
    rows = [row for one in found.winners for row in _execution_rows(one, language)]
    lines = [
        (
            one.winner.code, line.year, line.code, line.name, line.source, line.share * 100,
            ORIGINS[line.origin][language], YES_NO[line.is_there][language],
        )
        for one in found.winners
        for line in one.lines
    ]  # fmt: skip
    return [
        Table(TITLES["execution"][language], HEADERS["execution"][language], rows),
        Table(TITLES["lines"][language], HEADERS["lines"][language], lines),
    ]


def _execution_rows(one: Followed, language: str) -> list[tuple[Any, ...]]:
    title = one.winner.title.get(language) or next(iter(one.winner.title.values()))
    first = (one.winner.code, title, one.winner.zone, one.winner.cost)
    if not one.years:
        return [(*first, None, None, None, None, None, None, STATES["no_line"][language])]
    rows = []
    for year, money in one.years.items():
        share = money.executed_share
        percent = None if share is None else round(share * 100, 1)
        rows.append((*first, year, *(money.amounts[stage] for stage in STAGES), percent, STATES[money.state][language]))
    return rows
