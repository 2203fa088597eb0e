"""What the steps of an import share: where one stands, where a form goes, problems and refusals in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.components import Column, card, data_table, notice
from dashboard.components.forms import hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.views.imports import counts_sentence, problem_rows
from dashboard.views.imports_words import RULES, STEPS
from data.workflows.staging import LIFETIME, Stage, safe_name

NAME = "imports"
FILES, FOUND, MAPPING, PREVIEW, DONE = range(1, 6)


def steps(current: int, token: str, context: PageContext) -> html.Ol:
    """Where one stands; earlier steps are links."""
    items = []
    for number, title in enumerate(STEPS, start=1):
        text: Any = context.gettext(title)
        if token and FOUND <= number < current:
            text = html.A(text, href=context.address(NAME, draft=token, step=str(number)))
        items.append(html.Li(text, **({"aria-current": "step"} if number == current else {})))
    return html.Ol(items, className="wizard-steps")


def next_link(step: int, stage: Stage, label: str, context: PageContext) -> html.A:
    return html.A(label, href=context.address(NAME, draft=stage.token, step=str(step)), className="btn btn-primary")


def abandon(stage: Stage, context: PageContext) -> html.Section:
    """At any step: away with the files."""
    _ = context.gettext
    hours = round(LIFETIME.total_seconds() / 3600)
    note = _(
        "The files are private to you and are removed after {hours} hours. Abandoning removes them now.", hours=hours
    )
    form = plain_form(
        action(context, "abandon"),
        [hidden("draft", stage.token), submit(_("Abandon and remove the files"), kind="outline-secondary")],
    )
    return html.Section([html.P(note, className="hint"), form])


def action(context: PageContext, name: str) -> str:
    """Where a form of this page is posted."""
    return f"{context.address(NAME)}/{name}"


def problems_card(problems: Sequence[Any], context: PageContext) -> html.Section:
    _ = context.gettext
    sentence = html.P(counts_sentence(problems, context))
    if not problems:
        return card(_("Problems"), sentence)
    header = [
        *(Column(_("Kind")), Column(_("What is wrong")), Column(_("Place")), Column(_("Rows"), True)),
        Column(_("First lines")),
    ]
    table = data_table(
        _("Problems by kind and place, those that must be mended first"), header, problem_rows(problems, context)
    )
    return card(_("Problems"), [sentence, table])


def refused_notice(context: PageContext) -> list[Any]:
    """Why what was sent was not taken."""
    refused = [one for one in context.query.get("refused", "").split(",") if one]
    return [notice([refusal_sentence(one, context) for one in refused], "danger", role="alert")] if refused else []


def refusal_sentence(refused: str, context: PageContext) -> str:
    """`rule` or `rule:file` → the sentence of the rule, after the name of the file that it is about."""
    rule, _colon, file = refused.partition(":")
    sentence = context.gettext(RULES[rule]) if rule in RULES else context.gettext("Check the answers.")
    return f"{safe_name(file)}: {sentence}" if file else sentence
