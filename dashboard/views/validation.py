"""What the validation page shows of a round: rules with their cases, groups, history, corrections, who took part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.context import PageContext
from dashboard.services.question_words import QuestionWords
from dashboard.services.validation import Board, CorrectionInfo
from dashboard.views.question_words import answer_name, column_with_code, found_text
from dashboard.views.validation_words import LEVELS, RECORDS, STATES
from data.workflows.corrections import CheckedCorrections
from data.workflows.round_states import is_hardly_checked, rules_applied

Row = tuple[str, ...]
SHOWN_CHANGES = 20
MISSING = "–"


@dataclass(frozen=True)
class RulesView:
    """The latest run in words and rows."""

    sentence: str
    is_current: bool
    errors: str
    warnings: str
    found: tuple[Row, ...]  # of errors: rule, level, cases, looked at, not judged
    warned: tuple[Row, ...]  # of warnings: the same
    choices: tuple[tuple[str, str], ...]  # rule id and what to call it, of those with cases
    unused: tuple[Row, ...]  # rule, what the round lacks
    quiet: int  # rules that found nothing
    few_applied: str  # a sentence where fewer than half of the rules could be applied; else empty
    by_enumerator: tuple[Row, ...]
    by_area: tuple[Row, ...]


def rules_view(board: Board, context: PageContext) -> RulesView | None:
    """The latest run; None where the rules have not been run."""
    run = board.run
    if run is None:
        return None
    _, formats = context.gettext, context.formats
    rules = run.result["rules"]
    found = sorted((rule for rule in rules if rule["cases"]), key=lambda rule: rule["severity"] != "error")
    unused = [rule for rule in rules if rule["missing"] or rule["reason"]]
    sentence = _(
        "Run on {moment} (UTC) by {actor}: {rules} rules on {persons} persons and {households} households.",
        moment=formats.moment(run.at),
        actor=run.actor,
        rules=formats.number(len(rules)),
        persons=formats.number(run.result["persons"]),
        households=formats.number(run.result["households"]),
    )
    return RulesView(
        sentence=sentence,
        is_current=run.is_current,
        errors=formats.number(run.errors),
        warnings=formats.number(run.warnings),
        found=tuple(rule_row(rule, context) for rule in found if rule["severity"] == "error"),
        warned=(
            *(rule_row(rule, context) for rule in found if rule["severity"] != "error"),
            *(form_row(rule, context) for rule in run.result.get("form_checks", ())),
        ),
        choices=tuple((rule["id"], choice_name(rule, context)) for rule in found),
        unused=tuple((rule_name(rule, context), lacking(rule, board.words, context)) for rule in unused),
        quiet=len(rules) - len(found) - len(unused),
        few_applied=few_applied(run.result, context),
        by_enumerator=counts_rows(run.result["by_enumerator"], {}, rules, context),
        by_area=counts_rows(run.result["by_area"], board.areas, rules, context),
    )


def few_applied(result: Mapping[str, Any], context: PageContext) -> str:
    """That most rules could not be applied, so that "0 errors" says little; empty where they could."""
    if not is_hardly_checked(result):
        return ""
    rules, applied = map(context.formats.number, rules_applied(result))
    return context.gettext(
        "Only {applied} of {rules} rules could be applied: the round lacks the columns of the others. Few errors were "
        "looked for; marking the round as validated takes a reason.",
        applied=applied,
        rules=rules,
    )


def rule_name(rule: Mapping[str, Any], context: PageContext) -> str:
    return context.in_language(rule["message"], rule["id"])


def choice_name(rule: Mapping[str, Any], context: PageContext) -> str:
    return f"{rule_name(rule, context)} ({context.formats.number(rule['cases'])})"


def lacking(rule: Mapping[str, Any], known: QuestionWords, context: PageContext) -> str:
    _ = context.gettext
    if rule["missing"]:
        columns = [column_with_code(column, known, context) for column in rule["missing"]]
        return _("the round lacks {columns}", columns=", ".join(columns))
    return rule["reason"]


def rule_row(rule: Mapping[str, Any], context: PageContext) -> Row:
    formats, level = context.formats, LEVELS[rule["level"]]
    return (
        rule_name(rule, context),
        context.gettext(level),
        formats.number(rule["cases"]),
        formats.number(rule["looked_at"]),
        formats.number(rule["not_judged"]),
    )


def form_row(rule: Mapping[str, Any], context: PageContext) -> Row:
    """What the form's own conditions found at the import; how many answers they looked at was not kept."""
    level = LEVELS[rule["level"]]
    return rule_name(rule, context), context.gettext(level), context.formats.number(rule["cases"]), "–", "–"


