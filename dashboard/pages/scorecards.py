"""Scorecards: SDG 5.c.1, PEFA and OECD areas, answered by people with evidence, beside what the system really holds."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any

from dash import Dash, html

from budget_model.spending.scorecards import Part, PartGrade
from dashboard.components import Column, card, data_table, no_budget_lines, notice, page_header, tile, tiles
from dashboard.components.forms import choice, submit
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.scorecards_form import ACTION, answer_form, keep_answer, proposal_text
from dashboard.queries import unknown_choice
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.services.scorecards import CardChoices
from data.messages import translate
from data.readers.scorecards import read_scorecards
from data.workflows import scorecard_words as words
from data.workflows.modification_words import SYNTHETIC
from data.workflows.scorecard_tables import (
    answer_text,
    card_notes,
    card_tables,
    evidence_of,
    grade_text,
    missing_text,
    moment,
    text_of,
    verdict_text,
)
from data.workflows.scorecards import QuestionState, SiteCard
from data.writers.pdf import pdf_bytes
from data.writers.tables import xlsx_bytes

NAME = "scorecards"
TITLE = mark("Scorecards")
GROUP = Group.BUDGET
ROLES = SIGNED_IN
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHOICES = ("card", "year")


class Ids(StrEnum):
    """Parts of the page that tests and styles know."""

    CHOICES = "scorecards-choices"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    chosen = choices(services, context)
    subtitle = _(
        "How far the municipality budgets for equality, by published frameworks. People answer and show evidence."
    )
    if chosen.year is None:
        return html.Div([page_header(_(TITLE), subtitle), no_budget_lines(context)])
    found = services.scorecards.card(context.user, context.site, chosen.card, chosen.year)
    may_answer = services.scorecards.may_answer(context.user, context.site)
    return html.Div(
        [
            page_header(_(TITLE), subtitle, [html.Div(downloads(chosen, context))]),
            *not_there(chosen, context),
            chooser(chosen, context),
            html.P(lead(found, context), className="lead-sentence"),
            parts_tiles(found, context),
            html.P(text_of(found.card.about, context.language), className="hint"),
            html.P(context.gettext(words.RULE), className="hint"),
            *[
                part_card(found, part, grade, may_answer, context)
                for part, grade in zip(found.card.parts, found.grade.parts, strict=True)
            ],
            html.P(
                [html.Strong(_("Source: ")), found.card.source, ". ", text_of(found.card.verified, context.language)],
                className="source-note",
            ),
        ]
    )


def choices(services: Services, context: PageContext) -> CardChoices:
    return services.scorecards.choices(context.user, context.site, context.query.get("card"), context.query.get("year"))


def not_there(chosen: CardChoices, context: PageContext) -> list[html.Div]:
    """That what was asked for is not there, and what is shown in its place."""
    asked = context.query.get("year")
    if not asked or asked == str(chosen.year):
        return []
    told = context.gettext(
        "There are neither budget lines nor answers of the year “{asked}” here. This is {year}.",
        asked=asked,
        year=chosen.year,
    )
    return [notice([told])]


def chooser(chosen: CardChoices, context: PageContext) -> html.Form:
    """A form that only asks: the address then names card and year, and can be shared."""
    _, cards = context.gettext, read_scorecards()
    names = [(name, text_of(cards[name].label, context.language)) for name in chosen.cards]
    years = [(str(year), str(year)) for year in reversed(chosen.years)]
    fields = [
        choice("card", _("Scorecard"), names, chosen.card),
        choice("year", _("Year"), years, str(chosen.year)),
        submit(_("Show"), kind="outline-secondary"),
    ]
    return html.Form(
        fields, action=context.address(NAME), method="GET", className="filters", id=Ids.CHOICES, disable_n_clicks=True
    )


def lead(found: SiteCard, context: PageContext) -> str:
    """The result in a sentence, with the answers that it rests on."""
    return context.gettext(
        "{card}, {year}: {verdict}. {answered} of {all} questions are answered.",
        card=text_of(found.card.label, context.language),
        year=found.year,
        verdict=verdict_text(found, context.language),
        answered=found.grade.answered,
        all=len(found.questions),
    )


def parts_tiles(found: SiteCard, context: PageContext) -> html.Dl:
    language = context.language
    made = []
    for part, grade in zip(found.card.parts, found.grade.parts, strict=True):
        shown = grade_text(found.card, grade, language)
        note = missing_text(grade.missing, language) if grade.missing else None
        if found.card.kind == "profile":
            shown, note = answer_text(found.card, found.questions[part.questions[0].id].value, language), None
        made.append(tile(text_of(part.label, language), shown, note))
    return tiles(made, context.gettext("Result by part"))


def part_card(found: SiteCard, part: Part, grade: PartGrade, may_answer: bool, context: PageContext) -> html.Section:
    _, language = context.gettext, context.language
    subtitle = None
    if part.at_least is not None:
        subtitle = _(
            "Satisfied by {least} yes of {all}. Now: {grade}.",
            least=part.at_least,
            all=len(part.questions),
            grade=grade_text(found.card, grade, language),
        )
    asked = [question_block(found, found.questions[one.id], may_answer, context) for one in part.questions]
    return card(text_of(part.label, language), asked, subtitle)


def question_block(found: SiteCard, state: QuestionState, may_answer: bool, context: PageContext) -> html.Div:
    """A question with its answer, what the system holds, its history and, where it is open, the form."""
    _, language = context.gettext, context.language
    name, answer = state.question.id, state.answer
    parts: list[Any] = [
        html.H3(f"{name} {text_of(state.question.text, language)}", className="scorecard-question"),
        html.P([html.Strong(_("Answer: ")), answer_text(found.card, state.value, language), said_by(state, context)]),
    ]
    if answer and state.value is not None and (evidence := evidence_of(answer, found.year, language)):
        parts.append(html.P([html.Strong(_("Evidence: ")), evidence]))
    if answer and answer.note:
        parts.append(html.P([html.Strong(_("Note: ")), answer.note]))
    if name in found.outdated:
        parts.append(html.P(_("Answered under another version of this scorecard: read the question again.")))
    if name in {one for part in found.grade.parts for one in part.not_counted}:
        told = translate(language, words.NOT_COUNTED, first=state.question.only_if)
        parts.append(notice([f"{told[0].upper()}{told[1:]}."]))
    proposed = proposal_text(found, state, context)
    parts += [html.P(proposed, className="scorecard-proposal")] if proposed else []
    parts += held(found, state, context)
    if lacking := words.lacking_text(state.lacking, found.year, language):
        parts.append(html.P(lacking, className="hint"))
    if len(state.history) > 1:
        parts.append(history(found, state, context))
    if may_answer:
        is_open = context.query.get("question") == name
        parts.append(answer_form(found, state, NAME, context) if is_open else way_in(found, state, context))
    return html.Div(parts, id=f"question-{name}", className="scorecard-item")


def said_by(state: QuestionState, context: PageContext) -> str:
    if state.answer is None:
        return ""
    told = context.gettext("by {who}, {when} (UTC)", who=state.answer.actor, when=moment(state.answer))
    return f" · {told}"


def way_in(found: SiteCard, state: QuestionState, context: PageContext) -> html.P:
    _, name = context.gettext, state.question.id
    address = context.address(NAME, card=found.card.id, year=str(found.year), question=name)
    text = _("Change the answer") if state.answer else _("Answer this question")
    spoken = f"{text}: {name}"
    return html.P(html.A(text, href=f"{address}#question-{name}", **{"aria-label": spoken}))


def held(found: SiteCard, state: QuestionState, context: PageContext) -> list[Any]:
    """What the system holds, each with the page that shows it."""
    if not state.evidence:
        return []
    links = [
        html.Li(html.A(words.evidence_text(kind, facts, found.year, context.language), href=page_of(kind, context)))
        for kind, facts in state.evidence.items()
    ]
    told = context.gettext("What the system holds (evidence, not an answer):")
    return [html.P(told, className="hint"), html.Ul(links)]


def page_of(kind: str, context: PageContext) -> str:
    return context.address(words.EVIDENCE_PAGES[kind])


def history(found: SiteCard, state: QuestionState, context: PageContext) -> html.Details:
    _, language = context.gettext, context.language
    columns = [Column(_(text)) for name, text in words.HISTORY.items() if name not in ("title", "question")]
    rows = [
        [
            str(one.version),
            answer_text(found.card, one.value, language),
            evidence_of(one, found.year, language),
            one.note,
            one.actor,
            moment(one),
        ]
        for one in state.history
    ]
    caption = _("History of {question}", question=state.question.id)
    return html.Details([html.Summary(caption), data_table(caption, columns, rows)])


# --- files and answers -----------------------------------------------------------------------------------------------


def downloads(chosen: CardChoices, context: PageContext) -> list[html.A]:
    labels = (("pdf", context.gettext("Download PDF")), ("xlsx", context.gettext("Download XLSX")))
    query = {"card": chosen.card, "year": str(chosen.year)}
    return [
        html.A(
            label,
            href=context.address(f"{NAME}/scorecard.{kind}", **query),
            className="btn btn-outline-secondary btn-sm",
        )
        for kind, label in labels
    ]


def export(services: Services, context: PageContext, kind: str) -> Resource:
    """The card with answers, evidence and history."""
    asked = {name: context.query.get(name) for name in CHOICES}
    chosen = choices(services, context)
    if asked["card"] and asked["card"] != chosen.card:
        raise unknown_choice("card", asked["card"], chosen.cards, context)
    if chosen.year is None or (asked["year"] and asked["year"] != str(chosen.year)):
        raise unknown_choice("year", asked["year"] or "", [str(year) for year in chosen.years], context)
    found = services.scorecards.card(context.user, context.site, chosen.card, chosen.year)
    _, site, language = context.gettext, context.site, context.language
    is_synthetic = bool(site and site.is_synthetic)
    notes = card_notes(found, site.name if site else "", is_synthetic, language)
    name = f"{site.slug if site else ''}-{chosen.card}-{chosen.year}.{kind}"
    tables = card_tables(found, language)
    if kind == "xlsx":
        sheet = words.NOTES["title"]
        return Resource(xlsx_bytes(_(sheet), notes, tables), XLSX, name)
    warning = _(SYNTHETIC) if is_synthetic else ""
    title = f"{text_of(found.card.label, language)}, {found.year}"
    return Resource(pdf_bytes(title, language, notes, tables, warning), "application/pdf", name)


QUERIES = dict.fromkeys(("scorecard.pdf", "scorecard.xlsx"), frozenset(CHOICES))
RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "scorecard.pdf": partial(export, kind="pdf"),
    "scorecard.xlsx": partial(export, kind="xlsx"),
}


def post_answer(services: Services, context: PageContext, posted: Posted) -> str:
    return keep_answer(services, context, posted, NAME)


ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str]] = {ACTION: post_answer}


def register_callbacks(app: Dash, services: Services) -> None:
    """Nothing on this page answers back: it asks by its address and posts plain forms."""
