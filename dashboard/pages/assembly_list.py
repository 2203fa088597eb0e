"""Build your own list: choose proposals under the envelope, see the total and what each does, share it by its address.

Plain links: every choice is an address of its own, so that it works on any phone and can be sent on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from flask import request

from dashboard.components import Column, card, data_table, no_data, notice, page_header, source_note, tile, tiles
from dashboard.components.projector import assembly_page, kept_size
from dashboard.context import PageContext
from dashboard.figures.qr_code import qr_picture
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.assembly_parts import year_links, year_of
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.assembly import AssemblyBoard, ProposalInfo, ScoreBoard
from dashboard.views.assembly_list import (
    Interval,
    brackets_note,
    chosen_of,
    chosen_table,
    chosen_title,
    list_facts,
    list_warnings,
    offered_of,
    side_by_side_address,
)
from dashboard.views.assembly_scores import source_words
from dashboard.views.assembly_words import money

NAME = "my-list"
TITLE = mark("Build your list")
GROUP = Group.ASSEMBLY
ROLES = EVERYBODY


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    board = services.assembly.board(context.user, context.site, year_of(context))
    header = page_header(_(TITLE), _("Choose proposals until the money is spent, and send the address to others."))
    if board.process is None:
        nothing = no_data(_("This site has no participatory budget yet."), _("An official starts one with a year."))
        return html.Div([header, nothing])
    offered = offered_of(board)
    chosen = chosen_of(offered, context)
    codes = [one.record.code for one in chosen]
    scores, interval = services.assembly.list_scores(context.user, context.site, board.process.year, codes)
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


def list_address(board: AssemblyBoard, codes: Sequence[str], context: PageContext, **query: str) -> str:
    year = {"year": str(board.process.year)} if board.process else {}
    kept = kept_size(context)
    named = {"codes": ",".join(codes)} if codes else {}
    return context.address(NAME, **{**year, **named, **kept, **query})


def total_parts(
    board: AssemblyBoard,
    chosen: Sequence[ProposalInfo],
    scores: ScoreBoard,
    interval: Interval,
    context: PageContext,
) -> list[Any]:
    """Total beside the envelope, what the list does at most, and what is wrong with it."""
    facts = list_facts(board, chosen, scores, interval, context)
    items = [tile(one.label, one.value, one.note or None, one.group or None) for one in facts]
    told = list_warnings(board, chosen, context)
    source = source_words(scores, context) if any(one.group for one in facts) else ""
    return [
        tiles(items, context.gettext("Your list in figures")),
        *([source_note(context, [source])] if source else []),
        *([notice(told, "warning", role="status")] if told else []),
    ]


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
    if not chosen:
        return card(chosen_title(context), html.P(_("Nothing is chosen yet.")))
    shown = chosen_table(chosen, scores, context)
    heads = [Column(head, number in shown.figures) for number, head in enumerate(shown.heads)]
    parts = [data_table(shown.caption, heads, shown.rows), html.P(brackets_note(context), className="source-note")]
    address = side_by_side_address(chosen, year, context)
    if address:
        parts.append(html.P(html.A(_("The same in plain words and pictures"), href=address)))
    return card(chosen_title(context), parts)


def register_callbacks(app: Any, services: Services) -> None:
    """None: everything is a link."""