def counts_rows(
    counts: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    rules: Sequence[Mapping[str, Any]],
    context: PageContext,
) -> tuple[Row, ...]:
    """Errors, warnings and the most frequent rule of each enumerator or sector."""
    by_id = {rule["id"]: rule for rule in rules}
    number = context.formats.number
    return tuple(
        (
            names.get(count["name"], count["name"]),
            number(count["errors"]),
            number(count["warnings"]),
            " · ".join(f"{rule_name(by_id[rule], context)} ({number(cases)})" for rule, cases in count["top"][:1]),
        )
        for count in counts
    )


def groups_rows(board: Board, rule_id: str | None, context: PageContext) -> tuple[Row, ...]:
    """Grouped cases of one rule: enumerator, sector, what was found, how many, which ids."""
    _, number = context.gettext, context.formats.number
    rules = board.run.result["rules"] if board.run else []
    rule = next((rule for rule in rules if rule["id"] == rule_id), None)
    rows = []
    for group in rule["groups"] if rule else []:
        further = group["further"]
        ids = group["ids"] + (" " + _("… and {number} more", number=number(further)) if further else "")
        kinds = group.get("kinds", 0) - len(group["found"])
        found = " | ".join(found_text(text, board.words, context) for text in group["found"])
        if found and kinds > 0:
            found += " " + _("… and {number} more", number=number(kinds))
        area = board.areas.get(group["area"] or "", group["area"] or MISSING)
        rows.append((group["enumerator"] or MISSING, area, found or MISSING, number(group["cases"]), ids or MISSING))
    return tuple(rows)


def ids_title(board: Board, rule_id: str | None, context: PageContext) -> str:
    """Whether the ids of a rule's cases are persons' or households'."""
    rules = board.run.result["rules"] if board.run else []
    rule = next((rule for rule in rules if rule["id"] == rule_id), None)
    _ = context.gettext
    return _("Persons (id)") if rule and rule["level"] == "person" else _("Households (id)")


def history_rows(board: Board, context: PageContext) -> tuple[Row, ...]:
    _, formats = context.gettext, context.formats
    return tuple(
        (
            formats.moment(event.at),
            event.actor,
            f"{_(STATES[event.from_state])} → {_(STATES[event.to_state])}",
            context.stored(event.reason) or MISSING,
        )
        for event in reversed(board.events)
    )


def correction_rows(board: Board, context: PageContext) -> tuple[Row, ...]:
    """The newest lines of the log."""
    return tuple(correction_row(one, board.words, context) for one in board.recent)


def correction_row(one: CorrectionInfo, known: QuestionWords, context: PageContext) -> Row:
    _ = context.gettext
    change = _("record taken out")
    if one.column != "*":
        texts = (answer_name(one.column, value, known, context) if value else MISSING for value in (one.old, one.new))
        change = " → ".join([_("not shown")] * 2 if one.is_sensitive else texts)
    who = f"{_(RECORDS[one.record])} {one.record_id}"
    column = column_with_code(one.column, known, context)
    return (context.formats.moment(one.at), one.actor, who, column, change, one.reason)


def took_part_rows(board: Board, context: PageContext) -> tuple[Row, ...]:
    formats = context.formats
    return tuple(
        (
            context.stored(one.organisation),
            formats.date(one.held_on),
            formats.number(one.women),
            formats.number(one.men),
            context.stored(one.conclusions),
            one.actor,
        )
        for one in board.took_part
    )


def preview_rows(checked: CheckedCorrections, context: PageContext) -> tuple[Row, ...]:
    """The first lines of a file that may be applied."""
    _ = context.gettext
    return tuple(
        (
            f"{line.line}",
            f"{_(RECORDS[line.record])} {line.record_id}",
            line.column,
            _("record taken out") if line.removes else f"{line.old or MISSING} → {line.new or MISSING}",
            line.reason,
        )
        for line in checked.lines[:SHOWN_CHANGES]
    )
