"""How many fall into each class of a value, as bars of HTML: they need no library and break no label on a phone."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html


def class_bars(labels: Sequence[str], counts: Sequence[int], told: Sequence[str], marked: int | None) -> html.Div:
    """A bar a class, its count (`told`) behind it, the marked one darker and hatched; a table says the same."""
    most = max(counts, default=0) or 1
    bars = [
        html.Div(
            [
                html.Span(label, className="class-label"),
                html.Span(html.Span(style={"width": f"{count / most * 100:.1f}%"}), className="class-track"),
                html.Span(text, className="class-count"),
            ],
            className="class-bar is-marked" if place == marked else "class-bar",
        )
        for place, (label, count, text) in enumerate(zip(labels, counts, told, strict=True))
    ]
    return html.Div(bars, className="class-bars", **{"aria-hidden": "true"})
