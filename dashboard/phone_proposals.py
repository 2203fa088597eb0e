"""Proposals on plain pages: `/<language>/<site>/phone/proposals` is the list, `…/proposals/<code>` one of them."""

from __future__ import annotations

from flask import Flask, Response, make_response, redirect
from werkzeug.wrappers import Response as AnyResponse

from budget_model.errors import NotFoundError
from dashboard.phone import nothing, page, place
from dashboard.router import Router
from dashboard.services import Services
from dashboard.shown_errors import sentences_of
from dashboard.views.phone_proposals import list_values, map_of, merged_address, proposal_values

LIST = "phone/proposals"
LIST_ENDPOINT, ONE_ENDPOINT = "phone_proposals", "phone_proposal"
PHOTO_ENDPOINT, MAP_ENDPOINT = "phone_photo", "phone_map"


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
            return make_response(page("phone_proposal.html", context, **proposal_values(services, context, code)))
        except NotFoundError as error:
            into = merged_address(services, context, code)
            return redirect(into, 302) if into else nothing(context, sentences_of(error, context))

    install_pictures(server, router, services)


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
