"""The form of one question of a scorecard: the answer with its evidence, or the system's proposal taken over."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from budget_model.errors import InputError, StaleVersionError
from dashboard.components import notice
from dashboard.components.forms import choice, chosen, field, field_id, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.views.scorecards_words import CONTRADICTION, PROBLEMS, STALE
from data.store.scorecards import GivenAnswer
from data.workflows.scorecard_tables import answer_text, text_of
from data.workflows.scorecard_words import evidence_text
from data.workflows.scorecards import QuestionState, SiteCard

ACTION = "answer"
LONGEST_KEPT = 3000  # characters of a refused text that the address brings back


def answer_form(found: SiteCard, state: QuestionState, page: str, context: PageContext) -> html.Div:
    """The form, with what was refused just now still in it."""
    _, query = context.gettext, context.query
    refused = query.get("refused") or ""
    newest = state.answer
    value = query.get("value", state.value or "") if refused else state.value or ""
    evidence = query.get("evidence", "") if refused else "\n".join(newest.evidence if newest else ())
    note = query.get("note", "") if refused else newest.note if newest else ""
    facts = building_on(found, state) if refused == CONTRADICTION else {}
    options = [("", _("Not assessed")), *((o.code, text_of(o.label, context.language)) for o in found.card.answers)]
    fields = [
        hidden("card", found.card.id),
        hidden("year", str(found.year)),
        hidden("question", state.question.id),
        hidden("based_on", str(state.version)),
        choice("value", _("Answer"), options, value),
        evidence_field(evidence, context),
        field("note", _("Note"), note, maxlength=1000),
        html.Div(buttons(found, state, page, context), className="buttons"),
    ]
    told = [notice([_(PROBLEMS[refused], **facts)], "danger", role="alert")] if refused in PROBLEMS else []
    return html.Div([*told, plain_form(f"{context.address(page)}/{ACTION}", fields)], className="scorecard-form")


def building_on(found: SiteCard, state: QuestionState) -> dict[str, str]:
    """The questions of a contradiction: those that build on another, and that one."""
    name = state.question.id
    later = [one for one, other in found.card.questions().items() if other.only_if == name]
    return {"later": ", ".join(later) or name, "first": state.question.only_if or name}


def evidence_field(evidence: str, context: PageContext) -> html.Div:
    _ = context.gettext
    name = field_id("evidence")
    return html.Div(
        [
            html.Label(_("Evidence"), htmlFor=name, className="form-label"),
            dbc.Textarea(id=name, name="evidence", value=evidence, rows=3, maxlength=20_000),
            html.P(
                _("One document or address a line. An answer of yes, or a letter above D, needs one."), className="hint"
            ),
        ],
        className="field",
    )


def buttons(found: SiteCard, state: QuestionState, page: str, context: PageContext) -> list[Any]:
    _ = context.gettext
    made: list[Any] = [submit(_("Save the answer"))]
    prefill = state.question.prefill
    if state.proposal is not None and prefill is not None:
        told = answer_text(found.card, state.proposal, context.language)
        label = _("Take over the proposal: {answer}", answer=told)
        made.append(submit(label, "prefill", prefill.when, kind="outline-primary"))
    address = context.address(page, card=found.card.id, year=str(found.year))
    made.append(html.A(_("Close"), href=f"{address}#question-{state.question.id}", className="btn btn-link"))
    return made


def proposal_text(found: SiteCard, state: QuestionState, context: PageContext) -> str | None:
    """That the system would propose an answer, and on what it rests; it does not count yet."""
    prefill = state.question.prefill
    if state.proposal is None or prefill is None:
        return None
    return context.gettext(
        "Prefilled, not yet counted: {answer}, because the system holds this: {evidence}. An official confirms it.",
        answer=answer_text(found.card, state.proposal, context.language),
        evidence=evidence_text(prefill.when, state.evidence[prefill.when], found.year, context.language),
    )


def keep_answer(services: Services, context: PageContext, posted: Posted, page: str) -> str:
    """Store what was posted; a refusal leads back with the texts still there."""
    sent = chosen(posted.fields)
    card, question, year = sent.get("card", ""), sent.get("question", ""), sent.get("year", "")
    place = {"card": card, "year": year, "question": question}
    value, evidence, note = sent.get("value", ""), sent.get("evidence", ""), sent.get("note", "")
    prefill = sent.get("prefill") or None
    if prefill is not None:
        value = proposed_value(services, context, card, year, question) or value
    given = GivenAnswer(question, value or None, evidence.splitlines(), note, prefill)
    try:
        based_on = int(sent.get("based_on", "0"))
        services.scorecards.answer(context.user, context.site, card, int(year), given, based_on)
    except StaleVersionError:
        rule = STALE
    except InputError as refusal:
        rule = refusal.problems[0].rule
    except ValueError:
        rule = "scorecard_year"
    else:
        return f"{context.address(page, card=card, year=year)}#question-{question}"
    texts = {"value": value, "evidence": evidence[:LONGEST_KEPT], "note": note[:LONGEST_KEPT]}
    return f"{context.address(page, **place, refused=rule, **texts)}#question-{question}"


def proposed_value(services: Services, context: PageContext, card: str, year: str, question: str) -> str | None:
    """What the system proposes now."""
    if not year.isdigit():
        return None
    state = services.scorecards.card(context.user, context.site, card, int(year)).questions.get(question)
    return state.question.prefill.answer if state and state.question.prefill else None
