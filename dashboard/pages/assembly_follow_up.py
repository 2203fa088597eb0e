"""What became of the winners: budget lines and their execution, for the assembly of the next year."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from dash import html

from budget_model.assembly.execution import NO_LINE, NOT_STARTED, STAGES
from budget_model.errors import InputError, NotFoundError, Problem
from dashboard.components import Column, card, data_table, no_data, page_header, tile, tiles
from dashboard.components.forms import choice, chosen, field, hidden, plain_form, submit
from dashboard.components.projector import assembly_page
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.assembly_execution import STAGE_NAMES, amount_of, money_cells, source
from dashboard.pages.assembly_parts import posted_year, year_links, year_of
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.follow_up import FollowBoard, SuggestedLine
from dashboard.views.assembly_words import money
from dashboard.views.winner_words import ORIGINS, STATES
from data.readers.typed_numbers import typed_number
from data.workflows.follow_up import Followed, FollowUp
from data.workflows.winner_lines import WantedLine

NAME = "follow-up"
TITLE = mark("What became of the winners")
GROUP = Group.ASSEMBLY
ROLES = EVERYBODY
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    board = services.assembly.board(context.user, context.site, year_of(context))
    header = page_header(_(TITLE), _("What was decided together, and how much of it has been carried out."))
    parts: list[Any] = [header, *year_links(board, NAME, context)]
    if board.process is None:
        how = _("An official starts one with a year.")
        return assembly_page(context, [*parts, no_data(_("This site has no participatory budget yet."), how)])
    budget = context.query.get("budget", "")
    chosen_year = int(budget) if budget.isascii() and budget.isdigit() and len(budget) == 4 else None
    followed = services.follow_up.board(context.user, context.site, board.process.year, chosen_year)
    if not followed.found.winners:
        how = _("The winners stand here when the vote has been counted.")
        return assembly_page(context, [*parts, no_data(_("Nothing has won yet."), how)])
    parts += [figures(followed.found, context), execution_card(followed.found, context)]
    return assembly_page(context, [*parts, *(official_cards(followed, context) if followed.may_edit else [])])


def figures(found: FollowUp, context: PageContext) -> html.Dl:
    _, number = context.gettext, context.formats.number
    items = [tile(_("Winners"), number(len(found.winners)), _("of {year}", year=str(found.year)))]
    for year, total in found.totals.items():
        share = total.executed_share
        told = context.formats.share(None if share is None else float(share))
        is_known = share is not None
        accrued, pim = amount_of(total, "accrued", context), amount_of(total, "pim", context)
        note = _("{accrued} of {pim}", accrued=accrued, pim=pim) if is_known else _("not known of every line")
        items.append(tile(_("Executed in {year}, of the modified budget", year=str(year)), told, note))
    items.append(tile(_("Without a line of the budget"), number(found.without_line)))
    return tiles(items, _("What became of the winners, in figures"))


def execution_card(found: FollowUp, context: PageContext) -> html.Section:
    _ = context.gettext
    heads = [Column(_("Proposal")), Column(_("Price voted"), True), Column(_("Budget year"))]
    heads += [Column(_(STAGE_NAMES[stage]), True) for stage in STAGES[1:]]
    heads += [Column(_("Executed"), True), Column(_("State"))]
    rows = [row for one in found.winners for row in winner_rows(one, found, context)]
    table = data_table(_("Winners and their execution"), heads, rows)
    address = f"{context.address(NAME)}/follow-up.xlsx?year={found.year}"
    link = html.P([_("The same as a table:"), " ", html.A("XLSX", href=address)])
    return card(_("Execution"), [html.P(sentence(found, context)), table, link, source(found, context)])


def sentence(found: FollowUp, context: PageContext) -> str:
    """In words: how many winners have a line, and how many have not begun."""
    _, number = context.gettext, context.formats.number
    begun = [one for one in found.winners if one.years]
    waiting = sum(all(held.state == NOT_STARTED for held in one.years.values()) for one in begun)
    return _(
        "{lines} of {winners} winners have a line in the budget; {waiting} of these have not begun.",
        lines=number(len(begun)),
        winners=number(len(found.winners)),
        waiting=number(waiting),
    )


def winner_rows(one: Followed, found: FollowUp, context: PageContext) -> list[list[Any]]:
    """A row a budget year; one row that says so for a winner without a line."""
    _ = context.gettext
    title = f"{one.winner.code} · {context.in_language(one.winner.title)}"
    first = [title, money(one.winner.cost, context)]
    if not one.years:
        return [[*first, "–", "–", "–", "–", "–", _(STATES[NO_LINE])]]
    return [[*first, str(year), *money_cells(held, context)] for year, held in one.years.items()]


# --- officials -------------------------------------------------------------------------------------------------------


def official_cards(board: FollowBoard, context: PageContext) -> list[Any]:
    return [lines_card(board, context), match_card(board, context), make_card(board, context)]


def lines_card(board: FollowBoard, context: PageContext) -> html.Section:
    """Lines as they stand, each with a form that takes it back."""
    _ = context.gettext
    parts: list[Any] = []
    for one in board.found.winners:
        for line in one.lines:
            told = _(
                "share {share} of the line, {origin}",
                share=context.formats.share(float(line.share)),
                origin=_(ORIGINS[line.origin]),
            )
            gone = "" if line.is_there else " " + _("The budget no longer has this line: match another.")
            name = f" · {line.name}" if line.name else ""
            text = f"{one.winner.code} · {line.year} · {line.code}{name} ({told}).{gone}"
            form = f"{one.winner.code}-{line.year}-{line.code}"
            fields = [
                hidden("year", str(board.found.year), form),
                hidden("proposal", one.winner.code, form),
                hidden("budget_year", str(line.year), form),
                hidden("code", line.code, form),
                field("reason", _("Why it is no longer the winner's"), form=form, required=True, maxlength=400),
                submit(_("Take it back"), kind="outline-secondary"),
            ]
            taken = html.Details([html.Summary(_("Take it back")), plain_form(action("unmatch", context), fields)])
            parts.append(html.Li([text, taken]))
    shown = html.Ul(parts) if parts else html.P(_("No winner has a line yet."))
    return card(_("For officials: lines of the winners"), shown)


def match_card(board: FollowBoard, context: PageContext) -> html.Section:
    """Winners without a line of the ministry's file in the budget year, with lines that may be theirs."""
    _ = context.gettext
    year = context.query.get("budget") or str(
        board.found.year if board.found.year in board.budget_years or not board.budget_years else board.budget_years[-1]
    )
    links = [
        html.Strong(str(one))
        if str(one) == year
        else html.A(str(one), href=own_address(board, context, budget=str(one)))
        for one in board.budget_years
    ]
    parts: list[Any] = [html.P([html.Span(_("Budget year"), className="label"), *links], className="year-links")]
    for code, likely in board.suggested.items():
        parts.append(match_form(board, code, likely, year, context))
    if not board.suggested:
        parts.append(html.P(_("Every winner has its line in this year.")))
    return card(_("For officials: match lines of the budget"), parts)


