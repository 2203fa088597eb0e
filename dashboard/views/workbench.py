"""What the workbench shows: grid, problems beside their fields, history, cells where records exceed the survey."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budget_model.coverage.curves import ResponseCurve
from budget_model.coverage.scenario import InconsistentCell
from budget_model.errors import InputError, Problem
from dashboard.context import PageContext
from dashboard.services.workbench import Bench, HistoryEntry
from dashboard.shown_errors import problem_sentence
from dashboard.views.programmes import is_assumption
from dashboard.views.words import GROUPS
from dashboard.views.workbench_words import (
    ACTIONS,
    ORIGINS,
    PARAMETERS,
    UNITS,
    is_share,
    parameter_name,
    value_text,
)
from data.store.audit import COMMAND_LINE
from data.workflows.programme_edits import EditedProgramme
from data.workflows.programme_texts import percent, shown

GRID_PATHS = (
    "unit_cost.value",
    "unit_cost.low",
    "unit_cost.high",
    "unit_cost.source",
    "capacity.value",
    "durability_years.value",
    "beneficiaries.women",
    "beneficiaries.men",
    "floor.value",
    "ceiling.value",
)
CHANGES_SHOWN = 12
SHARE_FACTS = ("value", "low", "high", "gt", "ge", "le", "total")  # of a problem, shares where its field is one
AS_TYPED = ("programme-number", "programme-thousands")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class ProblemLine:
    """A problem in words; `field` is the path of the form's field, empty where it belongs to none."""

    field: str
    text: str


def as_json(document: Mapping[str, Any]) -> str:
    """An attribute that a script of the page reads."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def grid_document(bench: Bench, context: PageContext) -> dict[str, Any]:
    """What `assets/programme-grid.js` writes: columns, and a row a programme with what stands in its cells."""
    _ = context.gettext
    currency = context.site.currency if context.site else ""
    columns = [
        {
            "path": path,
            "title": _(PARAMETERS[path]),
            "unit": _(UNITS[path], currency=currency) if path in UNITS else "",
            "isText": path.endswith(".source"),
        }
        for path in GRID_PATHS
    ]
    rows = [
        {
            "code": programme.code,
            "version": programme.version,
            "name": context.in_language(programme.document["name"]),
            "address": context.address(programme=programme.code),
            "money": context.formats.money(programme.baseline, currency),
            "needs": context.formats.number(len(programme.document.get("serves", []))),
            "cells": {path: grid_value(programme.document, path) for path in GRID_PATHS},
            "assumed": [path for path in GRID_PATHS if is_assumed(programme.document, path)],
        }
        for programme in bench.programmes
    ]
    words = {
        "caption": _("Programmes and their parameters"),
        "programme": _("Programme"),
        "money": _("Money of today"),
        "needs": _("Needs served"),
        "assumption": _("assumption"),
        "label": _("{column}, {programme}", column="{column}", programme="{programme}"),
    }
    return {"columns": columns, "rows": rows, "words": words}


def grid_value(document: Mapping[str, Any], path: str) -> str:
    name, _dot, part = path.partition(".")
    value = (document.get(name) or {}).get(part)
    return str(value or "") if part == "source" else shown(value)


def is_assumed(document: Mapping[str, Any], path: str) -> bool:
    """Whether a stated parameter has no other source than somebody's assumption."""
    stated = document.get(path.partition(".")[0])
    return isinstance(stated, Mapping) and not path.endswith(".source") and is_assumption(stated.get("source", ""))


def problem_lines(
    refusal: InputError, context: PageContext, needs: Mapping[str, Mapping[str, str]], form_path: Any = None
) -> list[ProblemLine]:
    """Every problem with the field it belongs to."""
    return [_problem_line(problem, context, needs, form_path or (lambda path: path)) for problem in refusal.problems]


def _problem_line(
    problem: Problem, context: PageContext, needs: Mapping[str, Mapping[str, str]], form_path: Any
) -> ProblemLine:
    facts = in_units_of_the_form(problem)
    if "changes" in facts:
        facts["what"] = "; ".join(change_text(change, context, needs) for change in facts["changes"]) or facts["what"]
    sentence = problem_sentence(Problem(problem.rule, problem.message, facts=facts), context)
    path = form_path(str(facts.get("path") or ""))
    return ProblemLine(path, f"{parameter_name(path, context, needs)}: {sentence}" if path else sentence)


def in_units_of_the_form(problem: Problem) -> dict[str, Any]:
    """The facts as the form has them: shares are filled in, and so told, in per cent.

    What could not be read stands as it was typed, and codes are no numbers.
    """
    facts = dict(problem.facts)
    path = str(facts.get("path") or "")
    if problem.rule in AS_TYPED or not is_share(path) or path.endswith((".need", ".code")):
        return facts
    names = SHARE_FACTS if "." in path else ("total",)  # of the lines together; the value is a code then
    return facts | {name: _percent_words(facts[name]) for name in names if name in facts}


