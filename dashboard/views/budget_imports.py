"""Budget imports -> what the page shows: totals beside each other, changes with amounts, problems in words. No Dash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from budget_model.errors import InputError, Problem
from budget_model.spending.lines import Amounts
from dashboard.context import PageContext
from dashboard.views.budget import currency_of, stage_names
from dashboard.views.budget_imports_words import KINDS, REFUSED, SHORT_STAGES, STORED_AFTER, WARNINGS
from dashboard.views.imports_words import RULES as UPLOADS
from data.store.tables import BudgetImport
from data.workflows.budget_diff import GONE, amounts_document
from data.workflows.budget_wizard import BudgetPreview, Wishes

STAGES = ("pia", "pim", "certified", "committed", "accrued", "paid")
Cells = list[str]


def wishes_of(fields: Mapping[str, str]) -> Wishes:
    """What was posted; InputError for a year that is none."""
    year = fields.get("year", "").strip()
    if year and not (year.isdigit() and len(year) == 4):
        raise InputError(Problem("year_wrong", "The year is a number of four digits.", value=year[:20]))
    return Wishes(
        source=fields.get("source", "") or "auto",
        municipality=fields.get("municipality", ""),
        year=int(year) if year else None,
        mapping=fields.get("mapping", ""),
    )


def totals_header(context: PageContext) -> list[str]:
    _ = context.gettext
    names = stage_names(context) | {stage: _(name) for stage, name in SHORT_STAGES.items()}
    return [_("Year"), _("What"), _("Lines"), *(names[stage] for stage in STAGES)]


def totals_rows(totals: Mapping[str, Mapping[str, Any]], context: PageContext) -> list[Cells]:
    """Of each year: what the file adds up to, and what was stored before. Exact, in full."""
    _ = context.gettext
    rows = []
    for year, one in sorted(totals.items()):
        rows.append([year, _("In the file"), context.formats.number(one["lines"]), *_amounts(one["file"], context)])
        if any(one["before"].get(stage) is not None for stage in STAGES):
            count = context.formats.number(one.get("lines_before"))  # older records do not know
            rows.append([year, _("Stored before"), count, *_amounts(one["before"], context)])
        for name, words in STORED_AFTER.items():
            if name in one:
                count = one.get(f"lines_{name}")
                rows.append([year, _(words), context.formats.number(count), *_amounts(one[name], context)])
    return rows


def _amounts(amounts: Mapping[str, str | None], context: PageContext) -> Cells:
    return [amount_text(amounts.get(stage), context) for stage in STAGES]


def amount_text(amount: str | None, context: PageContext) -> str:
    """An exact amount with two decimals; a dash where there is none."""
    return "–" if amount is None else context.formats.money(Decimal(amount), currency_of(context), 2)


def preview_totals(preview: BudgetPreview) -> dict[str, dict[str, Any]]:
    """The totals of a preview in the form of a record's, with what would be stored: lines that are gone kept or not."""
    return {
        str(year): {
            "lines": one.lines,
            "lines_before": one.lines_before,
            "before": amounts_document(one.before),
            "file": amounts_document(one.file),
            **_would_be(preview, year),
        }
        for year, one in preview.diff.years.items()
    }


def _would_be(preview: BudgetPreview, year: int) -> dict[str, Any]:
    """Sums after an import by each way that is open."""
    diff, found = preview.diff, {}
    gone = [one.before for one in diff.changes if one.kind == GONE and one.year == year]
    file = diff.years[year]
    if not preview.refused_keeping:
        name = "keeping" if gone else "after"
        found[name] = amounts_document(added([file.file, *gone]))
        found[f"lines_{name}"] = file.lines + len(gone)
    if gone and not preview.refused_removing:
        found["removing"], found["lines_removing"] = amounts_document(file.file), file.lines
    return found


