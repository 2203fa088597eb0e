"""Proposals on plain pages, and how a phone comes to them.

`/<language>/<site>/phone/proposals` is the list, `…/proposals/<code>` one of them. The pages with charts load fifty
times as much; a phone that asks for `process` or `proposals` is therefore led to the plain page of the same content, at
once and before anything heavy is loaded. Whoever chose the page with charts (`?full=1`) stays there until a plain page
is opened.
"""

from __future__ import annotations

from flask import Flask, Response, make_response, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from budget_model.errors import NotFoundError
from dashboard.context import PageContext
from dashboard.phone import OVERVIEW, nothing, page, place
from dashboard.router import Router
from dashboard.services import Services
from dashboard.services.access import PLANNERS, may
from dashboard.shown_errors import sentences_of
from dashboard.views.phone_proposals import list_values, map_of, merged_address, proposal_values

LIST = "phone/proposals"
LIST_ENDPOINT, ONE_ENDPOINT = "phone_proposals", "phone_proposal"
PHOTO_ENDPOINT, MAP_ENDPOINT = "phone_photo", "phone_map"
PLAIN_ENDPOINTS = (OVERVIEW, LIST_ENDPOINT, ONE_ENDPOINT)
PLAIN = {"process": OVERVIEW, "proposals": LIST}  # page with charts -> plain page
FULL = "full"  # what an address says that wants the page with charts
FULL_COOKIE = "full_pages"


def install_phone_proposals(server: Flask, router: Router, services: Services) -> None:
    """The addresses, and the way to them."""

    @server.route(f"/<language>/<slug>/{LIST}", endpoint=LIST_ENDPOINT)
    def proposals(language: str, slug: str) -> Response:
        context, site = place(router, language, slug, LIST)
        if site is None:
            return nothing(context)
        try:
            return make_response(page("phone_proposals.html", context, **list_values(services, context)))
        except NotFoundError as error:
            return nothing(context, sentences_of(error, context))

    @server.route(f"/<language>/<slug>/{LIST}/<code>", endpoint=ONE_ENDPOINT)
    def proposal(language: str, slug: str, code: str) -> AnyResponse:
        context, site = place(router, language, slug, f"{LIST}/{code}")
        if site is None:
            return nothing(context)
        try:
            into = merged_address(services, context, code)
            if into:
                return redirect(into, 302)
            return make_response(page("phone_proposal.html", context, **proposal_values(services, context, code)))
        except NotFoundError as error:
            return nothing(context, sentences_of(error, context))

    install_pictures(server, router, services)
    install_way(server, router)


def install_pictures(server: Flask, router: Router, services: Services) -> None:
    """Photos and maps of proposals, for those who may see the proposal."""

    @server.route("/<language>/<slug>/phone/photo/<sha256>/<size>.jpg", endpoint=PHOTO_ENDPOINT)
    def photo(language: str, slug: str, sha256: str, size: str) -> Response:
        context, site = place(router, language, slug, LIST)
        year = context.query.get("year", "")
        if site is None or size not in ("small", "large") or not (year.isascii() and year.isdigit() and len(year) == 4):
            return nothing(context)
        try:
            content = services.proposals.photo(context.user, site, int(year), sha256, size == "small")
        except NotFoundError as error:
            return nothing(context, sentences_of(error, context))
        return picture(content, "image/jpeg")

    @server.route(f"/<language>/<slug>/{LIST}/<code>/map.svg", endpoint=MAP_ENDPOINT)
    def place_picture(language: str, slug: str, code: str) -> Response:
        context, site = place(router, language, slug, LIST)
        if site is None:
            return nothing(context)
        try:
            return picture(map_of(services, context, code).encode(), "image/svg+xml")
        except NotFoundError as error:
            return nothing(context, sentences_of(error, context))


def picture(content: bytes, kind: str) -> Response:
    """A picture that a browser keeps for an hour: a proposal may be withdrawn, and its photo with it."""
    response = make_response(content)
    response.mimetype = kind
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def install_way(server: Flask, router: Router) -> None:
    """Lead phones to plain pages, unless somebody chose otherwise."""

    @server.before_request
    def lead_phones() -> AnyResponse | None:
        if request.method != "GET" or not is_phone() or FULL in request.args or FULL_COOKIE in request.cookies:
            return None
        context = router.resolve(request.path, request.query_string.decode("utf-8", "replace")).context
        plain = plain_address(context)
        if plain is None or may(current_user, PLANNERS, context.site):
            return None  # officials come for the forms, which only the pages with charts have
        answer = redirect(plain, 302)
        answer.headers["Vary"] = "Sec-CH-UA-Mobile, User-Agent"
        return answer

    @server.after_request
    def keep_choice(response: Response) -> Response:
        if request.method == "GET" and FULL in request.args:
            response.set_cookie(FULL_COOKIE, "1", samesite="Lax", httponly=True, secure=request.is_secure)
        elif request.endpoint in PLAIN_ENDPOINTS and FULL_COOKIE in request.cookies:
            response.delete_cookie(FULL_COOKIE, samesite="Lax", httponly=True, secure=request.is_secure)
        return response


def is_phone() -> bool:
    """Whether the browser says that it is a phone's: Chromium with a hint of its own, others in their name."""
    hint = request.headers.get("Sec-CH-UA-Mobile")
    return hint == "?1" if hint else "Mobi" in request.headers.get("User-Agent", "")


def plain_address(context: PageContext) -> str | None:
    """Where a phone finds the content of this page; None where there is no plain page of it."""
    name = PLAIN.get(context.page)
    if context.site is None or name is None:
        return None
    query = {key: value for key, value in context.query.items() if key == "year"}
    code = context.query.get("code") if name == LIST else None
    return context.address(f"{name}/{code}" if code else name, **query)
