"""Proposals of the participatory budget: feasible ones for everybody; officials add, review, bring in and take out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from budget_model.assembly.proposals import ProposalRecord
from budget_model.errors import InputError, NotFoundError, Problem
from dashboard.components import Column, card, data_table, file_links, no_data, page_header, source_note
from dashboard.components.forms import field, field_id, file_field, hidden, plain_form, submit
from dashboard.components.projector import PROJECTOR, assembly_page, is_projector, kept_size
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.assembly_criteria import matrix_cards, points_card, points_of
from dashboard.pages.assembly_execution import proposal_execution
from dashboard.pages.assembly_parts import action, posted_year, year_links, year_of
from dashboard.pages.assembly_pictures import picture_parts
from dashboard.pages.assembly_proposal_form import form_card, save
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.assembly import AssemblyBoard, Merged, ProposalInfo, ScoreBoard
from dashboard.views.assembly_scores import assumption_rows, score_line, score_rows, source_words
from dashboard.views.assembly_words import STATES, money, people
from dashboard.views.side_by_side import FEWEST, MOST

NAME = "proposals"
TITLE = mark("Proposals")
GROUP = Group.ASSEMBLY
ROLES = EVERYBODY
FILES = (".csv", ".xlsx")
SIDE_BY_SIDE = "side-by-side"  # a plain page, open to everybody


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    board = services.assembly.board(context.user, context.site, year_of(context))
    light = html.P(
        html.A(_("Light version for phones"), href=context.address("phone/proposals")), className="on-screen"
    )
    header = html.Div([page_header(_(TITLE), _("What people propose for the participatory budget.")), light])
    if context.query.get("code") and board.process:
        return assembly_page(context, [header, *proposal_cards(services, board, context.query["code"], context)])
    if board.may_edit and "new" in context.query:
        return html.Div([header, form_card(services, board, None, context)])
    parts: list[Any] = [header, *year_links(board, NAME, context)]
    if board.process is None:
        nothing = no_data(_("This site has no participatory budget yet."), _("An official starts one with a year."))
        return html.Div([*parts, nothing, *official_cards(board, context)])
    scores = services.assembly.scores(context.user, context.site, board.process.year)
    made = services.criteria.matrix(context.user, context.site, board.process.year)
    matrix = matrix_cards(made, board.proposals, scores, context)
    return assembly_page(context, [*parts, list_card(board, scores, context), *matrix, *official_cards(board, context)])


def address_of(board: AssemblyBoard, context: PageContext, **query: str) -> str:
    year = {"year": str(board.process.year)} if board.process else {}
    return context.address(NAME, **year, **query, **kept_size(context))


# --- list ------------------------------------------------------------------------------------------------------------


def list_card(board: AssemblyBoard, scores: ScoreBoard, context: PageContext) -> html.Section:
    _ = context.gettext
    if not board.proposals:
        how = _("They appear here when the technical review has found them feasible.")
        return card(_("Proposals"), no_data(_("There is no proposal to show yet."), how))
    count = context.ngettext(
        "{number} proposal",
        "{number} proposals",
        len(board.proposals),
        number=context.formats.number(len(board.proposals)),
    )
    items = [html.Li(proposal_item(one, board, scores, context)) for one in board.proposals]
    year = str(board.process.year) if board.process else ""
    files = file_links(_("The same as a table:"), lambda kind: f"{context.address(NAME)}/proposals.{kind}?year={year}")
    listed = html.Ul(items, className="proposal-list")
    source = [source_note(context, [source_words(scores, context)])] if scores.saved_at else []
    return card(_("Proposals"), [html.P(count), compare_form(listed, len(items), year, context), *source, files])


def compare_form(listed: html.Ul, count: int, year: str, context: PageContext) -> Any:
    """The list with boxes to tick, sent to the page that sets proposals side by side."""
    _ = context.gettext
    if count < FEWEST:
        return listed
    facts = {"fewest": context.formats.number(FEWEST), "most": context.formats.number(MOST)}
    told = html.P(_("Tick {fewest} to {most} proposals to see them side by side.", **facts))
    size = [hidden(PROJECTOR, "1", "compare")] if is_projector(context) else []
    button = html.Div([submit(_("Show them side by side"), kind="outline-secondary")], className="buttons")
    parts = [told, hidden("year", year, "compare"), *size, listed, button]
    return html.Form(parts, action=context.address(SIDE_BY_SIDE), method="GET", disable_n_clicks=True)


def proposal_item(one: ProposalInfo, board: AssemblyBoard, scores: ScoreBoard, context: PageContext) -> html.Article:
    _ = context.gettext
    record = one.record
    title = html.A(context.in_language(record.title), href=address_of(board, context, code=record.code))
    state = html.Span(_(STATES[record.state]), className=f"state state-{record.state}") if board.may_edit else None
    told = html.P(score_line(scores, record.code, context), className="score") if scores.saved_at else None
    box = f"compare-{record.code}"
    tick = dbc.Input(type="checkbox", id=field_id(box), name="c", value=record.code, className="tick")
    code = html.Label(record.code, htmlFor=field_id(box), className="code")
    head = html.H3([code, title, state])
    return html.Article([html.Div([tick, head], className="ticked"), facts_of(one, context), told])


def facts_of(one: ProposalInfo, context: PageContext) -> html.Dl:
    """Price, place, need and who benefits; what is not stated says so."""
    _ = context.gettext
    record, missing = one.record, _("not stated")
    facts = [
        (_("Price"), money(record.cost, context) if record.cost is not None else _("not priced yet")),
        (_("Where"), one.zone or _("the whole site")),
        (_("Need that it answers"), context.in_language(one.need) if one.need else missing),
        (_("Who benefits in a year"), people(record.women, record.men, context) or missing),
    ]
    return html.Dl([html.Div([html.Dt(name), html.Dd(text)]) for name, text in facts], className="facts")


# --- one proposal ----------------------------------------------------------------------------------------------------


def proposal_cards(services: Services, board: AssemblyBoard, code: str, context: PageContext) -> list[Any]:
    _ = context.gettext
    if board.process is None:
        raise NotFoundError("proposal of the assembly", code)
    became = next((one for one in board.merged if one.code == code), None)
    if became is not None and not board.may_edit:
        return merged_parts(board, became, context)
    versions = services.assembly.versions(context.user, context.site, board.process.year, code)
    newest = versions[0]
    back = html.P(html.A(_("All proposals"), href=address_of(board, context)))
    scores = services.assembly.scores(context.user, context.site, board.process.year)
    pictures = picture_parts(services, newest, board.process.year, context)
    executed = proposal_execution(services, board.process.year, code, context)
    parts = [back, about_card(newest, pictures, board, context), *executed, score_card(scores, code, context)]
    if board.may_edit:
        made = services.criteria.matrix(context.user, context.site, board.process.year)
        parts += points_card(made, code, board.process.year, action(context, "points"), context)
        parts += [form_card(services, board, newest, context), history_card(versions, context)]
    return parts


def merged_parts(board: AssemblyBoard, one: Merged, context: PageContext) -> list[Any]:
    """Where a proposal went on that is no longer one of its own."""
    told = context.gettext("{code} was merged into {into}.", code=one.code, into=one.into)
    link = html.A(context.gettext("Show {code}", code=one.into), href=address_of(board, context, code=one.into))
    return [card(f"{one.code} · {context.in_language(one.title)}", [html.P(told), html.P(link)])]


def merged_line(board: AssemblyBoard, record: ProposalRecord, context: PageContext) -> list[Any]:
    """What was merged into a proposal, and into which one it went."""
    _ = context.gettext
    parts = [f"{one.code} · {context.in_language(one.title)}" for one in board.merged if one.into == record.code]
    told = [_("Merged into it: {proposals}.", proposals="; ".join(parts))] if parts else []
    if record.merged_into:
        told.append(_("{code} was merged into {into}.", code=record.code, into=record.merged_into))
    return [html.P(text) for text in told]


def about_card(one: ProposalInfo, pictures: Sequence[Any], board: AssemblyBoard, context: PageContext) -> html.Section:
    _ = context.gettext
    record = one.record
    parts: list[Any] = [*pictures, facts_of(one, context)]
    description = context.in_language(record.description)
    parts += [html.P(line) for line in description.splitlines() if line.strip()]
    if record.category:
        parts.append(html.P(_("Category: {category}", category=record.category)))
    if record.unit_cost is not None:
        parts.append(html.P(_("Cost for one person and year: {cost}", cost=money(record.unit_cost, context))))
    if record.excludes:
        parts.append(html.P(_("Only one of these may win: {codes}", codes=", ".join([record.code, *record.excludes]))))
    parts += merged_line(board, record, context)
    review = _("Technical review: {state}.", state=_(STATES[record.state]))
    parts.append(html.P([html.Strong(review), f" {record.reason}"]))
    return card(f"{record.code} · {context.in_language(record.title)}", parts)


def score_card(scores: ScoreBoard, code: str, context: PageContext) -> html.Section:
    """What the proposal does for the survey's needs, with its interval; what it rests on is one tap away."""
    _ = context.gettext
    title, score = _("What it does for the needs that the survey found"), scores.scores.get(code)
    if score is None:
        return card(title, html.P(score_line(scores, code, context)))
    heads = [Column(_("In one year")), Column(_("Figure, and where it lies in nine of ten draws"), True)]
    rests = [Column(_("Assumption")), Column(_("Value"), True), Column(_("Source"))]
    figures = data_table(_("Needs that the price would meet beside today's budget"), heads, score_rows(score, context))
    table = data_table(_("What the figures rest on"), rests, assumption_rows(scores, score, context))
    source = source_note(context, [source_words(scores, context)])
    return card(title, [figures, html.Details([html.Summary(_("What the figures rest on")), table]), source])


