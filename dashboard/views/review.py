"""Review desk: what the address and the grid ask for -> a query of the queue; lines -> what grid and list show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.views.budget import currency_of
from dashboard.views.tags_words import STATES
from data.store.tag_queue import QueueGroup, QueueQuery, QueueRow

TO_REVIEW, TO_APPROVE, ALL = "to-review", "to-approve", "all"
SHOWN = {
    ALL: mark("All lines"),
    TO_REVIEW: mark("To review by me (others proposed them)"),
    TO_APPROVE: mark("To approve by me (others wrote them)"),
    **STATES,
}
NAMES = ("target", "activity", "product", "heading", "programme", "entity")  # labels that name a line, the best first
GROUPINGS = ("function", "programme", "heading", "division", "source", "generic")
LONGEST_SEARCH = 100
MARKED = "marker"
ID_MARK = "|"  # between year and code in the id of a row
SORTED_BY = {
    "code": "code",
    "pia": "pia",
    "pim": "pim",
    "certified": "certified",
    "accrued": "accrued",
    "marker": "marker",
    "women": "women_share",
    "state": "state",
    "author": "author",
    "function": "label:function",
    "programme": "label:programme",
}


@dataclass(frozen=True)
class DeskFilters:
    """What is chosen above the grid. `by`: a label to sum by; `part`: the text that it must have ("": any)."""

    year: int
    show: str = ALL
    marker: str = ""
    text: str = ""
    by: str = ""
    part: str = ""


def desk_filters(values: Mapping[str, Any], years: Sequence[int], labels: Sequence[str]) -> DeskFilters:
    """The choices; what is not there (an address may hold anything) falls back to the first choice."""
    year = str(values.get("year") or "")
    show, by = str(values.get("show") or ""), str(values.get("by") or "").strip("-")
    chosen = int(year) if year.isdigit() and int(year) in years else max(years)
    known_by = by if by in labels else ""
    return DeskFilters(
        chosen,
        show if show in SHOWN else ALL,
        str(values.get("marker") or "").strip("-"),
        str(values.get("text") or "")[:LONGEST_SEARCH],
        known_by,
        str(values.get("part") or "") if known_by else "",
    )


def queue_query(
    filters: DeskFilters, login: str, sort: Sequence[tuple[str, bool]] = (), offset: int = 0, limit: int = 100
) -> QueueQuery:
    """The query of the queue for these choices and this person."""
    states = {TO_REVIEW: ("proposed",), TO_APPROVE: ("reviewed",), ALL: ()}.get(filters.show, (filters.show,))
    return QueueQuery(
        filters.year,
        states=states,
        values={MARKED: (filters.marker,)} if filters.marker else {},
        labels={filters.by: filters.part} if filters.part else {},
        text=filters.text,
        not_author=login if filters.show in (TO_REVIEW, TO_APPROVE) else None,
        sort=sort,
        offset=offset,
        limit=limit,
    )


def sort_of(model: Any, name_label: str) -> list[tuple[str, bool]]:
    """The grid's sort model as the queue sorts; columns that it does not know are passed over."""
    known = {**SORTED_BY, "name": f"label:{name_label}" if name_label else "code"}
    steps = [one for one in model or () if isinstance(one, Mapping)]
    return [(known[one["colId"]], one.get("sort") == "desc") for one in steps if one.get("colId") in known]


def name_label(labels: Sequence[str]) -> str:
    """The label that names the lines of a year."""
    return next((name for name in NAMES if name in labels), "")


def line_name(labels: Mapping[str, str], code: str) -> str:
    """What a line is called."""
    return next((labels[name] for name in NAMES if labels.get(name)), code)


def row_id(year: int, code: str) -> str:
    return f"{year}{ID_MARK}{code}"


def key_of(text: Any) -> tuple[int, str] | None:
    """Year and code of a row's id; None where it is none."""
    year, found, code = str(text or "").partition(ID_MARK)
    return (int(year), code) if found and year.isdigit() and len(year) == 4 and code else None


def line_details(labels: Mapping[str, str], code: str) -> str:
    """What tells lines of one name apart: code, source of funds (or fund), kind of expenditure."""
    parts = (code, labels.get("source") or labels.get("fund"), labels.get("generic"))
    return " · ".join(part for part in parts if part)


PAIRED = {"pim": ("pim", "pia"), "certified": ("certified", "committed"), "accrued": ("accrued", "paid")}


def grid_row(row: QueueRow, context: PageContext) -> dict[str, Any]:
    """A line as the grid shows it: texts, two lines in a cell, and what a bulk step needs to name it."""
    number = context.formats.number
    return {
        "id": row_id(row.year, row.code),
        "version": row.version,
        "name": f"{line_name(row.labels, row.code)}\n{line_details(row.labels, row.code)}",
        "code": row.code,
        "function": row.labels.get("function", ""),
        "programme": row.labels.get("programme", ""),
        **{name: "\n".join(number(row.amounts[stage], 2) for stage in stages) for name, stages in PAIRED.items()},
        **facet_texts(row, context),
        "state": state_words(row.state, row.is_approved, context),
        "author": row.author or "",
    }


def facet_texts(row: QueueRow, context: PageContext) -> dict[str, str]:
    """Marker and women's share of the newest version; empty where nothing is known."""
    share = context.formats.share(row.women_share) if row.women_share is not None else ""
    return {"marker": row.marker or "", "women": share}


def state_words(state: str, is_approved: bool, context: PageContext) -> str:
    """Where a tag stands; a newer step beside an approved version is told."""
    _ = context.gettext
    words = _(STATES[state])
    is_beside = is_approved and state != "approved"
    return _("{state} (an approved version counts)", state=words) if is_beside else words


def count_sentence(count: int, states: Mapping[str, int], filters: DeskFilters, context: PageContext) -> str:
    """How many lines are shown, and where all lines of the year stand."""
    _, number = context.gettext, context.formats.number
    parts = ", ".join(f"{_(STATES[name]).lower()} {number(states[name])}" for name in STATES)
    return _(
        "{count} lines shown of {all} of {year}: {parts}.",
        count=number(count),
        all=number(sum(states.values())),
        year=filters.year,
        parts=parts,
    )


def group_cells(group: QueueGroup, context: PageContext) -> list[str]:
    """A group of lines: name, lines, tagged, approved, modified budget, accrued."""
    formats, currency = context.formats, currency_of(context)
    numbers = [formats.number(count) for count in (group.lines, group.tagged, group.approved)]
    return [*numbers, *(formats.money(group.amounts[stage], currency, 2) for stage in ("pim", "accrued"))]
