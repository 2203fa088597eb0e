"""`create_app(settings, services)`: the one place where the dashboard is wired."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, set_props
from flask import Flask, Response, make_response, redirect, request
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as AnyResponse

from budget_model.errors import AccessError, InputError, NotFoundError
from dashboard.auth.guard import ACTION_ENDPOINT, RESOURCE_ENDPOINT, CallbackRoles, install_guard, page_path
from dashboard.auth.login import install_login, install_sessions
from dashboard.auth.person import Person
from dashboard.components import notice
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.delivery import install_delivery
from dashboard.i18n import mark
from dashboard.pages import PAGES, SITE_LIST
from dashboard.phone import install_phone
from dashboard.phone_form import install_phone_form
from dashboard.phone_list import install_phone_list
from dashboard.phone_proposals import install_phone_proposals
from dashboard.phone_results import install_phone_results
from dashboard.phone_way import install_way
from dashboard.queries import check_query
from dashboard.router import Page, Posted, Resolution, Resource, Router
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.shell import ASSETS, DashboardApp, render_shell
from dashboard.shown_errors import ToldError, sentences_of
from dashboard.side_by_side import install_side_by_side

LOCATION, CONTENT, MESSAGE = "location", "page-content", "shell-message"
FILES = (RESOURCE_ENDPOINT, ACTION_ENDPOINT)
HEADINGS = {403: mark("Not for your role"), 404: mark("Nothing here")}
REFUSED, FAILED = mark("Refused"), mark("Something went wrong")


def create_app(settings: Settings, services: Services, pages: Sequence[Page] = PAGES) -> Dash:
    """The dashboard, ready to serve as `create_app(...).server`."""
    server = Flask("dashboard", template_folder="templates")
    if settings.is_behind_https:
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    router = Router(SITE_LIST, pages, services.sites.find, current_person)
    callbacks = CallbackRoles()
    install_sessions(server, settings, services.accounts)
    install_guard(server, router, callbacks, partial(show_message, router))
    install_login(server, router, services.accounts)
    install_phone(server, router, services)
    install_side_by_side(server, router, services)
    install_phone_proposals(server, router, services)
    install_phone_list(server, router, services)
    install_phone_results(server, router, services)
    install_way(server, router, services)
    install_phone_form(server, router, services)
    install_look(server, router, services)
    install_resources(server, router, services)
    install_actions(server, router, services)
    install_failures(server, router)
    app = make_dash(server, router)
    register(app, router, services, callbacks, [SITE_LIST, *pages])
    install_delivery(server, app.csp_hashes(), settings.is_behind_https)
    server.test_client().get("/healthz")  # Dash 4.4.1 answers the first page load wrongly while threads set it up
    return app


def current_person() -> Person:
    return current_user._get_current_object()


def make_dash(server: Flask, router: Router) -> DashboardApp:
    """Dash with the traps of 4.4 closed: no async dispatch, no validation layout, nothing from other servers."""
    app = DashboardApp(
        "dashboard",
        server=server,
        assets_folder=str(ASSETS),
        assets_path_ignore=["vendor", "shell"],
        pages_folder="",
        use_pages=False,
        serve_locally=True,
        suppress_callback_exceptions=True,
        update_title=None,  # type: ignore[arg-type]
        on_error=partial(show_callback_error, router),
        use_async=False,
        compress=False,
        enable_mcp=False,
        health_endpoint="healthz",
    )
    app.router = router
    app.layout = empty_page
    return app


def empty_page() -> html.Div:
    """The layout that everybody gets: a place for the page and one for messages."""
    return html.Div(
        [
            dcc.Location(id=LOCATION, refresh="callback-nav"),
            html.Div(id=MESSAGE, role="alert", className="shell-message"),
            html.Div(id=CONTENT),
        ]
    )


def register(
    app: DashboardApp, router: Router, services: Services, callbacks: CallbackRoles, pages: list[Page]
) -> None:
    """The router's own callback, then each page's; each callback is open to the roles of its page."""
    app.callback(Output(CONTENT, "children"), Input(LOCATION, "pathname"), State(LOCATION, "search"))(
        partial(render, router, services)
    )
    callbacks.open_to(app.callback_map, EVERYBODY)
    for page in pages:
        before = set(app.callback_map)
        page.register_callbacks(app, services)
        own = {output: entry for output, entry in app.callback_map.items() if output not in before}
        callbacks.open_to(own, page.ROLES)


def render(router: Router, services: Services, pathname: str, search: str) -> Any:
    """The page of an address, or the sentence that says why not."""
    resolution = router.resolve(pathname or "/", search or "")
    _ = resolution.context.gettext
    try:
        context = router.context_of(pathname, search)
        return resolution.page.layout(services, context) if resolution.page else None
    except Exception as error:  # noqa: BLE001  every failure becomes a sentence; the trace goes to the log
        return html.Div([html.H1(_(FAILED)), notice(sentences_of(error, resolution.context), "danger")])


def show_callback_error(router: Router, error: Exception) -> None:
    """A callback failed: the page keeps what it shows, and a message says why."""
    context = context_of_referrer(router)
    set_props(MESSAGE, {"children": notice(sentences_of(error, context), "danger")})


def context_of_referrer(router: Router) -> PageContext:
    """The page that a callback was called from; its language is all that counts here."""
    return router.resolve("/" + (request.referrer or "").partition("//")[2].partition("/")[2].partition("?")[0]).context


def show_message(router: Router, resolution: Resolution, status: int) -> Response:
    """A page without Dash: nothing here, or not for this role."""
    _ = resolution.context.gettext
    texts = {
        403: [_("Your role does not allow this. Ask an administrator of the site.")],
        404: [_("There is nothing at this address. Check its spelling, or start from the list of sites.")],
    }
    heading = HEADINGS[status]
    page = render_shell(
        router, resolution.context, "message.html", title=heading, heading=_(heading), sentences=texts[status]
    )
    return make_response(page, status)


def install_look(server: Flask, router: Router, services: Services) -> None:
    """An address that names an upload of somebody else's, or a record that is not there, is 404 as any other such."""

    @server.before_request  # after the guard, which has checked the roles
    def look() -> None:
        if request.method not in ("GET", "HEAD") or not request.query_string or request.endpoint in FILES:
            return
        look_for = getattr(router.page_at(request.path), "LOOK_FOR", None)
        if look_for is None:  # most pages: nothing is asked of the store a second time
            return
        resolution = router.resolve(request.path, request.query_string.decode("utf-8", "replace"))
        if resolution.is_allowed:
            look_for(services, resolution.context)