def history_card(versions: Sequence[ProposalInfo], context: PageContext) -> html.Section:
    _ = context.gettext
    items = [
        html.Li(
            " · ".join(
                part
                for part in (
                    _("Version {number}", number=context.formats.number(one.version)),
                    context.formats.moment(one.saved_at),
                    one.saved_by,
                    _(STATES[one.record.state]),
                    money(one.record.cost, context) if one.record.cost is not None else "",
                    one.record.reason,
                )
                if part
            )
        )
        for one in versions
    ]
    return card(_("History"), html.Ul(items))


# --- officials -------------------------------------------------------------------------------------------------------


def official_cards(board: AssemblyBoard, context: PageContext) -> list[Any]:
    _ = context.gettext
    if not board.may_edit:
        return []
    year = str(board.process.year) if board.process else ""
    add = html.P(html.A(_("Add a proposal"), href=address_of(board, context, new="1"), className="btn btn-primary"))
    hint = _("CSV or XLSX with the columns of the table above. All of it comes in, or nothing with every reason told.")
    form = plain_form(
        action(context, "import"),
        [
            field("year", _("Year"), year, required=True, maxlength=4),
            file_field("file", _("File of proposals"), FILES, hint, required=True),
            html.Div([submit(_("Bring the file in"))], className="buttons"),
        ],
        has_files=True,
    )
    return [card(_("For officials"), [add, form, *score_forms(board, context)])]