def match_form(
    board: FollowBoard, code: str, likely: tuple[SuggestedLine, ...], year: str, context: PageContext
) -> html.Details:
    _ = context.gettext
    options = [
        ("", _("choose, or write the code below")),
        *((one.candidate.code, line_words(one, context)) for one in likely),
    ]
    fields = [
        hidden("year", str(board.found.year), code),
        hidden("proposal", code, code),
        hidden("budget_year", year, code),
        choice("line", _("Lines that may be its"), options, form=code),
        field("code", _("Code of another line"), form=code, maxlength=200),
        field("share", _("Share of the line, in per cent"), "100", form=code, inputmode="decimal", maxlength=9),
        submit(_("Match")),
    ]
    found = next(one for one in board.found.winners if one.winner.code == code)
    title = f"{code} · {context.in_language(found.winner.title)}"
    count = context.ngettext("{number} suggestion", "{number} suggestions", len(likely), number=str(len(likely)))
    return html.Details([html.Summary(f"{title} ({count})"), plain_form(action("match", context), fields)])


def line_words(one: SuggestedLine, context: PageContext) -> str:
    """A line with why it is suggested."""
    _ = context.gettext
    why = [_("names the proposal")] if one.candidate.names_proposal else []
    why += [_("words in common: {words}", words=", ".join(one.candidate.words))] if one.candidate.words else []
    why += [_("the same amount")] if one.candidate.has_amount else []
    pim = money(one.pim, context) if one.pim is not None else "–"
    return f"{one.candidate.code} · {one.name[:80]} · PIM {pim} ({'; '.join(why)})"


