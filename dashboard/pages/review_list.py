"""Review desk: its lines as a list of cards, a page at a time, for windows in which the grid does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboard.context import PageContext
from dashboard.i18n import MISSING
from dashboard.services import Services
from dashboard.views.budget import currency_of, stage_names
from dashboard.views.review import DeskFilters, facet_texts, line_details, line_name, queue_query, state_words
from data.store.tag_queue import QueueRow

PAGE = "review"
LIST_PAGE = 20  # lines of a page


def listed_lines(services: Services, context: PageContext, filters: DeskFilters) -> list[Any]:
    """The phones' list."""
    query = queue_query(filters, context.user.login, offset=list_offset(context), limit=LIST_PAGE)
    rows, count = services.tags.rows(context.user, context.site, query)
    return list_part(rows, count, filters, context)


def list_offset(context: PageContext) -> int:
    text = context.query.get("from", "")
    return int(text) if text.isdigit() and len(text) < 7 else 0


def address_of(filters: DeskFilters, context: PageContext, **other: str) -> str:
    values = {
        "year": str(filters.year),
        "show": filters.show,
        "marker": filters.marker,
        "text": filters.text,
        "by": filters.by,
        "part": filters.part,
        **other,
    }
    return context.address(PAGE, **{name: value for name, value in values.items() if value})


def list_part(rows: Sequence[Any], count: int, filters: DeskFilters, context: PageContext) -> list[Any]:
    """The lines as links, a page at a time, for narrow windows."""
    _, formats = context.gettext, context.formats
    start = list_offset(context)
    items = [list_item(row, filters, context) for row in rows]
    if not items:
        return [html.P(_("No line fits these choices."))]
    pages = []
    if start > 0:
        before = str(max(0, start - LIST_PAGE))
        pages.append(html.A(_("Lines before"), href=address_of(filters, context, **{"from": before})))
    if start + len(rows) < count:
        pages.append(html.A(_("More lines"), href=address_of(filters, context, **{"from": str(start + LIST_PAGE)})))
    told = _(
        "Lines {first} to {last} of {count}",
        first=formats.number(start + 1),
        last=formats.number(start + len(rows)),
        count=formats.number(count),
    )
    return [html.P(told), html.Ul(items), html.P(pages, className="review-pages")]


def list_item(row: QueueRow, filters: DeskFilters, context: PageContext) -> html.Li:
    """A line as a card: what the row of the grid says."""
    _ = context.gettext
    currency, facets = currency_of(context), facet_texts(row, context)
    stands = (
        state_words(row.state, row.is_approved, context),
        f"{_('Marker')}: {facets['marker'] or MISSING}",
        _("Women's share") + f": {facets['women'] or MISSING}",
    )
    amounts = [
        html.Span([f"{name}: ", html.Strong(context.formats.money(row.amounts[stage], currency, 2))])
        for stage, name in stage_names(context).items()
    ]
    address = address_of(filters, context, line=row.code) + "#review-panel"
    return html.Li(
        [
            html.A(line_name(row.labels, row.code), href=address),
            html.Span(line_details(row.labels, row.code), className="hint"),
            html.Span(" · ".join(stands), className="hint"),
            html.Div(amounts, className="review-card-amounts"),
        ]
    )
