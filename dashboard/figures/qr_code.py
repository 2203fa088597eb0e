"""Addresses as QR codes."""

from __future__ import annotations

import segno


def qr_svg(text: str) -> str:
    """An SVG with its quiet border; the page sets its size."""
    code = segno.make(text, error="m", micro=False)
    return str(code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None))


def qr_picture(text: str) -> str:
    """The same as the address of a picture."""
    return str(segno.make(text, error="m", micro=False).svg_data_uri(border=4, scale=4, light="#fff"))
