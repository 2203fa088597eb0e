"""A card that folds: its heading stays in sight, so that a long page is read from its headings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

PRINTED = "printed"  # `assets/12-print.js` unfolds them on paper


def folding_card(
    title: str, children: Sequence[Any], note: str = "", is_open: bool = False, is_printed: bool = False
) -> html.Details:
    """Like `card`, folded unless `is_open`; `note` stands beside the heading, for example how many things it holds.

    is_printed : paper shows it unfolded
    """
    head: list[Any] = [html.H2(title)]
    if note:
        head.append(html.Span(note, className="folded-note"))
    return html.Details(
        [html.Summary(head), *children],
        open=is_open,
        className=f"panel folded {PRINTED}" if is_printed else "panel folded",
    )


def folded(title: str, child: Any, note: str = "", is_open: bool = False) -> html.Details:
    """A part of a card that is folded away under a line, unless `is_open`."""
    text: list[Any] = [title]
    if note:
        text.append(html.Span(note, className="folded-note"))
    return html.Details([html.Summary(text), child], open=is_open)