def _percent_words(value: Any) -> str:
    text = str(value)
    return f"{percent(text)}\u00a0%" if NUMBER.fullmatch(text) else text


def change_text(change: Mapping[str, Any], context: PageContext, needs: Mapping[str, Mapping[str, str]]) -> str:
    """`Unit cost 100 → 120`."""
    path = change["path"]
    before, after = (value_text(path, change[key], context) for key in ("before", "after"))
    return f"{parameter_name(path, context, needs)} {before} → {after}"


def history_rows(
    entries: Iterable[HistoryEntry], context: PageContext, bench: Bench, has_programme: bool
) -> list[tuple[str, ...]]:
    """When, who, which programme (its code where it has gone since), what, and the model that came of it."""
    names = {one.code: context.in_language(one.document.get("name"), one.code) for one in bench.programmes}
    rows = []
    for entry in entries:
        cells = [context.formats.moment(entry.saved_at), who_saved(entry, context)]
        cells += [names.get(entry.programme, entry.programme)] if has_programme else []
        cells += [what_changed(entry, context, bench), origin_words(entry.origin, context), entry.reason or "–"]
        rows.append((*cells, entry.model_sha256[:8] if entry.model_sha256 else "–"))
    return rows


def who_saved(entry: HistoryEntry, context: PageContext) -> str:
    return context.gettext("command line") if entry.saved_by == COMMAND_LINE else entry.saved_by or "–"


def origin_words(origin: str, context: PageContext) -> str:
    """The page that a change was made on, in words; the name of a file as it is."""
    return context.gettext(ORIGINS[origin]) if origin in ORIGINS else origin or "–"


def what_changed(entry: HistoryEntry, context: PageContext, bench: Bench) -> str:
    action = context.gettext(ACTIONS[entry.action])
    if entry.action != "change":
        return f"{action} ({context.gettext('version')} {entry.version})"
    texts = [change_text(change, context, bench.needs) for change in entry.changes[:CHANGES_SHOWN]]
    more = len(entry.changes) - len(texts)
    return "; ".join([*texts, *([context.gettext("and {number} more", number=more)] if more > 0 else [])])


def preview_rows(edited: Sequence[EditedProgramme], context: PageContext, bench: Bench) -> list[tuple[str, str, str]]:
    """Programme, what happens to it, and each parameter from what to what."""
    return [
        (
            one.code,
            context.gettext(ACTIONS[one.action]),
            "; ".join(
                change_text({"path": change.path, "before": change.before, "after": change.after}, context, bench.needs)
                for change in one.changes
            )
            if one.action == "change"
            else "",
        )
        for one in edited
    ]


def inconsistent_rows(
    cells: Sequence[InconsistentCell], context: PageContext, bench: Bench
) -> list[tuple[str, str, str, str, str]]:
    """Cells whose programme records claim more than the survey finds, with both shares of the universe."""
    formats = context.formats
    return [
        (
            context.in_language(bench.needs.get(cell.need), cell.need),
            bench.areas.get(cell.area, cell.area),
            context.gettext(GROUPS[cell.group]),
            formats.share(cell.records),
            formats.share(cell.survey),
        )
        for cell in cells
    ]


@dataclass(frozen=True)
class CurveView:
    """A response curve in words and numbers."""

    sentence: str
    unit: str
    amounts: Sequence[float]
    coverage: Mapping[str, Sequence[float | None]]  # by group; None: nobody is in its universe
    today: int
    rows: list[tuple[str, ...]]


def curve_view(curve: ResponseCurve, programme: str, need: str, context: PageContext) -> CurveView:
    """Coverage of women and men against the programme's money, today's point told in the sentence."""
    _, formats = context.gettext, context.formats
    currency = context.site.currency if context.site else ""
    shares = {group: [_known(value) for value in curve.coverage[:, g]] for g, group in enumerate(("women", "men"))}
    today, last = curve.today, len(curve.amounts) - 1
    told = {
        f"{group}_{name}": formats.share(shares[group][k])
        for group in shares
        for name, k in (("now", today), ("most", last))
    }
    sentence = _(
        "{programme}: with {today} a year, as today, {women_now} of women and {men_now} of men are covered in "
        "“{need}”; with {most}, {women_most} and {men_most}.",
        programme=programme,
        need=need,
        today=formats.money(curve.amounts[today], currency),
        most=formats.money(curve.amounts[last], currency),
        **told,
    )
    step = max(1, last // 10)
    kept = sorted({*range(0, last + 1, step), today, last})
    rows = [
        (formats.money(curve.amounts[k], currency), *(formats.share(shares[group][k]) for group in ("women", "men")))
        for k in kept
    ]
    unit = _("Share of the need's universe that is covered, by the programme's money a year; all else as today")
    return CurveView(sentence, unit, curve.amounts.tolist(), shares, today, rows)


def _known(value: float) -> float | None:
    return None if value != value else float(value)
