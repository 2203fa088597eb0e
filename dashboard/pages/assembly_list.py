"""Build your own list: choose proposals under the envelope, see the total and what each does, share it by its address.

Plain links: every choice is an address of its own, so that it works on any phone and can be sent on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from dash import html
from flask import request

from budget_model.assembly.proposals import FEASIBLE
from dashboard.components import Column, card, data_table, no_data, notice, page_header, tile, tiles
from dashboard.components.projector import assembly_page, kept_size
from dashboard.context import PageContext
from dashboard.figures.qr_code import qr_picture
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.assembly_proposals import SIDE_BY_SIDE, year_links, year_of
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.assembly import AssemblyBoard, ProposalInfo, ScoreBoard
from dashboard.views.assembly_scores import rounded_money, sum_with_interval, sums_of, with_interval
from dashboard.views.assembly_words import money
from dashboard.views.side_by_side import FEWEST, MOST

NAME = "my-list"
TITLE = mark("Build your list")
GROUP = Group.ASSEMBLY
ROLES = EVERYBODY
MOST_CODES = 60


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    board = services.assembly.board(context.user, context.site, year_of(context))
    header = page_header(_(TITLE), _("Choose proposals until the money is spent, and send the address to others."))
    if board.process is None:
        nothing = no_data(_("This site has no participatory budget yet."), _("An official starts one with a year."))
        return html.Div([header, nothing])
    offered = [one for one in board.proposals if one.record.state == FEASIBLE and one.record.cost is not None]
    chosen = chosen_of(offered, context)
    scores = services.assembly.scores(context.user, context.site, board.process.year)
    codes = [one.record.code for one in chosen]
    interval = services.assembly.interval_of_list(context.user, context.site, board.process.year, codes)
    parts = [header, *year_links(board, NAME, context), *total_parts(board, chosen, scores, interval, context)]
    parts += [offer_card(board, offered, chosen, context), compare_card(chosen, scores, board.process.year, context)]
    parts += share_cards(board, codes, context)
    return assembly_page(context, parts)


def share_cards(board: AssemblyBoard, codes: Sequence[str], context: PageContext) -> list[Any]:
    """The list as an address to send and a picture to scan, in the usual size."""
    if not codes or board.process is None:
        return []
    _ = context.gettext
    address = request.url_root.rstrip("/") + context.address(NAME, year=str(board.process.year), codes=",".join(codes))
    readable = address.replace("%2C", ",")
    picture = html.Img(src=qr_picture(readable), alt=_("The address of this list as a QR code"), className="qr")
    return [card(_("Send your list on"), [picture, html.P(html.A(readable, href=readable), className="address")])]


def chosen_of(offered: Sequence[ProposalInfo], context: PageContext) -> list[ProposalInfo]:
    """The proposals that the address names; codes that are not offered are passed over."""
    codes = context.query.get("codes", "").split(",")[:MOST_CODES]
    return [one for one in offered if one.record.code in codes]


def list_address(board: AssemblyBoard, codes: Sequence[str], context: PageContext, **query: str) -> str:
    year = {"year": str(board.process.year)} if board.process else {}
    kept = kept_size(context)
    named = {"codes": ",".join(codes)} if codes else {}
    return context.address(NAME, **{**year, **named, **kept, **query})


def total_parts(
    board: AssemblyBoard,
    chosen: Sequence[ProposalInfo],
    scores: ScoreBoard,
    interval: Mapping[str, Sequence[float]] | None,
    context: PageContext,
) -> list[Any]:
    """Total beside the envelope, what the list does at most, and what is wrong with it."""
    _ = context.gettext
    spent = sum((one.record.cost or Decimal(0) for one in chosen), Decimal(0))
    envelope = board.process.envelope if board.process else None
    left = None if envelope is None else envelope - spent
    items = [
        tile(_("Chosen"), context.formats.number(len(chosen))),
        tile(_("Total"), money(spent, context)),
        tile(_("Envelope"), money(envelope, context) if envelope is not None else _("not stated")),
        tile(_("Left"), money(left, context) if left is not None else _("not known")),
    ]
    sums = sums_of(scores, [one.record.code for one in chosen])
    if sums is not None:
        women, men, without = sums
        told = _("each on its own; together no more than this")
        if interval is not None:
            told += " · " + _("in brackets: nine of ten draws")
        ends = interval or {}
        items += [
            tile(_("Needs of women met"), sum_with_interval(women, ends.get("women"), context), told, "women"),
            tile(_("Needs of men met"), sum_with_interval(men, ends.get("men"), context), told, "men"),
        ]
        if without:
            items.append(tile(_("Without a score"), ", ".join(without)))
    return [tiles(items, _("Your list in figures")), *warnings_of(chosen, left, context)]


def warnings_of(chosen: Sequence[ProposalInfo], left: Decimal | None, context: PageContext) -> list[Any]:
    _ = context.gettext
    told = []
    if left is not None and left < 0:
        told.append(
            _("The list costs {excess} more than the envelope. Take something out.", excess=money(-left, context))
        )
    codes = {one.record.code for one in chosen}
    pairs = {
        tuple(sorted((one.record.code, other))) for one in chosen for other in one.record.excludes if other in codes
    }
    told += [_("Only one of these may win: {codes}", codes=", ".join(pair)) for pair in sorted(pairs)]
    return [notice(told, "warning", role="status")] if told else []


def offer_card(
    board: AssemblyBoard, offered: Sequence[ProposalInfo], chosen: Sequence[ProposalInfo], context: PageContext
) -> html.Section:
    _ = context.gettext
    if not offered:
        how = _("They appear here when the technical review has found them feasible.")
        return card(_("Proposals"), no_data(_("There is no proposal to show yet."), how))
    codes = [one.record.code for one in chosen]
    items = [html.Li(offer_item(board, one, codes, context)) for one in offered]
    clear = html.A(_("Empty the list"), href=list_address(board, [], context))
    return card(_("Proposals"), [html.Ul(items, className="proposal-list"), html.P(clear)])


def offer_item(board: AssemblyBoard, one: ProposalInfo, codes: Sequence[str], context: PageContext) -> html.Div:
    _ = context.gettext
    code, is_in = one.record.code, one.record.code in codes
    title = context.in_language(one.record.title)
    after = [other for other in codes if other != code] if is_in else [*codes, code]
    words = _("Take {code} out", code=code) if is_in else _("Add {code}", code=code)
    kind = "btn btn-primary" if is_in else "btn btn-outline-secondary"
    # a crawler that followed these would walk through every list that can be made
    link = html.A(words, href=list_address(board, after, context), className=kind, rel="nofollow")
    told = [html.Span(code, className="code"), title, " · ", money(one.record.cost, context)]
    return html.Div([html.Span(told), link], className="offer")


def compare_card(chosen: Sequence[ProposalInfo], scores: ScoreBoard, year: int, context: PageContext) -> html.Section:
    """The chosen proposals side by side: a row a proposal, so that it also reads on a phone."""
    _ = context.gettext
    title = _("The chosen proposals side by side")
    if not chosen:
        return card(title, html.P(_("Nothing is chosen yet.")))
    heads = [Column(_("Proposal")), Column(_("Price"), True), Column(_("Need that it answers"))]
    heads += [Column(_("Needs of women met"), True), Column(_("Needs of men met"), True)]
    heads += [Column(_("Cost of each need met"), True)]
    rows = [compare_row(one, scores, context) for one in chosen]
    note = _("In brackets: where the figure lies in nine of ten draws. No score: –")
    parts = [data_table(title, heads, rows), html.P(note, className="source-note")]
    if FEWEST <= len(chosen) <= MOST:
        codes = ",".join(one.record.code for one in chosen)
        address = context.address(SIDE_BY_SIDE, year=str(year), codes=codes, **kept_size(context))
        parts.append(html.P(html.A(_("The same in plain words and pictures"), href=address)))
    return card(title, parts)


def compare_row(one: ProposalInfo, scores: ScoreBoard, context: PageContext) -> list[str]:
    record, score = one.record, scores.scores.get(one.record.code)
    cells = [f"{record.code} · {context.in_language(record.title)}", money(record.cost, context)]
    cells.append(context.in_language(one.need) if one.need else context.gettext("not stated"))
    if score is None:
        return [*cells, "–", "–", "–"]
    cost = score["cost_per_need"]
    met = [with_interval(score[group], context) for group in ("women", "men")]
    return [*cells, *met, "–" if cost is None else rounded_money(cost, context)]


def register_callbacks(app: Any, services: Services) -> None:
    """None: everything is a link."""
