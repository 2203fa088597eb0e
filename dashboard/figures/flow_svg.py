"""A flow as an SVG file: boxes in three columns, streams between them in the colours of women and men."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from dashboard.figures.style import ACCENT, COLOURS, FONT, INK, INK_MUTED, NEUTRAL
from dashboard.views.reasons_flow import Flow, FlowStream

BAR = 12
THINNEST = 0.6  # pixels of a stream, however few it carries
TOP = 34
LINE = 15


@dataclass(frozen=True)
class FlowSize:
    """Where the columns stand (left edges of their boxes) and how much room their labels have."""

    width: int
    columns: tuple[int, int, int]
    letters: tuple[int, int, int]  # a line of a label, by column
    bars: int  # pixels of all boxes of a column together
    font: int


DESK = FlowSize(1120, (330, 690, 1000), (38, 38, 14), 460, 13)
PHONE = FlowSize(360, (0, 140, 344), (18, 18, 9), 420, 11)


@dataclass(frozen=True)
class Box:
    """A node in its place; what goes in and out is drawn from the top down."""

    x: float
    y: float
    height: float


def flow_svg(
    flow: Flow, groups: Sequence[str], titles: Sequence[str], label: str, size: FlowSize, number: Callable[[float], str]
) -> str:
    """groups : codes of the groups (their colours); titles : of the columns; number : how persons are written."""
    boxes, height = place_boxes(flow, size)
    streams = "".join(_streams(flow, boxes, groups, size))
    bars = "".join(
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{BAR}" height="{box.height:.1f}" '
        f'fill="{ACCENT if node.group is None else COLOURS.get(groups[node.group], NEUTRAL)}"/>'
        for node, box in zip(flow.nodes, boxes, strict=True)
    )
    labels = "".join(_label(flow, at, boxes[at], size, number) for at in range(len(flow.nodes)))
    heads = "".join(_head(column, title, size) for column, title in enumerate(titles))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size.width} {height:.0f}" width="{size.width}" '
        f'height="{height:.0f}" font-family="{escape(FONT)}" font-size="{size.font}" role="img">'
        f'<title>{escape(label)}</title><rect width="{size.width}" height="{height:.0f}" fill="#FFFFFF"/>'
        f"{streams}{bars}{labels}{heads}</svg>"
    )


def place_boxes(flow: Flow, size: FlowSize) -> tuple[list[Box], float]:
    """Boxes from the top down in the order of the nodes, each with room for its label; and the picture's height."""
    whole = max(sum(node.persons for node in flow.nodes if node.column == 0), 1e-9)
    next_y, boxes = [float(TOP)] * 3, []
    for node in flow.nodes:
        height = max(size.bars * node.persons / whole, 1.0)
        boxes.append(Box(size.columns[node.column], next_y[node.column], height))
        next_y[node.column] += max(height, _slot(node.name, node.column, size)) + 9
    return boxes, max(next_y) + 4


def _slot(name: str, column: int, size: FlowSize) -> float:
    """Pixels that a label needs: its lines and the figure below it."""
    return LINE * (len(textwrap.wrap(name, size.letters[column])) + 1)


def _streams(flow: Flow, boxes: Sequence[Box], groups: Sequence[str], size: FlowSize) -> list[str]:
    whole = max(sum(node.persons for node in flow.nodes if node.column == 0), 1e-9)
    out = [box.y for box in boxes]
    into = [box.y for box in boxes]
    drawn = []
    for stream in sorted(flow.streams, key=lambda one: (one.source, one.target, one.group)):
        thick = size.bars * stream.persons / whole
        start, end = out[stream.source], into[stream.target]
        out[stream.source] += thick
        into[stream.target] += thick
        colour = COLOURS.get(groups[stream.group], NEUTRAL)
        drawn.append(_ribbon(boxes, stream, (start, end), max(thick, THINNEST), colour))
    return drawn


def _ribbon(boxes: Sequence[Box], stream: FlowStream, tops: tuple[float, float], thick: float, colour: str) -> str:
    x0, x1 = boxes[stream.source].x + BAR, boxes[stream.target].x
    middle, (a, b) = (x0 + x1) / 2, tops
    path = (
        f"M{x0:.1f} {a:.1f}C{middle:.1f} {a:.1f} {middle:.1f} {b:.1f} {x1:.1f} {b:.1f}v{thick:.2f}"
        f"C{middle:.1f} {b + thick:.1f} {middle:.1f} {a + thick:.1f} {x0:.1f} {a + thick:.1f}Z"
    )
    return f'<path d="{path}" fill="{colour}" fill-opacity="0.36"/>'


def _label(flow: Flow, at: int, box: Box, size: FlowSize, number: Callable[[float], str]) -> str:
    """Name and figure: left of programmes where there is room, else right of the box; of groups on a phone left."""
    node = flow.nodes[at]
    is_left = (node.column == 0 and size is DESK) or (node.column == 2 and size is PHONE)
    x, anchor = (box.x - 7, "end") if is_left else (box.x + BAR + 6, "start")
    lines = [*textwrap.wrap(node.name, size.letters[node.column]), number(node.persons)]
    halo = 'stroke="#FFFFFF" stroke-width="3.5" stroke-linejoin="round" paint-order="stroke"'
    rows = "".join(
        f'<tspan x="{x:.1f}" y="{box.y + size.font + LINE * row:.1f}">{escape(line)}</tspan>'
        for row, line in enumerate(lines)
    )
    return f'<text text-anchor="{anchor}" fill="{INK}" {halo}>{rows}</text>'


def _head(column: int, title: str, size: FlowSize) -> str:
    is_left = (column == 0 and size is DESK) or (column == 2)
    x, anchor = (size.columns[column] + BAR, "end") if is_left else (size.columns[column], "start")
    return f'<text x="{x}" y="16" text-anchor="{anchor}" font-weight="650" fill="{INK_MUTED}">{escape(title)}</text>'
