"""The form of a proposal on a phone: `/<language>/<site>/phone/propose`, a plain page for those who may propose.

Without scripts it is a form like any other. With its own script a draft stays on the phone while the connection drops,
the photo is made smaller before it is sent, and the place is chosen by a tap or by the phone's position. The form has a
key of its own, so that what is sent twice counts once.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from budget_model.errors import BudgetModelError, InputError
from dashboard.auth.guard import PROPOSE_ENDPOINT
from dashboard.context import PageContext
from dashboard.phone import nothing, page, place
from dashboard.router import Router
from dashboard.services import Services
from dashboard.services.access import PLANNERS, may
from dashboard.services.proposals import Sent
from dashboard.shell import asset_address
from dashboard.shown_errors import sentences_of
from dashboard.views.phone_form import FIELDS, form_values, labelled_sentences, received_values

PROPOSE = "phone/propose"
RECEIVED_ENDPOINT = "phone_proposed"
SCRIPT = "shell/proposal.js"
LONGEST_KEY = 64
POSITION = "camera=(), microphone=(), geolocation=(self), payment=()"  # the one page that may ask where a phone is


def install_phone_form(server: Flask, router: Router, services: Services) -> None:
    """Both addresses: the form, and what is told once a proposal has come."""

    @server.route(f"/<language>/<slug>/{PROPOSE}", methods=["GET", "POST"], endpoint=PROPOSE_ENDPOINT)
    def propose(language: str, slug: str) -> AnyResponse:
        context, site = place(router, language, slug, PROPOSE)
        if site is None:
            return nothing(context)
        if not may(context.user, PLANNERS, site):
            return not_admitted(context)
        try:
            return hand_in(services, context) if request.method == "POST" else show_form(services, context)
        except BudgetModelError as error:
            return refuse(services, context, error)

    @server.route(f"/<language>/<slug>/{PROPOSE}/<code>", endpoint=RECEIVED_ENDPOINT)
    def received(language: str, slug: str, code: str) -> AnyResponse:
        context, site = place(router, language, slug, PROPOSE)
        if site is None:
            return nothing(context)
        if not may(context.user, PLANNERS, site):
            return not_admitted(context)
        try:
            values = received_values(services, context, code)
        except BudgetModelError as error:
            return nothing(context, sentences_of(error, context))
        key = request.args.get("key", "")[:LONGEST_KEY]
        return make_response(page("phone_received.html", context, key=key, script=asset_address(SCRIPT), **values))


def not_admitted(context: PageContext) -> AnyResponse:
    """Strangers are sent to log in and come back here; others are told that their role is another."""
    if context.user.is_anonymous:
        back = request.full_path.rstrip("?") if request.method == "GET" else request.path
        return redirect(f"/{context.language}/login?next={back}")
    told = [context.gettext("Your role does not allow this. Ask an administrator of the site.")]
    return make_response(page("ballot_message.html", context, sentences=told, is_refused=True), 403)


def show_form(
    services: Services, context: PageContext, sentences: list[str] | None = None, status: int = 200
) -> Response:
    """The form, with what was written where it was refused. A photo has to be chosen again: browsers keep none."""
    written = {name: request.form.get(name, "") for name in FIELDS}
    values = form_values(services, context, written)
    key = request.form.get("key", "")[:LONGEST_KEY] or secrets.token_urlsafe(24)
    shown = page("phone_form.html", context, key=key, sentences=sentences or [], script=asset_address(SCRIPT), **values)
    response = make_response(shown, status)
    response.headers["Permissions-Policy"] = POSITION
    return response


def hand_in(services: Services, context: PageContext) -> AnyResponse:
    values = form_values(services, context, {})
    cells = {column: request.form.get(name, "") for name, column in columns(context.language).items()}
    file = request.files.get("photo_file")
    photo = (file.filename or "", file.stream) if file and file.filename else None
    if photo is None:
        cells.pop(f"photo_text_{context.language}", None)  # words without a photo are words about nothing
    key = request.form.get("key", "")[:LONGEST_KEY]
    code = services.proposals.hand_in(context.user, context.site, values["year"], Sent(cells, photo, key))
    return redirect(context.address(f"{PROPOSE}/{code}", year=str(values["year"]), key=key), 303)


def columns(language: str) -> dict[str, str]:
    """Field of the form -> column of a proposal: texts are in the language of the page."""
    written = ("title", "description", "photo_text")
    return {name: f"{name}_{language}" if name in written else name for name in FIELDS}


def refuse(services: Services, context: PageContext, error: BudgetModelError) -> Response:
    if not isinstance(error, InputError):
        return nothing(context, sentences_of(error, context))
    return show_form(services, context, labelled_sentences(error, context), 400)