def added(parts: Sequence[Amounts | None]) -> dict[str, Decimal | None]:
    """Sums by stage; None where no part has the stage."""
    sums: dict[str, Decimal | None] = {}
    for stage in STAGES:
        amounts = [amount for part in parts if part is not None and (amount := part[stage]) is not None]
        sums[stage] = sum(amounts, Decimal(0)) if amounts else None
    return sums


def counts_rows(counts: Mapping[str, int], context: PageContext) -> list[Cells]:
    """Lines by what happens to them."""
    return [[context.gettext(KINDS[kind]), context.formats.number(counts.get(kind, 0))] for kind in KINDS]


def record_counts(record: BudgetImport, kept: Mapping[str, int]) -> dict[str, int]:
    """Counts of a record by kind."""
    moved = kept.get("moved", 0)
    relabelled = record.changed_count - moved
    numbers = {"new": record.new_count, "moved": moved, "relabelled": relabelled}
    return numbers | {"gone": record.gone_count, "unchanged": record.unchanged_count}


def row_tiles(record: BudgetImport, context: PageContext) -> list[tuple[str, str, str]]:
    """Label, figure and note of what became of the rows of a file. Older records do not know."""
    _, number = context.gettext, context.formats.number
    read, kept = record.rows_read, record.rows_kept
    left_out = None if read is None or kept is None else read - kept
    where = ""
    if left_out and record.municipality:
        where = _("of other municipalities than {code}", code=record.municipality)
    elif left_out:
        where = _("not what the mapping asks for")
    refused = _("a file with a row that cannot be read does not come in; each is then told with its place")
    lines = sum(int(one["lines"]) for one in record.totals.values())
    return [
        (_("Rows read"), number(read), ""),
        (_("Rows kept"), number(kept), ""),
        (_("Rows left out"), number(left_out), where),
        (_("Rows refused"), number(0), refused),
        (_("Budget lines in the file"), number(lines), ""),
    ]


def problem_rows(problems: Sequence[Problem], context: PageContext) -> list[Cells]:
    """Each problem: in words of the reader's language where its rule has them, its place, what was found."""
    return [
        [problem_words(one.rule, one.message, context), place_words(one, context), found_words(one, context)]
        for one in problems
    ]


def place_words(problem: Problem, context: PageContext) -> str:
    """File, sheet, line and column, as far as they are known."""
    _ = context.gettext
    parts = [
        problem.file,
        _("sheet {name}", name=problem.sheet) if problem.sheet else None,
        _("line {number}", number=context.formats.number(problem.line)) if problem.line is not None else None,
        _("column {name}", name=problem.column) if problem.column else None,
    ]
    return ", ".join(part for part in parts if part)


def found_words(problem: Problem, context: PageContext) -> str:
    """What was found: how many lines, what they add up to, which they are first; else the value of the cell."""
    facts, _ = problem.facts, context.gettext
    parts = []
    if "count" in facts:
        count = facts["count"]
        shown = context.formats.number(count)
        parts.append(context.ngettext("{number} line or row", "{number} lines or rows", count, number=shown))
    if "total" in facts:
        parts.append(_("together {amount}", amount=amount_text(facts["total"], context)))
    if named := facts.get("codes") or problem.value:
        parts.append(named)
    return "; ".join(parts)


def problem_words(rule: str, message: str, context: PageContext) -> str:
    """The sentence of a rule; of a rule that has none, its English message."""
    words = REFUSED.get(rule) or WARNINGS.get(rule) or UPLOADS.get(rule)
    return context.gettext(words) if words else message


def warning_rows(record: BudgetImport, context: PageContext) -> list[Cells]:
    """Warnings that a record keeps. Older records have the sentence alone."""
    rows = []
    for one in record.warnings:
        place = {name: one.get(name) for name in ("sheet", "line", "column", "value")}
        known = Problem(one["rule"], one["message"], "warning", facts=one.get("facts") or {}, **place)
        rows.append(problem_rows([known], context)[0])
    return rows
