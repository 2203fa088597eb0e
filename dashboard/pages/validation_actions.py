"""What people do on the validation page: run, correct, move, record; each gives the round as it then is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from dash import html, no_update

from budget_model.errors import BudgetModelError, InputError, Problem
from dashboard.components import Column, data_table, notice
from dashboard.context import PageContext
from dashboard.pages.validation_cards import content
from dashboard.pages.validation_figures import make_figures, run_indicators
from dashboard.pages.validation_parts import Ids
from dashboard.pages.validation_rules import groups
from dashboard.services import Services
from dashboard.shown_errors import problem_sentence, sentences_of
from dashboard.views.validation import SHOWN_CHANGES, preview_rows
from dashboard.views.validation_words import STATES
from data.workflows.round_states import Representation

SHOWN_PROBLEMS = 30


def show_round(services: Services, context: PageContext, code: str | None) -> tuple[Any, Any]:
    """Another round is chosen: its content, and no message."""
    return content(services.validation.board(context.user, context.site, code), context), None


def show_groups(services: Services, context: PageContext, code: str | None, rule: str | None) -> Any:
    return groups(services.validation.board(context.user, context.site, code), rule, context)


def uploaded(contents: str | None) -> bytes:
    """The bytes of an uploaded file, which the browser sends as a data address."""
    try:
        return base64.b64decode((contents or "").partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        raise InputError(Problem("corrections.empty", "The file did not arrive. Choose it again.")) from None


def preview(
    services: Services, context: PageContext, code: str, contents: str | None, name: str | None
) -> tuple[Any, bool]:
    """What a file would change, or all that is wrong with it; and whether the button to apply it is hidden."""
    _ = context.gettext
    if not contents:
        return None, True
    try:
        checked = services.validation.preview(context.user, context.site, code, uploaded(contents), name or "")
    except InputError as error:
        return notice(problem_sentences(error, context), "danger"), True
    columns = [
        Column(_("Line"), True),
        Column(_("Record")),
        Column(_("Column")),
        Column(_("Change")),
        Column(_("Reason")),
    ]
    number = len(checked.lines)
    sentence = context.ngettext(
        "{number} correction can be applied.", "{number} corrections can be applied.", number, number=f"{number:,}"
    )
    further = _("The first {number} are shown.", number=SHOWN_CHANGES) if number > SHOWN_CHANGES else ""
    warnings = [problem_sentence(problem, context) for problem in checked.warnings[:SHOWN_PROBLEMS]]
    shown = data_table(_("What the file changes"), columns, preview_rows(checked, context))
    parts = [html.P(html.Strong(f"{sentence} {further}".strip())), notice(warnings) if warnings else None, shown]
    return [part for part in parts if part is not None], False


def problem_sentences(error: InputError, context: PageContext) -> list[str]:
    """The first problems, and how many more there are."""
    sentences = sentences_of(error, context)
    if len(sentences) <= SHOWN_PROBLEMS:
        return sentences
    number = context.formats.number(len(sentences) - SHOWN_PROBLEMS)
    return [*sentences[:SHOWN_PROBLEMS], context.gettext("… and {number} more", number=number)]


Message = tuple[Sequence[str], str]  # sentences, and whether they are info, warning or danger


def act(services: Services, context: PageContext, action: str, code: str, fields: dict[str, Any]) -> tuple[Any, Any]:
    """Do what a button says; the page then shows the round as it is, and what came of it."""
    try:
        sentences, kind = ACTIONS[Ids(action)](services, context, code, fields)
    except BudgetModelError as error:
        sentences = problem_sentences(error, context) if isinstance(error, InputError) else sentences_of(error, context)
        return no_update, notice(sentences, "danger")
    board = services.validation.board(context.user, context.site, code)
    return content(board, context, action), notice(sentences, kind)


def run_rules(services: Services, context: PageContext, code: str, fields: dict[str, Any]) -> Message:
    services.validation.run_rules(context.user, context.site, code)
    return [context.gettext("The rules have been run.")], "info"


def move(services: Services, context: PageContext, code: str, fields: dict[str, Any], to_state: str) -> Message:
    change = services.validation.move(context.user, context.site, code, to_state, fields["reason"] or "")
    _ = context.gettext
    done = _("Round {code} is now: {state}.", code=code, state=_(STATES[change.to_state]))
    warnings = [problem_sentence(problem, context) for problem in change.warnings]
    return [done, *warnings], "warning" if warnings else "info"


def apply(services: Services, context: PageContext, code: str, fields: dict[str, Any]) -> Message:
    content = uploaded(fields["contents"])
    applied = services.validation.correct(context.user, context.site, code, content, fields["filename"] or "")
    sentence = context.ngettext(
        "{number} correction was applied. Run the rules again.",
        "{number} corrections were applied. Run the rules again.",
        applied.applied,
        number=f"{applied.applied:,}",
    )
    return [sentence], "info"


def represent(services: Services, context: PageContext, code: str, fields: dict[str, Any]) -> Message:
    warnings = services.validation.represent(context.user, context.site, code, entry_of(fields))
    if warnings:
        return [problem_sentence(problem, context) for problem in warnings], "warning"
    return [context.gettext("Recorded.")], "info"


def entry_of(fields: dict[str, Any]) -> Representation:
    """The form's fields; InputError where a number or the day is none."""
    problems, numbers, held_on = [], [], None
    for name in ("women", "men"):
        number = fields[name]
        is_whole = isinstance(number, int | float) and not isinstance(number, bool) and number == int(number)
        numbers.append(int(number) if is_whole else -1)
    if min(numbers) < 0:
        problems.append(Problem("representation.number", "Write how many women and men took part, as whole numbers."))
    try:
        held_on = date.fromisoformat(fields["held_on"] or "")
    except ValueError:
        problems.append(Problem("representation.day", "State the day on which it was held."))
    if problems or held_on is None:
        raise InputError(problems)
    return Representation(fields["organisation"] or "", *numbers, held_on, fields["conclusions"] or "")


ACTIONS: dict[Ids, Callable[[Services, PageContext, str, dict[str, Any]], Message]] = {
    Ids.RUN: run_rules,
    Ids.VALIDATE: partial(move, to_state="validated"),
    Ids.PUBLISH: partial(move, to_state="published"),
    Ids.REOPEN: partial(move, to_state="draft"),
    Ids.APPLY: apply,
    Ids.REPRESENT: represent,
    Ids.INDICATORS: run_indicators,
    Ids.FIGURES: make_figures,
}
FIELDS = {
    "reason": (Ids.REASON, "value"),
    "contents": (Ids.UPLOAD, "contents"),
    "filename": (Ids.UPLOAD, "filename"),
    "organisation": (Ids.ORGANISATION, "value"),
    "women": (Ids.WOMEN, "value"),
    "men": (Ids.MEN, "value"),
    "held_on": (Ids.HELD_ON, "value"),
    "conclusions": (Ids.CONCLUSIONS, "value"),
    "ages": (Ids.AGES, "value"),
    "catalogue": (Ids.CATALOGUE, "contents"),
    "catalogue_name": (Ids.CATALOGUE, "filename"),
}
