"""The pieces of a page: header, tiles, cards, messages for what is missing, provenance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import html

from dashboard.context import PageContext

Children = Any


def page_header(title: str, subtitle: Children = None, actions: Sequence[Any] = ()) -> html.Div:
    """The one h1 of a page, a line under it, and buttons or links to its right."""
    return html.Div(
        [
            html.Div([html.H1(title), html.P(subtitle, className="page-subtitle") if subtitle else None]),
            html.Div(list(actions), className="page-actions") if actions else None,
        ],
        className="page-header",
    )


def tile(label: str, value: Children, note: Children = None, group: str | None = None) -> html.Div:
    """A figure with its label above and a note below; `group` (women, men) colours it."""
    return html.Div(
        [
            html.Dt(label, className="tile-label"),
            html.Dd(
                [
                    html.Span(value, className=f"tile-value {group or ''}".strip()),
                    html.Span(note, className="tile-note") if note is not None else None,
                ]
            ),
        ],
        className="tile",
    )


def tiles(items: Sequence[html.Div], label: str) -> html.Dl:
    """A row of tiles; `label` names it for screen readers."""
    return html.Dl(list(items), className="tiles", **{"aria-label": label})


def card(title: str, children: Children, subtitle: Children = None, **options: Any) -> html.Section:
    """A white box with a heading; options go to the section (id, className)."""
    class_name = f"panel {options.pop('className', '')}".strip()
    head = [html.H2(title), html.P(subtitle, className="panel-subtitle") if subtitle else None]
    return html.Section(
        [*head, *(children if isinstance(children, list) else [children])], className=class_name, **options
    )


def no_budget_lines(context: PageContext) -> html.Div:
    """The empty state of pages that stand on budget lines."""
    _ = context.gettext
    how = _("Bring a budget file in on the page “Budget files”.")
    return no_data(_("There are no budget lines of this site yet."), how)


def no_data(what_is_missing: str, how_to_get_it: str) -> html.Div:
    """An empty state: what is missing and how to get it."""
    return html.Div([html.P(html.Strong(what_is_missing)), html.P(how_to_get_it)], className="no-data")


def notice(sentences: Sequence[str], kind: str = "warning", **options: Any) -> html.Div:
    """Sentences that ask for attention: `warning`, `danger` or `info`."""
    return html.Div([html.P(sentence) for sentence in sentences], className=f"notice notice-{kind}", **options)


def difference_note(context: PageContext) -> html.P:
    """Why a difference may have other digits than the rounded figures beside it (see `Formats.points`)."""
    told = context.gettext(
        "Differences are taken before rounding and have one decimal more than the figures beside them."
    )
    return html.P(told, className="source-note")


def source_note(context: PageContext, parts: Sequence[str]) -> html.P:
    """Where the figures come from; empty parts are left out."""
    _ = context.gettext
    text = " · ".join(part for part in parts if part)
    return html.P([html.Strong(_("Source: ")), text], className="source-note")


def file_links(told: str, address_of: Callable[[str], str]) -> html.Div:
    """Links to the same figures as CSV and as XLSX behind a few words; `address_of` takes `csv` or `xlsx`."""
    links = [
        html.A(kind.upper(), href=address_of(kind), className="btn btn-outline-secondary") for kind in ("csv", "xlsx")
    ]
    return html.Div([html.Span(told), *links], className="file-links")
