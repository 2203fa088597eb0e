"""Who won and why on a plain page, `/<language>/<site>/phone/results`: what the page with charts says."""

from __future__ import annotations

from flask import Flask, Response, make_response

from budget_model.errors import NotFoundError
from dashboard.phone import nothing, page, place
from dashboard.router import Router
from dashboard.services import Services
from dashboard.shown_errors import sentences_of
from dashboard.views.phone_results import results_values

RESULTS, RESULTS_ENDPOINT = "phone/results", "phone_results"


def install_phone_results(server: Flask, router: Router, services: Services) -> None:
    """The address. What is open to everybody of a counted vote is open here."""

    @server.route(f"/<language>/<slug>/{RESULTS}", endpoint=RESULTS_ENDPOINT)
    def results(language: str, slug: str) -> Response:
        context, site = place(router, language, slug, RESULTS, ("vote",))
        if site is None:
            return nothing(context)
        try:
            return make_response(page("phone_results.html", context, **results_values(services, context)))
        except NotFoundError as error:
            return nothing(context, sentences_of(error, context))
