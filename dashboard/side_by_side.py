"""Two to four proposals side by side at `/<language>/<site>/side-by-side`: a plain page, without Dash and scripts.

The choice is in the address, so that it can be sent on, scanned and printed. A form that was sent is answered by that
address. Nothing is stored.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Flask, make_response, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from budget_model.errors import NotFoundError
from dashboard.context import PageContext, SiteRef
from dashboard.figures.people_svg import SYMBOLS
from dashboard.figures.qr_code import qr_svg
from dashboard.i18n import LANGUAGES
from dashboard.phone import nothing, page
from dashboard.router import Router
from dashboard.services import Services
from dashboard.services.assembly import AssemblyBoard, ProcessInfo, ProposalInfo
from dashboard.services.findings import Gap
from dashboard.shell import asset_address
from dashboard.shown_errors import sentences_of
from dashboard.views.assembly_scores import source_words
from dashboard.views.assembly_words import money
from dashboard.views.side_by_side import FEWEST, MOST, compared, setting_of, together_sentences
from dashboard.views.side_by_side_words import most_sentences

ENDPOINT = NAME = "side-by-side"
STYLE = "shell/side-by-side.css"
MOST_CODES, LONGEST = 20, 40


def install_side_by_side(server: Flask, router: Router, services: Services) -> None:
    """The address. What is open to everybody of the proposals is open here."""

    @server.route(f"/<language>/<slug>/{NAME}", endpoint=ENDPOINT)
    def side_by_side(language: str, slug: str) -> AnyResponse:
        user = current_user._get_current_object()
        site = router.find_site(user, slug) if language in LANGUAGES else None
        known = language if language in LANGUAGES else LANGUAGES[0]
        query = {key: request.args[key] for key in ("year", "projector") if request.args.get(key)}
        context = PageContext(known, site=site, user=user, query=query, page=NAME)
        if site is None:
            return nothing(context)
        if "c" in request.args:
            return redirect(context.address(**address_query(request.args.getlist("c"), query)))
        try:
            return make_response(answer(services, context, site, codes_of(request.args.get("codes", ""))))
        except NotFoundError as error:
            return nothing(context, sentences_of(error, context))


def codes_of(text: str) -> list[str]:
    """Codes in the order of the address, each once."""
    return list(dict.fromkeys(code.strip()[:LONGEST] for code in text.split(",")[:MOST_CODES] if code.strip()))


def address_query(codes: list[str], query: dict[str, str]) -> dict[str, str]:
    return {**query, "codes": ",".join(code[:LONGEST] for code in codes[:MOST_CODES])}


def answer(services: Services, context: PageContext, site: SiteRef, codes: list[str]) -> str:
    text = context.query.get("year", "")
    if text and not (text.isascii() and text.isdigit() and len(text) == 4):
        raise NotFoundError("participatory budget", text[:10])
    board = services.assembly.board(context.user, site, int(text) if text else None)
    by_code = {one.record.code: one for one in board.proposals}
    chosen = [by_code[code] for code in codes if code in by_code]
    missing = [code for code in codes if code not in by_code]
    values: dict[str, Any] = {"columns": [], "most": [], "together": [], "source": "", "each": 0}
    if board.process and FEWEST <= len(chosen) <= MOST:
        values |= compared_values(services, context, site, board.process, chosen)
    named = {"codes": ",".join(codes)} if codes else {}
    year = {"year": str(board.process.year)} if board.process else {}
    query = {**context.query, **year, **named}
    return page(
        "side_by_side.html",
        context,
        query,
        sentences=refusals(board, chosen, missing, context),
        year=board.process.year if board.process else None,
        is_invented=bool(board.process and board.process.is_synthetic),
        choices=choices(board, {one.record.code for one in chosen}, context),
        share=share_values(context, query),
        symbols=SYMBOLS,
        page_style=asset_address(STYLE),
        **values,
    )


def compared_values(
    services: Services,
    context: PageContext,
    site: SiteRef,
    process: ProcessInfo,
    chosen: list[ProposalInfo],
) -> dict[str, Any]:
    scores = services.assembly.scores(context.user, site, process.year)
    gaps = gaps_of(services, context, site, scores.round_code)
    sizes = services.proposals.photo_sizes(context.user, site, process.year)
    setting = setting_of(process, chosen, scores, gaps, sizes)
    needs = {one.record.need for one in chosen if one.record.need}
    titles = {one.record.code: context.in_language(one.record.title) for one in chosen}
    has_figures = any(code in scores.scores for code in titles)
    return {
        "columns": [compared(setting, one, context) for one in chosen],
        "most": most_sentences(scores, titles, context),
        "are_needs_different": len(needs) > 1,
        "together": together_sentences(setting, context),
        "source": source_words(scores, context) if has_figures else "",
        "each": context.formats.number(setting.each) if has_figures else "",
    }


def gaps_of(services: Services, context: PageContext, site: SiteRef, round_code: str) -> tuple[Gap, ...]:
    """Who has which need in the round that the scores rest on; nothing where it has no figures for this reader."""
    try:
        return services.needs.findings(context.user, site, None, round_code or None).gaps
    except NotFoundError:
        return ()


def refusals(board: AssemblyBoard, chosen: list[ProposalInfo], missing: list[str], context: PageContext) -> list[str]:
    """What of the address cannot be shown, and what would do."""
    _ = context.gettext
    told = []
    if missing:
        told.append(_("These are not among the proposals that are shown: {codes}.", codes=", ".join(missing)))
    count = len(chosen)
    if (chosen or missing) and not FEWEST <= count <= MOST:
        number = context.formats.number
        facts = {"count": number(count), "fewest": number(FEWEST), "most": number(MOST)}
        told.append(_("You chose {count}. Choose {fewest} to {most} to see them side by side.", **facts))
    return told


def choices(board: AssemblyBoard, codes: set[str], context: PageContext) -> list[dict[str, Any]]:
    _ = context.gettext
    return [
        {
            "code": one.record.code,
            "title": context.in_language(one.record.title),
            "cost": _("not priced yet") if one.record.cost is None else money(one.record.cost, context),
            "is_chosen": one.record.code in codes,
        }
        for one in board.proposals
    ]


def share_values(context: PageContext, query: dict[str, str]) -> dict[str, Any]:
    """The address as people see it, and as a picture to scan; without the size of the letters."""
    kept = {key: value for key, value in query.items() if key != "projector"}
    address = request.url_root.rstrip("/") + context.address() + (f"?{urlencode(kept, safe=',')}" if kept else "")
    return {"address": address, "picture": qr_svg(address)}
