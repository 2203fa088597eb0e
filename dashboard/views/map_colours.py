"""Colours of maps. Every scale is ordered by lightness, so that it reads in grey and for colour-blind eyes.

One hue for a figure; purple and orange (ColorBrewer PuOr, the colours of women and men) for a gap; brown and teal
(ColorBrewer BrBG, whose ends colour-blind eyes tell apart) for a change. The two sides of a difference also carry
signs, because in grey both of its ends are dark.
"""

from __future__ import annotations

Colours = tuple[str, ...]
SEQUENTIAL = ("#EDF3F9", "#BAD0E5", "#83A8CB", "#477BA8", "#1F4E79", "#0E2A45")  # stops from light to dark
SIDES = {
    "women": ("#E3DEEE", "#B2A5D1", "#8066AE", "#4A2C86"),  # near 0 to far
    "men": ("#FCE3CB", "#F9B36C", "#E0741C", "#A84300"),
    "worse": ("#F3E3C3", "#D8B365", "#A9702A", "#6A3F08"),
    "better": ("#D3EBE7", "#80C3B8", "#2F8C82", "#0A554C"),
}
MIDDLE = "#F5F4F2"
# scale -> sides below and above 0
DIVERGING = {
    "women_high": ("men", "women"),
    "women_low": ("women", "men"),
    "worse_high": ("better", "worse"),
    "worse_low": ("worse", "better"),
}


def colours_of(number: int, scale: str = "sequential") -> Colours:
    """Colours of so many classes, from the lowest to the highest. A diverging scale has a middle for odd numbers."""
    if scale == "sequential":
        return tuple(_along(SEQUENTIAL, number, 0.0 if number > 1 else 0.4))
    below, above = DIVERGING[scale]
    half = number // 2
    middle = (MIDDLE,) if number % 2 else ()
    low, high = (tuple(_along(SIDES[side], half, 0.25 if half < 3 else 0.0)) for side in (below, above))
    return (*reversed(low), *middle, *high)


def _along(stops: Colours, number: int, start: float) -> list[str]:
    """So many colours at equal steps along the stops, from `start` (0-1) to the last stop."""
    if number == 1:
        return [_between(stops, max(start, 0.6))]
    return [_between(stops, start + (1 - start) * at / (number - 1)) for at in range(number)]


def _between(stops: Colours, place: float) -> str:
    exact = place * (len(stops) - 1)
    at = min(int(exact), len(stops) - 2)
    one, two = (_channels(stops[i]) for i in (at, at + 1))
    mixed = [round(a + (b - a) * (exact - at)) for a, b in zip(one, two, strict=True)]
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2), 0 to 1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