def score_forms(board: AssemblyBoard, context: PageContext) -> list[Any]:
    _ = context.gettext
    if board.process is None or not board.proposals:
        return []
    told = html.P(_("Scores show what each feasible proposal would do for the needs that the survey found."))
    button = submit(_("Compute the scores"), kind="outline-secondary")
    parts = [hidden("year", str(board.process.year)), html.Div([button], className="buttons")]
    return [told, plain_form(action(context, "score"), parts)]


def give_points(services: Services, context: PageContext, posted: Posted) -> str:
    year, code = posted_year(posted.fields), str(posted.fields.get("code", ""))
    services.criteria.save(context.user, context.site, year, code, points_of(posted.fields))
    return context.address(NAME, year=str(year), code=code)


def bring_in(services: Services, context: PageContext, posted: Posted) -> str:
    year = posted_year(posted.fields)
    for name, stream in posted.files.get("file", ())[:1]:
        services.assembly.import_proposals(context.user, context.site, year, name, stream)
        return context.address(NAME, year=str(year))
    raise InputError(Problem("file_missing", "No file was sent. Choose one."))


def score(services: Services, context: PageContext, posted: Posted) -> str:
    year = posted_year(posted.fields)
    services.assembly.score(context.user, context.site, year)
    return context.address(NAME, year=str(year))


def table(services: Services, context: PageContext, kind: str) -> Resource:
    year = year_of(context)
    if year is None:
        raise NotFoundError("participatory budget", context.query.get("year", ""))
    content = services.assembly.table(context.user, context.site, year, kind)
    types = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    slug = context.site.slug if context.site else ""
    return Resource(content, types[kind], f"{slug}-proposals-{year}.{kind}")


RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {
    "proposals.csv": partial(table, kind="csv"),
    "proposals.xlsx": partial(table, kind="xlsx"),
}
QUERIES = dict.fromkeys(RESOURCES, frozenset({"year"}))
ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str]] = {
    "save": save,
    "import": bring_in,
    "score": score,
    "points": give_points,
}


def register_callbacks(app: Any, services: Services) -> None:
    """None: plain forms and links."""