def make_card(board: FollowBoard, context: PageContext) -> html.Section:
    """A code and a source for each winner without a line; what is left empty is not written."""
    _ = context.gettext
    title = _("For officials: write budget lines")
    waiting = [one for one in board.found.winners if not one.lines]
    if not waiting:
        return card(title, html.P(_("Every winner has a line.")))
    told = _(
        "Each line is written with its price as opening budget and with a gender tag that is proposed, not approved. "
        "What you leave without a code is not written."
    )
    rows: list[Any] = []
    for one in waiting:
        code = one.winner.code
        rows += [
            html.H3(f"{code} · {context.in_language(one.winner.title)} · {money(one.winner.cost, context)}"),
            html.Div(
                [
                    field(f"code:{code}", _("Code of the line"), maxlength=200),
                    field(f"source:{code}", _("Funding source"), maxlength=200),
                    field(f"amount:{code}", _("Amount, if not the whole price"), inputmode="decimal", maxlength=18),
                ],
                className="form-grid",
            ),
        ]
    year = field("budget_year", _("Budget year"), str(board.found.year), required=True, maxlength=4)
    parts = [html.P(told), hidden("year", str(board.found.year)), year, *rows, submit(_("Write the lines"))]
    return card(title, plain_form(action("make", context), parts))


def action(name: str, context: PageContext) -> str:
    return f"{context.address(NAME)}/{name}"


def own_address(board: FollowBoard, context: PageContext, **query: str) -> str:
    return context.address(NAME, year=str(board.found.year), **query)


def make(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    year = posted_year(fields)
    wanted = [
        WantedLine(
            name[5:], text, fields.get(f"source:{name[5:]}", ""), amount_in(fields.get(f"amount:{name[5:]}", ""))
        )
        for name, text in fields.items()
        if name.startswith("code:") and text.strip()
    ]
    services.follow_up.make(context.user, context.site, year, wanted, budget_year_in(fields), context.language)
    return context.address(NAME, year=str(year))


def match(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    year, budget_year = posted_year(fields), budget_year_in(fields)
    code = fields.get("code", "").strip() or fields.get("line", "").strip()
    share = amount_in(fields.get("share", "").replace("%", "").strip() or "100")
    part = (share or Decimal(0)) / 100
    line = (budget_year, code)
    services.follow_up.match(context.user, context.site, year, fields.get("proposal", ""), line, part, context.language)
    return context.address(NAME, year=str(year), budget=str(budget_year))


def unmatch(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    year, line = posted_year(fields), (budget_year_in(fields), fields.get("code", ""))
    reason = fields.get("reason", "")
    services.follow_up.unmatch(context.user, context.site, year, fields.get("proposal", ""), line, reason)
    return context.address(NAME, year=str(year))


def budget_year_in(fields: dict[str, str]) -> int:
    text = fields.get("budget_year", "").strip()
    if text.isascii() and text.isdigit() and len(text) == 4 and 1990 <= int(text) <= 2100:
        return int(text)
    raise InputError(
        Problem(
            "winner-year-wrong", f"'{text[:20]}' is no year of a budget.", value=text[:20], facts={"value": text[:20]}
        )
    )


def amount_in(text: str) -> Decimal | None:
    """An exact number; None where nothing is written."""
    amount = typed_number(text)
    if isinstance(amount, str):
        message = f"'{text[:30]}' is no amount. Write digits with a decimal point, such as 1200.50."
        raise InputError(Problem("winner-amount-wrong", message, value=text[:30], facts={"value": text[:30]}))
    return amount


def workbook(services: Services, context: PageContext) -> Resource:
    year = year_of(context)
    if year is None:
        raise NotFoundError("participatory budget", context.query.get("year", ""))
    content = services.follow_up.workbook(context.user, context.site, year, context.language)
    return Resource(content, XLSX, f"follow-up-{year}.xlsx")


RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {"follow-up.xlsx": workbook}
QUERIES = {"follow-up.xlsx": frozenset({"year"})}
ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str]] = {"make": make, "match": match, "unmatch": unmatch}


def register_callbacks(app: Any, services: Services) -> None:
    """None: plain forms and links."""
