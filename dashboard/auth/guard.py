"""The guard before every request: closed unless opened.

Opened are: files that are the same for everybody (scripts, style, fonts), the health check, log-in, pages whose roles
the person holds, and callbacks of such pages. Everything else is refused, before any handler runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, abort, jsonify, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from dashboard.auth.callback_body import is_well_formed
from dashboard.i18n import DEFAULT_LANGUAGE, LANGUAGES
from dashboard.router import Resolution, Router

OPEN_PREFIXES = ("/assets/", "/_dash-component-suites/")
OPEN_PATHS = frozenset({"/healthz", "/_favicon.ico", "/_dash-layout", "/_dash-dependencies"})  # none holds page data
# A code admits to the ballot; the plain pages show what everybody may see.
PROPOSE_ENDPOINT = "phone_propose"  # looks at the role itself, as the page that follows it does
PLAIN_ENDPOINTS = frozenset(
    {"ballot", "phone", "phone_proposals", "phone_proposal", "phone_photo", "phone_map", "phone_proposed"}
    | {"phone_results", "phone_list", PROPOSE_ENDPOINT, "side-by-side"}
)
OPEN_ENDPOINTS = PLAIN_ENDPOINTS | {"login", "logout"}
RESOURCE_ENDPOINT, ACTION_ENDPOINT = "page_resource", "page_action"
CALLBACK_PATH = "/_dash-update-component"

Answer = AnyResponse | tuple[Any, int] | None
Message = Callable[[Resolution, int], Answer]


@dataclass(frozen=True)
class KnownCallback:
    """Who may call a callback, and what Dash knows of its arguments."""

    roles: frozenset[str]
    registered: Mapping[str, Any]


class CallbackRoles:
    """Which roles may call which callback: those of the page that registered it."""

    def __init__(self) -> None:
        self._known: dict[str, KnownCallback] = {}

    def open_to(self, registered: Mapping[str, Mapping[str, Any]], roles: frozenset[str]) -> None:
        """Open callbacks of Dash's `callback_map`, by output; those that run in the browser only stay closed."""
        self._known |= {
            output: KnownCallback(roles, entry) for output, entry in registered.items() if "callback" in entry
        }

    def find(self, output: Any) -> KnownCallback | None:
        """None where no such callback exists."""
        return self._known.get(output) if isinstance(output, str) else None


def install_guard(server: Flask, router: Router, callbacks: CallbackRoles, show_message: Message) -> None:
    """Put the guard before every request of `server`."""

    @server.before_request
    def guard() -> Answer:
        path = request.path
        if path in OPEN_PATHS or path.startswith(OPEN_PREFIXES):
            return None
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            refuse_foreign_origin()
        if request.endpoint in OPEN_ENDPOINTS:
            return None
        if path == CALLBACK_PATH:
            return guard_callback(callbacks)
        if path == "/":
            return redirect(f"/{preferred_language()}/")
        return guard_page(router, show_message)


def refuse_foreign_origin() -> None:
    """A request that changes something comes from our own pages."""
    origin = request.headers.get("Origin")
    is_foreign = bool(origin) and urlsplit(origin).netloc != request.host
    if is_foreign or request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        abort(403)


def guard_callback(callbacks: CallbackRoles) -> Answer:
    """A callback is open to those who hold, at some site, a role of its page. Its service checks the very site."""
    body = request.get_json(silent=True)
    known = callbacks.find(body.get("output")) if isinstance(body, dict) else None
    if known is None:
        return jsonify(error="unknown callback"), 400
    if current_user.roles_anywhere() & known.roles:
        return None if is_well_formed(body, known.registered) else (jsonify(error="malformed"), 400)
    return jsonify(
        error="log in" if current_user.is_anonymous else "refused"
    ), 403 if current_user.is_authenticated else 401


def guard_page(router: Router, show_message: Message) -> Answer:
    """An address without a page is 404; a page without the role is log-in for strangers and 403 for the others."""
    if request.method not in ("GET", "HEAD") and request.endpoint != ACTION_ENDPOINT:
        abort(405)
    if request.path.startswith(("/_", "/api/")):
        return jsonify(error="log in"), 401
    resolution = router.resolve(page_path(), request.query_string.decode("utf-8", "replace"))
    if resolution.page is None:
        return show_message(resolution, 404)
    if resolution.is_allowed:
        return None
    if resolution.context.user.is_anonymous:
        wanted = request.full_path.rstrip("?") if request.method != "POST" else page_path()
        return redirect(url_for("login", language=resolution.context.language, next=wanted))
    return show_message(resolution, 403)


def page_path() -> str:
    """The page that an address belongs to: files and forms below it (`…/needs/needs.csv`) have its roles."""
    is_below = request.endpoint in (RESOURCE_ENDPOINT, ACTION_ENDPOINT)
    return request.path.rsplit("/", 1)[0] if is_below else request.path


def preferred_language() -> str:
    """The language that the browser asks for, Spanish where it asks for none of ours."""
    return request.accept_languages.best_match(LANGUAGES, default=DEFAULT_LANGUAGE) or DEFAULT_LANGUAGE
