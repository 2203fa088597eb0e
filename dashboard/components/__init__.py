"""Pieces that several pages share. They know Dash and the page's context, never the database."""

from dashboard.components.figures import captioned_figure, graph
from dashboard.components.filters import keep_in_address, select
from dashboard.components.page import (
    card,
    difference_note,
    file_links,
    no_budget_lines,
    no_data,
    notice,
    page_header,
    source_note,
    tile,
    tiles,
)
from dashboard.components.small_charts import SmallChart, small_charts
from dashboard.components.tables import Column, Link, Marked, data_table, folded_table
from dashboard.components.unprotected import unprotected_notice

__all__ = [
    "Column",
    "Link",
    "Marked",
    "SmallChart",
    "captioned_figure",
    "card",
    "data_table",
    "difference_note",
    "file_links",
    "folded_table",
    "graph",
    "keep_in_address",
    "no_budget_lines",
    "no_data",
    "notice",
    "page_header",
    "select",
    "small_charts",
    "source_note",
    "tile",
    "tiles",
    "unprotected_notice",
]
