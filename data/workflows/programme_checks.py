"""Whether entries of programmes can be used at a site: the file's own checks, and what they refer to. Pure.

Places are paths within an entry (`unit_cost.low`, `serves.0.reach`); readers of files turn them into lines and cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from budget_model.errors import Problem
from budget_model.schema_words import findings, path_text, sentence_of
from budget_model.spelling import nearest
from data.readers.programmes import INCONSISTENT, ProgrammeEntry

INCONSISTENT_PATHS = {"lines_or_baseline": "baseline", "area_split_sum": "area_split"}
LONGEST_VALUE = 80


@dataclass(frozen=True)
class Known:
    """What a programme may refer to at a site."""

    currency: str
    needs: frozenset[str]
    lines: Mapping[str, int]  # code -> id, in the budget year
    areas: frozenset[str]
    budget_year: int | None


def problem(rule: str, message: str, code: str, path: str, **facts: Any) -> Problem:
    """A problem of a programme; `column` and the facts say where."""
    facts = {"programme": code, "path": path, **facts}
    value = facts.get("value")
    return Problem(rule, message, column=path or None, value=None if value is None else str(value), facts=facts)


def read_entry(document: Mapping[str, Any], code: str) -> tuple[ProgrammeEntry | None, list[Problem]]:
    """The entry of a document, or every problem it has in itself."""
    try:
        return ProgrammeEntry.model_validate(document), []
    except ValidationError as refusal:
        return None, list(_problems_of(refusal.errors(include_url=False), dict(document), code))


def _problems_of(items: Sequence[Any], document: dict[str, Any], code: str) -> Iterator[Problem]:
    """One problem a place, in the words of the project; rule and facts are those of the place's first finding."""
    for item in (item for item in items if item["type"] == "inconsistent"):
        for rule in item["ctx"]["rules"]:
            message = f"{INCONSISTENT[rule][:1].upper()}{INCONSISTENT[rule][1:]}."
            yield problem(f"programme-{rule}", message, code, INCONSISTENT_PATHS.get(rule, ""))
    placed = [(findings([item], document)[0].path, item) for item in items if item["type"] != "inconsistent"]
    for found in findings([item for _path, item in placed], document):
        item = next(item for path, item in placed if path == found.path)
        stated = {key: str(value) for key, value in item.get("ctx", {}).items() if key != "error"}
        value = "" if found.value is None or isinstance(found.value, dict | list) else str(found.value)[:LONGEST_VALUE]
        sentence = sentence_of(found)
        message = f"{sentence[:1].upper()}{sentence[1:]}."
        yield problem(f"programme-{item['type']}", message, code, path_text(found.path), **{"value": value, **stated})


def reference_problems(entry: ProgrammeEntry, known: Known) -> Iterator[Problem]:
    """Needs, budget lines and areas that the site does not have."""
    for number, link in enumerate(entry.serves):
        if link.need not in known.needs:
            yield _unknown("need", link.need, known.needs, entry.code, f"serves.{number}.need")
        survey = link.reach.get("survey") if isinstance(link.reach, Mapping) else None
        if survey is not None and survey not in known.needs:
            yield _unknown("need", survey, known.needs, entry.code, f"serves.{number}.reach")
    for number, share in enumerate(entry.lines):
        if share.code not in known.lines:
            yield _unknown("line", share.code, known.lines, entry.code, f"lines.{number}.code", known.budget_year)
    if isinstance(entry.area_split, dict):
        for area in sorted(set(entry.area_split) - known.areas):
            yield _unknown("area", area, known.areas, entry.code, "area_split")


def _unknown(what: str, name: str, known: Any, code: str, path: str, year: int | None = None) -> Problem:
    near = nearest(name, known)
    noun = "budget line" if what == "line" else what
    noun = f"{noun} of {year}" if year else noun
    hint = f"Did you mean '{near}'?" if near else f"There {'are' if known else 'is'} {len(known) or 'none'} here."
    message = f"The site has no {noun} '{name}'. {hint}"
    rule = f"{what}_unknown" if near else f"{what}_unknown_far"
    return problem(rule, message, code, path, value=name, near=near, year=year)


def line_share_problems(entries: Sequence[ProgrammeEntry]) -> Iterator[Problem]:
    """No line may feed programmes with more than itself."""
    given: dict[str, list[tuple[str, Decimal]]] = {}
    for entry in entries:
        for line in entry.lines:
            given.setdefault(line.code, []).append((entry.code, line.share))
    for code, parts in given.items():
        total = sum((share for _, share in parts), Decimal(0))
        if total > 1:
            names = ", ".join(f"{programme} {share}" for programme, share in parts)
            message = f"The shares of budget line '{code}' add up to {total} ({names}). They may add up to 1 at most."
            facts = {"value": code, "total": str(total), "names": names}
            yield problem("shares_above_one", message, parts[-1][0], "lines", **facts)
