"""One switch for all pages of the assembly: large type on black for a dark hall. It stands in the address."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.context import PageContext

PROJECTOR = "projector"


def is_projector(context: PageContext) -> bool:
    return context.query.get(PROJECTOR) == "1"


def kept_size(context: PageContext) -> dict[str, str]:
    """What a link to another page of the assembly carries on, so that the type stays as large."""
    return {PROJECTOR: "1"} if is_projector(context) else {}


def size_switch(context: PageContext) -> html.P:
    """The link that changes the size of the page that is open, with all else of its address."""
    _, big = context.gettext, is_projector(context)
    query = {key: value for key, value in context.query.items() if key != PROJECTOR}
    words = _("Usual size") if big else _("Large type for a dark hall")
    return html.P(html.A(words, href=context.address(**query, **({} if big else {PROJECTOR: "1"}))), className="size")


def assembly_page(context: PageContext, parts: list[Any]) -> html.Div:
    """A page of the assembly in the size that its address asks for."""
    return html.Div(
        [*parts, size_switch(context)], className="assembly projector" if is_projector(context) else "assembly"
    )
