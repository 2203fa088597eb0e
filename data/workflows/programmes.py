"""The programmes file into the store: programmes, the budget lines that feed them and the needs they meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import CatalogueError, Problem
from budget_model.spelling import nearest
from data.readers.files import read_text
from data.readers.programmes import ProgrammeEntry, ProgrammesFile, Serves, read_programmes
from data.readers.strict_yaml import LineFinder
from data.store import audit
from data.store.areas import list_areas
from data.store.engine import transaction
from data.store.indicators import list_indicators
from data.store.lines import list_lines
from data.store.programmes import remove_other_programmes, save_programme
from data.store.sites import load_site
from data.store.tables import Site
from data.workflows.models import latest_budget_year


@dataclass(frozen=True)
class ImportedProgrammes:
    """What came of an import."""

    programmes: tuple[str, ...]
    removed: tuple[str, ...]  # programmes of the site that the file no longer has
    budget_year: int | None


@dataclass(frozen=True)
class Known:
    """What a programmes file may refer to at a site."""

    currency: str
    needs: frozenset[str]
    lines: Mapping[str, int]  # code -> id, in the budget year
    areas: frozenset[str]


def import_programmes(
    factory: sessionmaker[Session],
    site_slug: str,
    document: str | Path,
    actor: str,
    budget_year: int | None = None,
    file: str = "programmes",
) -> ImportedProgrammes:
    """Read a programmes file (its text, or its path) and make it the site's programmes.

    budget_year : the year in which line codes are looked up; None takes the latest year with a modified budget

    The file is the whole list: programmes of the site that it no longer has are removed. Raises CatalogueError with
    every problem, and nothing is changed.
    """
    if isinstance(document, Path):
        document, file = read_text(document), document.name
    content, lines = read_programmes(document, file)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        year = budget_year if budget_year is not None else latest_budget_year(session, site.id)
        known = _known(session, site, year)
        problems = list(_problems(content, known, year, file, lines))
        if problems:
            raise CatalogueError(sorted(problems, key=lambda problem: problem.line or 0))
        codes = tuple(entry.code for entry in content.programmes)
        removed = remove_other_programmes(session, site.id, actor, codes)
        for position, entry in enumerate(content.programmes):
            lines_of_entry = {known.lines[line.code]: line.share for line in entry.lines}
            links = [_link(link, entry) for link in entry.serves]
            save_programme(session, site.id, actor, entry.code, _columns(position, entry), lines_of_entry, links)
        detail = {"programmes": list(codes), "removed": list(removed), "budget_year": year}
        audit.record(session, actor, "programmes.import", file, site.id, detail)
    return ImportedProgrammes(codes, removed, year)


def _known(session: Session, site: Site, year: int | None) -> Known:
    return Known(
        site.currency,
        frozenset(indicator.code for indicator in list_indicators(session, site.id)),
        {line.code: line.id for line in list_lines(session, site.id, year)} if year is not None else {},
        frozenset(area.code for area in list_areas(session, site.id)),
    )


# --- what a file may get wrong against the store ---------------------------------------------------------------------


def _problems(
    content: ProgrammesFile, known: Known, year: int | None, file: str, lines: LineFinder
) -> Iterator[Problem]:
    def problem(rule: str, message: str, *path: int | str) -> Problem:
        return Problem(rule, message, file=file, line=lines.line_of(path))

    if content.currency != known.currency:
        message = f"The file is in {content.currency}, the site in {known.currency}. Convert the amounts."
        yield problem("currency_other", message, "currency")
    for index, entry in enumerate(content.programmes):
        place = ("programmes", index)
        for number, link in enumerate(entry.serves):
            if link.need not in known.needs:
                yield problem("need_unknown", _unknown("need", link.need, known.needs), *place, "serves", number)
        for number, share in enumerate(entry.lines):
            if share.code not in known.lines:
                what = f"budget line of {year}" if year else "budget line"
                yield problem("line_unknown", _unknown(what, share.code, known.lines), *place, "lines", number)
        if isinstance(entry.area_split, dict):
            for area in sorted(set(entry.area_split) - known.areas):
                yield problem("area_unknown", _unknown("area", area, known.areas), *place, "area_split")
    yield from (problem("shares_above_one", message, *place) for place, message in _shares_above_one(content))


def _unknown(what: str, name: str, known: Any) -> str:
    near = nearest(name, known)
    hint = f"Did you mean '{near}'?" if near else f"There {'are' if known else 'is'} {len(known) or 'none'} here."
    return f"The site has no {what} '{name}'. {hint}"


def _shares_above_one(content: ProgrammesFile) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """No line may feed programmes with more than itself; the place is that of the share that goes too far."""
    given: dict[str, list[tuple[str, Decimal]]] = {}
    places: dict[str, tuple[int | str, ...]] = {}
    for index, entry in enumerate(content.programmes):
        for number, line in enumerate(entry.lines):
            given.setdefault(line.code, []).append((entry.code, line.share))
            places[line.code] = ("programmes", index, "lines", number)
    for code, parts in given.items():
        total = sum((share for _, share in parts), Decimal(0))
        if total > 1:
            names = ", ".join(f"{programme} {share}" for programme, share in parts)
            yield (
                places[code],
                f"The shares of budget line '{code}' add up to {total} ({names}). They may add up to 1 at most.",
            )


# --- into the tables -------------------------------------------------------------------------------------------------


def _columns(position: int, entry: ProgrammeEntry) -> dict[str, Any]:
    return {
        "name": dict(entry.name),
        "heading": dict(entry.heading),
        "position": position,
        "unit_cost": entry.unit_cost.value,
        "unit_cost_low": entry.unit_cost.low,
        "unit_cost_high": entry.unit_cost.high,
        "capacity": entry.capacity.value if entry.capacity else None,
        "durability_years": entry.durability_years.value,
        "stated_baseline": entry.baseline.value if entry.baseline else None,
        "floor": entry.floor.value if entry.floor else None,
        "ceiling": entry.ceiling.value if entry.ceiling else None,
        "is_locked": entry.locked is not None,
        "lock_reason": dict(entry.locked.reason) if entry.locked else None,
        "area_split": entry.area_split if isinstance(entry.area_split, str) else dict(entry.area_split),
        "beneficiaries": _beneficiaries(entry),
        "sources": _sources(entry),
    }


def _beneficiaries(entry: ProgrammeEntry) -> dict[str, float] | None:
    people = entry.beneficiaries
    return {"women": people.women, "men": people.men} if people else None


def _sources(entry: ProgrammeEntry) -> dict[str, str]:
    """Parameter -> its source."""
    parts = {
        "unit_cost": entry.unit_cost,
        "capacity": entry.capacity,
        "durability_years": entry.durability_years,
        "beneficiaries": entry.beneficiaries,
        "baseline": entry.baseline,
        "floor": entry.floor,
        "ceiling": entry.ceiling,
        "locked": entry.locked,
    }
    return {name: part.source for name, part in parts.items() if part is not None}


def _link(link: Serves, entry: ProgrammeEntry) -> dict[str, Any]:
    return {
        "indicator_code": link.need,
        "reach": _reach(link, entry),
        "effectiveness": link.effectiveness,
        "ceiling": link.ceiling,
        "response": link.response,
        "source": link.source,
    }


def _reach(link: Serves, entry: ProgrammeEntry) -> Any:
    """Shares of women and men: as stated, else from the register, else in proportion to need."""
    people = entry.beneficiaries
    if link.reach == "register" or (link.reach is None and people is not None):
        assert people is not None  # the schema refuses `register` without beneficiaries
        served = people.women + people.men
        return {"women": people.women / served, "men": people.men / served} if served else "need"
    return link.reach if link.reach is not None else "need"
