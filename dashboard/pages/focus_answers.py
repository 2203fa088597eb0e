"""What the page of focus groups answers: a session stored, refused, to be confirmed or withdrawn; another mix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from dash import html, no_update

from budget_model.errors import BudgetModelError, InputError, Problem
from dashboard.components import (
    notice,
)
from dashboard.context import PageContext
from dashboard.pages.focus_cards import content
from dashboard.pages.focus_form import (
    session_form,
)
from dashboard.services import Services
from dashboard.shown_errors import problem_sentence, sentences_of
from data.readers.focus_groups import FocusGroupRecord
from data.workflows.focus_groups import SavedSession

HINT = "focus.hint."
CHANGED = 7  # outputs of `save`: content, form, message, list of hints, whether it is hidden, hints, confirmation


def save(
    services: Services,
    context: PageContext,
    record_of: Any,
    fields: Mapping[str, Any],
    shown_hints: Sequence[str],
    is_confirmed: bool,
) -> tuple[Any, ...]:
    """Store what was typed, or say everything that is in the way; what looks like a person has to be confirmed."""
    edited = fields["edited"] or {}
    try:
        record: FocusGroupRecord = record_of()
        done = services.focus_groups.save(
            context.user,
            context.site,
            record,
            based_on=edited.get("version"),
            accepted=shown_hints if is_confirmed else (),
            reason=fields["reason"] or "",
        )
    except InputError as error:
        return refused(error, context, shown_hints, is_confirmed)
    except BudgetModelError as error:
        return (no_update, no_update, notice(sentences_of(error, context), "danger"), *[no_update] * 4)
    return saved(services, context, saved_sentence(done, context))


def refused(error: InputError, context: PageContext, shown_hints: Sequence[str], is_confirmed: bool) -> tuple[Any, ...]:
    """Problems as a message, signs of persons as a list to confirm. A confirmation holds for what was shown only."""
    _ = context.gettext
    hints = [problem for problem in error.problems if problem.rule.startswith(HINT)]
    others = [problem_sentence(problem, context) for problem in error.problems if not problem.rule.startswith(HINT)]
    message = notice(others, "danger") if others else None
    if not hints:
        return no_update, no_update, message, no_update, no_update, no_update, no_update
    found = [str(problem.facts["found"]) for problem in hints]
    listed = [
        html.P(html.Strong(_("Nothing is stored yet: the notes may name a person or say how to reach one."))),
        html.Ul([html.Li(problem_sentence(problem, context)) for problem in hints]),
        html.P(_("Take it out and save again, or confirm.")),
    ]
    kept = sorted({*found, *shown_hints}) if is_confirmed else found
    return no_update, no_update, message, listed, False, kept, False


def saved(services: Services, context: PageContext, sentence: str) -> tuple[Any, ...]:
    """The page as it is now, an empty form, and what was done."""
    board = services.focus_groups.board(context.user, context.site)
    form = session_form(board, context, None)
    return content(board, context), form, notice([sentence], "info"), None, True, [], False


def saved_sentence(done: SavedSession, context: PageContext) -> str:
    _ = context.gettext
    if not done.is_new:
        return _("It is stored like this already: {code}, version {version}.", code=done.code, version=done.version)
    return _("Saved: {code}, version {version}.", code=done.code, version=done.version)


def withdraw(services: Services, context: PageContext, fields: Mapping[str, Any]) -> tuple[Any, ...]:
    """Take the edited session out."""
    edited = fields["edited"] or {}
    try:
        done = services.focus_groups.withdraw(
            context.user, context.site, edited.get("code", ""), edited.get("version", 0), fields["reason"] or ""
        )
    except BudgetModelError as error:
        return (no_update, no_update, notice(sentences_of(error, context), "danger"), *[no_update] * 4)
    _ = context.gettext
    sentence = _("Withdrawn: {code}. Its versions stay on record; it counts no more.", code=done.code)
    return saved(services, context, sentence)


def change_mix(
    services: Services, context: PageContext, share: str | None, weighting: str | None, reason: str | None
) -> tuple[Any, Any]:
    """Set the mix, or say why not."""
    try:
        number = share_from(share)
        services.focus_groups.set_mix(context.user, context.site, number, weighting or "", reason or "")
    except BudgetModelError as error:
        return no_update, notice(sentences_of(error, context), "danger")
    board = services.focus_groups.board(context.user, context.site)
    return content(board, context), notice([context.gettext("The mix is set. Simulate uses it from now on.")], "info")


def share_from(typed: str | None) -> Decimal:
    """A whole number of per cent as a share."""
    text = str(typed or "").strip().removesuffix("%").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= len("100")):
        message = f"'{text}' is not a share. Write a whole number of per cent from 0 to 100."
        raise InputError(Problem("focus.mix", message, value=text, facts={"value": text}))
    return Decimal(text) / 100
