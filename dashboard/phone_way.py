"""How a phone comes to the plain pages.

The pages with charts load fifty times as much; a phone that asks for one of them is led to the plain page of the same
content, at once and before anything heavy is loaded. So is a phone without an account that opens the first page of a
site with a participatory budget. Whoever chose the page with charts (`?full=1`) stays there until a plain page is
opened.
"""

from __future__ import annotations

from flask import Flask, Response, redirect, request
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from dashboard.context import PageContext
from dashboard.phone import OVERVIEW
from dashboard.phone_list import LIST, LIST_ENDPOINT
from dashboard.phone_proposals import LIST as PROPOSALS
from dashboard.phone_proposals import LIST_ENDPOINT as PROPOSALS_ENDPOINT
from dashboard.phone_proposals import ONE_ENDPOINT
from dashboard.phone_results import RESULTS, RESULTS_ENDPOINT
from dashboard.router import Router
from dashboard.services import Services
from dashboard.services.access import PLANNERS, may

PLAIN_ENDPOINTS = (OVERVIEW, PROPOSALS_ENDPOINT, ONE_ENDPOINT, LIST_ENDPOINT, RESULTS_ENDPOINT)
FIRST = ""  # name of a site's first page
PLAIN = {"process": OVERVIEW, "proposals": PROPOSALS, "my-list": LIST, "results": RESULTS}  # with charts -> plain
KEPT = {"results": ("year", "vote"), "my-list": ("year", "codes")}  # of the address; otherwise the year
FULL = "full"  # what an address says that wants the page with charts
FULL_COOKIE = "full_pages"


def install_way(server: Flask, router: Router, services: Services) -> None:
    """Lead phones to plain pages, unless somebody chose otherwise."""

    @server.before_request
    def lead_phones() -> AnyResponse | None:
        if request.method != "GET" or not is_phone() or FULL in request.args or FULL_COOKIE in request.cookies:
            return None
        context = router.resolve(request.path, request.query_string.decode("utf-8", "replace")).context
        plain = first_address(services, context) if context.page == FIRST else plain_address(context)
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
    kept = KEPT.get(context.page, ("year",))
    query = {key: value for key, value in context.query.items() if key in kept}
    code = context.query.get("code") if name == PROPOSALS else None
    return context.address(f"{name}/{code}" if code else name, **query)


def first_address(services: Services, context: PageContext) -> str | None:
    """Where a phone without an account begins; None where the site has no participatory budget.

    An address that names a survey round asks for that round, which only the page with charts shows.
    """
    if context.site is None or not context.user.is_anonymous or "round" in context.query:
        return None
    return context.address(OVERVIEW) if services.assembly.years(context.user, context.site) else None