def install_resources(server: Flask, router: Router, services: Services) -> None:
    """Files of pages: `/<language>/<site>/<page>/<name>`. The guard has already checked the page's roles."""

    @server.route("/<language>/<slug>/<page>/<name>", endpoint=RESOURCE_ENDPOINT)
    def resource(language: str, slug: str, page: str, name: str) -> Response:
        resolution = router.resolve(page_path(), request.query_string.decode("utf-8", "replace"))
        make = getattr(resolution.page, "RESOURCES", {}).get(name)
        if make is None:
            return show_message(router, resolution, 404)
        known = getattr(resolution.page, "QUERIES", {}).get(name)
        if known is not None:
            check_query(request.args.to_dict(flat=False), known, resolution.context)
        found = make(services, resolution.context)
        response = file_response(found)
        if found.version:
            response.set_etag(found.version, weak=True)  # weak: compressed or not, it is the same content
            response.headers["Cache-Control"] = "private, no-cache"
            response.make_conditional(request)
        return response


def file_response(found: Resource) -> Response:
    response = make_response(found.content)
    response.mimetype = found.mimetype
    if found.download_name:
        response.headers.set("Content-Disposition", "attachment", filename=found.download_name)
    return response


def install_actions(server: Flask, router: Router, services: Services) -> None:
    """Plain forms of pages, posted to `/<language>/<site>/<page>/<name>`; the guard has checked roles and origin, the
    token was checked before. The answer is another page, so that loading it again repeats nothing; or a file that is
    given out this once."""

    @server.route("/<language>/<slug>/<page>/<name>", methods=["POST"], endpoint=ACTION_ENDPOINT)
    def action(language: str, slug: str, page: str, name: str) -> AnyResponse:
        resolution = router.resolve(page_path())
        act = getattr(resolution.page, "ACTIONS", {}).get(name)
        if act is None:
            return show_message(router, resolution, 404)
        done = act(services, resolution.context, posted())
        return file_response(done) if isinstance(done, Resource) else redirect(done, 303)


def posted() -> Posted:
    """The form of this request."""
    files = {
        field: [(one.filename, one.stream) for one in request.files.getlist(field) if one.filename]
        for field in request.files
    }
    return Posted(request.form.to_dict(), files)


def install_failures(server: Flask, router: Router) -> None:
    """What no handler foresaw: a sentence with a reference number, never a trace."""

    @server.errorhandler(Exception)
    def failure(error: Exception) -> Response | HTTPException:
        status = status_of(error)
        if status < 400:
            return error  # type: ignore[return-value]  a redirect
        context = router.resolve(request.path).context
        _ = context.gettext
        heading = HEADINGS.get(status, FAILED if status >= 500 else REFUSED)
        sentences = sentences_of(error, context)
        page = render_shell(router, context, "message.html", title=heading, heading=_(heading), sentences=sentences)
        return make_response(page, status)


def status_of(error: Exception) -> int:
    """The HTTP status that says what went wrong."""
    if isinstance(error, HTTPException) and error.code:
        return error.code
    kinds: tuple[tuple[type[Exception], int], ...] = (
        (AccessError, 403),
        (NotFoundError, 404),
        (InputError, 400),
        (ToldError, 400),
    )
    return next((status for kind, status in kinds if isinstance(error, kind)), 500)
