"""Review desk: the rows that the grid asks for as it is scrolled, as a file that `assets/50-review.js` fetches.

Not a callback: on its way through Dash a page of rows takes the browser longer than the rows themselves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from dashboard.context import PageContext
from dashboard.pages.review_bulk import CHOICES, chosen_filters
from dashboard.router import Resource
from dashboard.services import Services
from dashboard.views.review import DeskFilters, count_sentence, grid_row, name_label, queue_query, sort_of
from data.store.tag_queue import MOST_ROWS, QueueQuery, QueueRow

NAME = "rows.json"
SORT, FIRST, AFTER = "sort", "first", "after"  # `sort=pim-desc.code-asc`; rows from `first` up to before `after`
QUERY = frozenset({*CHOICES, SORT, FIRST, AFTER})
BLOCK = 40  # rows that the grid asks for at once: more than three times what its window shows


def rows_file(services: Services, context: PageContext) -> Resource:
    """The rows of one page and how many there are; with the first page the sentence of counts above the grid."""
    asked = context.query
    filters = chosen_filters(services, context, [asked.get(name, "") for name in CHOICES])
    model = sort_model(asked.get(SORT, ""))
    is_by_name = any(one["colId"] == "name" for one in model)
    labels = services.tags.labels(context.user, context.site, filters.year) if is_by_name else ()
    first, limit = page_of(asked.get(FIRST, ""), asked.get(AFTER, ""))
    query = queue_query(filters, context.user.login, sort_of(model, name_label(labels)), first, limit)
    rows, count, told = asked_page(services, context, filters, query)
    answer = {"rows": [grid_row(row, context) for row in rows], "count": count, **told}
    return Resource(json.dumps(answer, ensure_ascii=False).encode(), "application/json")


def asked_page(
    services: Services, context: PageContext, filters: DeskFilters, query: QueueQuery
) -> tuple[Sequence[QueueRow], int, dict[str, str]]:
    """Rows, count, and what is told above the grid: one question instead of two when choices change."""
    if query.offset:
        return *services.tags.rows(context.user, context.site, query), {}
    rows, count, states = services.tags.page(context.user, context.site, query)
    return rows, count, {"summary": count_sentence(count, states, filters, context)}


def sort_model(text: str) -> list[dict[str, Any]]:
    """`pim-desc.code-asc` as the grid's sort model; what is none of that is passed over."""
    steps = [part.rpartition("-") for part in text.split(".") if part]
    return [{"colId": column, "sort": way} for column, _mark, way in steps if way in ("asc", "desc")]


def page_of(first: str, after: str) -> tuple[int, int]:
    """First row and number of rows; a page of the usual length where the address says nothing of use."""
    start = int(first) if first.isdecimal() and len(first) < 10 else 0
    end = int(after) if after.isdecimal() and len(after) < 10 else 0
    return start, end - start if 0 < end - start <= MOST_ROWS else BLOCK
