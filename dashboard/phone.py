"""Pages that a cheap phone opens at once, written by the server, without Dash and without scripts needed.

`/<language>/<site>/phone` is the participatory budget at a glance. `/<language>/<site>/ballot` is the vote, in four
steps, each a plain form: code, choices, look at it again, sent. The code travels in the form, so that no session is
needed; choices are never in an address. Nothing is written to a log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from flask_login import current_user

from budget_model.assembly.ballot_forms import KNAPSACK, POINTS, RANKING
from budget_model.errors import BudgetModelError, InputError, NotFoundError
from dashboard.components.projector import PROJECTOR, is_projector
from dashboard.context import PageContext, SiteRef
from dashboard.i18n import LANGUAGES, own_name
from dashboard.router import Router
from dashboard.services import Services
from dashboard.services.ballots import BoxInfo
from dashboard.shell import asset_address
from dashboard.shown_errors import sentences_of
from dashboard.views import ballot_words as view
from dashboard.views.ballot_overview import overview_values

ENDPOINT = PAGE = "ballot"
OVERVIEW = "phone"
STYLE, SCRIPT = "shell/ballot.css", "shell/ballot.js"
EVERYWHERE = ("year", PROJECTOR)  # what a link from one plain page to another carries on
MOST_FIELDS, LONGEST_CODE = 2000, 40
NUMBER = "n-"  # beginning of the names of fields with a place or points


@dataclass(frozen=True)
class Sent:
    """A form of the ballot. `chosen`: numbers by code, as they were written."""

    step: str
    code: str
    chosen: Mapping[str, int]


def install_phone(server: Flask, router: Router, services: Services) -> None:
    """Both addresses. Whoever has a code may vote: no account and no cookie says more."""

    @server.route(f"/<language>/<slug>/{PAGE}", methods=["GET", "POST"], endpoint=ENDPOINT)
    def ballot(language: str, slug: str) -> Response:
        context, site = place(router, language, slug, PAGE)
        return answer(services, context, site, sent_form()) if site else nothing(context)

    @server.route(f"/<language>/<slug>/{OVERVIEW}", endpoint=OVERVIEW)
    def overview(language: str, slug: str) -> Response:
        context, site = place(router, language, slug, OVERVIEW)
        if site is None:
            return nothing(context)
        try:
            return make_response(page("ballot_overview.html", context, **overview_values(services, context)))
        except NotFoundError as error:
            return nothing(context, sentences_of(error, context))

    server.extensions["csrf"].exempt(ballot)  # the code in the form admits, not a session that could be misused


def place(
    router: Router, language: str, slug: str, name: str, kept: Sequence[str] = ()
) -> tuple[PageContext, SiteRef | None]:
    """Where an address of a plain page leads. kept : what of its query belongs to the page, besides the usual"""
    user = current_user._get_current_object()
    if language not in LANGUAGES:
        return PageContext(LANGUAGES[0], user=user), None
    site = router.find_site(user, slug)
    query = {key: value for key, value in request.args.items() if key in (*EVERYWHERE, *kept)}
    return PageContext(language, site=site, user=user, query=query, page=name), site


def nothing(context: PageContext, sentences: list[str] | None = None) -> Response:
    told = sentences or [context.gettext("There is nothing at this address. Look at it again.")]
    return make_response(page("ballot_message.html", context, sentences=told), 404)


def sent_form() -> Sent:
    if request.method == "GET":
        code = request.args.get("code", "")[:LONGEST_CODE]
        return Sent("open" if code else "", code, {})
    fields = request.form
    chosen = dict.fromkeys(fields.getlist("c")[:MOST_FIELDS], 1)
    for name, value in list(fields.items())[:MOST_FIELDS]:
        if name.startswith(NUMBER):
            chosen[name.removeprefix(NUMBER)] = number_of(value)
    return Sent(fields.get("step", "open"), fields.get("code", "")[:LONGEST_CODE], chosen)


def number_of(text: str) -> int:
    """A number as somebody wrote it: nothing is 0, and what is none is -1, which no ballot takes."""
    text = text.strip()
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else -1


def answer(services: Services, context: PageContext, site: SiteRef, sent: Sent) -> Response:
    """The page after a step. A refusal is told on the page where it can be put right."""
    address = request.remote_addr or ""
    steps = {"open": show_choices, "change": show_choices, "preview": show_preview, "send": show_receipt}
    step = steps.get(sent.step)
    if step is None:
        return make_response(entry(services, context, site))
    try:
        return make_response(step(services, context, site, sent, address))
    except BudgetModelError as error:
        return refusal(services, context, site, sent, error, address)


def refusal(
    services: Services, context: PageContext, site: SiteRef, sent: Sent, error: BudgetModelError, address: str
) -> Response:
    sentences = sentences_of(error, context)
    rules = {one.rule for one in error.problems} if isinstance(error, InputError) else set()
    status = 429 if "code-locked" in rules else 400
    if any(rule.startswith("ballot-") for rule in rules):
        return make_response(show_choices(services, context, site, sent, address, sentences), status)
    is_wrong = "code-unknown" in rules
    return make_response(entry(services, context, site, sentences, sent.code if is_wrong else ""), status)


def entry(
    services: Services, context: PageContext, site: SiteRef, sentences: list[str] | None = None, code: str = ""
) -> str:
    """Where to type a code, and what is voted on."""
    boxes = services.ballots.announced(context.user, site)
    told = [(box, view.times(box, context), view.choice_rows(box, {}, context)) for box in boxes]
    return page("ballot_entry.html", context, boxes=told, sentences=sentences or [], code=code)


def show_choices(
    services: Services,
    context: PageContext,
    site: SiteRef,
    sent: Sent,
    address: str,
    sentences: list[str] | None = None,
) -> str:
    box = services.ballots.admitted(context.user, site, sent.code, address)
    return page(
        "ballot_choices.html",
        context,
        **ballot_values(box, context),
        sentences=sentences or [],
        code=sent.code,
        rows=view.choice_rows(box, sent.chosen, context),
        script=asset_address(SCRIPT),
    )


def show_preview(services: Services, context: PageContext, site: SiteRef, sent: Sent, address: str) -> str:
    box, content = services.ballots.preview(context.user, site, sent.code, sent.chosen, address)
    return page(
        "ballot_check.html",
        context,
        **ballot_values(box, context),
        code=sent.code,
        lines=view.preview_rows(box, content, context),
        total=view.total_words(box, content, context),
        chosen={code: number for code, number in sent.chosen.items() if number},
    )


def show_receipt(services: Services, context: PageContext, site: SiteRef, sent: Sent, address: str) -> str:
    mark = services.ballots.cast(context.user, site, sent.code, sent.chosen, address)
    return page("ballot_receipt.html", context, mark=mark)


def ballot_values(box: BoxInfo, context: PageContext) -> dict[str, Any]:
    form = box.form
    return {
        "box": box,
        "how": view.how_to_fill(form, context),
        "is_ranking": form.kind == RANKING,
        "is_points": form.kind == POINTS,
        "has_total": form.kind == KNAPSACK,
        "places": min(form.most or 0, len(form.costs)) if form.kind == RANKING else 0,
        "whole_budget": int(form.budget * 100),
        "envelope": view.money(view.exact(form.budget), context),
    }


def page(template: str, context: PageContext, query: Mapping[str, str] | None = None, **values: Any) -> str:
    """A template of a plain page in the context's language. query : of the address in the other languages"""
    others = [(code, own_name(code)) for code in LANGUAGES if code != context.language]
    return render_template(
        template,
        _=context.gettext,
        context=context,
        language=context.language,
        site=context.site,
        style=asset_address(STYLE),
        languages=language_links(others, context),
        links=part_links(context),
        is_projector=is_projector(context),
        other_size=size_address(context, query if query is not None else context.query),
        **values,
    )


def size_address(context: PageContext, query: Mapping[str, str]) -> str:
    """The same page in the other size."""
    kept = {key: value for key, value in query.items() if key != PROJECTOR}
    return context.address(**kept, **({} if is_projector(context) else {PROJECTOR: "1"}))


def language_links(others: Sequence[tuple[str, str]], context: PageContext) -> list[tuple[str, str, str]]:
    if context.site is None:
        return []
    return [(code, name, context.address(language=code, **context.query)) for code, name in others]


def part_links(context: PageContext) -> list[tuple[str, str, bool]]:
    """The plain pages of the participatory budget: name, address, whether this is it."""
    _ = context.gettext
    if context.site is None:
        return []
    parts = [
        (OVERVIEW, _("The process")),
        (f"{OVERVIEW}/proposals", _("Proposals")),
        (f"{OVERVIEW}/list", _("Build your list")),
        (f"{OVERVIEW}/results", _("Results")),
        (PAGE, _("Vote")),
    ]
    kept = {key: value for key, value in context.query.items() if key in EVERYWHERE}
    return [(name, context.address(part, **kept), context.page == part) for part, name in parts]
