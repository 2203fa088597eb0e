"""Review desk: the grid of its lines, with what `assets/50-review.js` needs to fetch and to name its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html

from dashboard.context import PageContext
from dashboard.pages import review_rows
from dashboard.pages.review_rows import BLOCK
from dashboard.views.budget import currency_of
from dashboard.views.words import label_key_name

PAGE, GRID = "review", "review-grid"
ROW_HEIGHT = 50  # two lines
LINE_WIDTH = 440  # `50-review.js` has all widths, and narrower ones beside the panel


def grid_place(context: PageContext, labels: Sequence[str]) -> html.Div:
    """The grid, with where its rows are and what to say where they do not come."""
    _ = context.gettext
    lost = _("The lines could not be fetched. Load the page again.")
    data = {"data-rows": f"{context.address(PAGE)}/{review_rows.NAME}", "data-lost": lost, "aria-label": _("Lines")}
    return html.Div(grid(context, labels), id="review-grid-place", className="review-grid-place", role="region", **data)


def grid(context: PageContext, labels: Sequence[str]) -> dag.AgGrid:
    """The grid: it asks for rows as it is scrolled."""
    _ = context.gettext
    return dag.AgGrid(
        id=GRID,
        rowModelType="infinite",
        columnDefs=columns(context, labels),
        defaultColDef={
            "resizable": True,
            "sortable": True,
            "suppressHeaderMenuButton": True,
            "wrapHeaderText": True,
        },
        getRowId="params.data.id",
        dashGridOptions={
            "cacheBlockSize": BLOCK,
            "maxBlocksInCache": 40,
            "suppressAnimationFrame": True,  # rows are drawn as they come, not some frames later
            "selectionColumnDef": {"headerName": _("Tick"), "width": 84},
            "rowSelection": {"mode": "multiRow", "checkboxes": True, "headerCheckbox": False},
            "rowHeight": ROW_HEIGHT,
            "headerHeight": 54,
            "localeText": locale_text(context),
            "suppressCellFocus": False,
            # Tab leaves the grid, and arrows move in it: nobody tabs through thousands of cells to the panel.
            "tabToNextCell": {"function": "leaveReviewGrid()"},
            "ensureDomOrder": True,
            "rowBuffer": 2,  # rows drawn beyond the edge
            "suppressRowHoverHighlight": True,  # it costs two events a row
        },
        style={"height": "34rem"},
    )


def columns(context: PageContext, labels: Sequence[str]) -> list[dict[str, Any]]:
    _ = context.gettext
    symbol = context.formats.symbol(currency_of(context))
    right = {"width": 138, "type": "rightAligned"}
    named: list[tuple[str, str, dict[str, Any]]] = [
        ("name", _("Line; code, source, kind of expenditure"), {"width": LINE_WIDTH}),
        ("state", _("State"), {"width": 164, "cellClass": "review-wrapped"}),
        ("marker", _("Marker"), {"width": 106}),
        ("women", _("Women's share"), {"width": 110, "type": "rightAligned"}),
        ("pim", _("PIM / PIA, {currency}", currency=symbol), right),
        ("certified", _("Certified / committed, {currency}", currency=symbol), right),
        ("accrued", _("Accrued / paid, {currency}", currency=symbol), right),
        ("function", label_key_name("function", context), {"width": 170}),
        ("programme", label_key_name("programme", context), {"width": 200}),
        ("author", _("Author"), {"width": 130}),
        ("code", _("Code"), {"width": 220}),
    ]
    kept = [one for one in named if one[0] not in ("function", "programme") or one[0] in labels]
    return [{"field": name, "headerName": title, **options} for name, title, options in kept]


def locale_text(context: PageContext) -> dict[str, str]:
    """Words of the grid itself."""
    _ = context.gettext
    return {
        "loadingOoo": _("Loading…"),
        "noRowsToShow": _("No line fits these choices."),
        "ariaRowToggleSelection": _("Press the space bar to tick the line"),
        "ariaRowSelect": _("Press the space bar to tick the line"),
        "ariaRowDeselect": _("Press the space bar to take the tick away"),
        "ariaSortableColumn": _("Press Enter to sort"),
        "ariaChecked": _("ticked"),
        "ariaUnchecked": _("not ticked"),
    }
