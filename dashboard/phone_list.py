"""Build your own list on a plain page, `/<language>/<site>/phone/list`: boxes, one button, and the sum.

The list is in the address, so that it can be sent on and scanned. A form that was sent is answered by that address.
Nothing is stored.
"""

from __future__ import annotations

from flask import Flask, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from budget_model.errors import NotFoundError
from dashboard.phone import EVERYWHERE, nothing, page, place
from dashboard.router import Router
from dashboard.services import Services
from dashboard.shown_errors import sentences_of
from dashboard.side_by_side import share_values
from dashboard.views.assembly_list import MOST_CODES
from dashboard.views.phone_list import list_values

LIST, LIST_ENDPOINT = "phone/list", "phone_list"
LONGEST = 40


def install_phone_list(server: Flask, router: Router, services: Services) -> None:
    """The address. What is open to everybody of the proposals is open here."""

    @server.route(f"/<language>/<slug>/{LIST}", endpoint=LIST_ENDPOINT)
    def own_list(language: str, slug: str) -> AnyResponse:
        context, site = place(router, language, slug, LIST, ("codes",))
        if site is None:
            return nothing(context)
        if "c" in request.args:
            codes = [code[:LONGEST] for code in request.args.getlist("c")[:MOST_CODES]]
            kept = {key: value for key, value in context.query.items() if key in EVERYWHERE}
            return redirect(context.address(**kept, codes=",".join(codes)))
        try:
            values = list_values(services, context)
        except NotFoundError as error:
            return nothing(context, sentences_of(error, context))
        share = share_values(context, values["query"]) if values["codes"] else None
        return make_response(page("phone_list.html", context, share=share, **values))
