"""Codes of a vote as a sheet to print and cut out: code and QR of the address that opens the ballot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import segno

from data.writers.pdf import printable, tagged_pdf

TEMPLATE = Path(__file__).with_name("code_sheet.typ")


@dataclass(frozen=True)
class SheetTexts:
    """What stands on a sheet, in the language of the voters. `address`: of the ballot, without a code."""

    title: str
    heading: str
    how: str
    days: str
    picture: str  # what the QR code is, for readers aloud
    notes: Sequence[str]
    address: str
    language: str = "es"
    warning: str = ""


def code_sheet(texts: SheetTexts, codes: Sequence[str]) -> bytes:
    """A tagged PDF (PDF/UA-1). codes : as they are shown, with hyphens"""
    content = {
        "title": printable(texts.title),
        "heading": printable(texts.heading),
        "how": printable(texts.how),
        "days": printable(texts.days),
        "notes": [printable(note) for note in texts.notes],
        "address": printable(texts.address),
        "language": texts.language,
        "picture": printable(texts.picture),
        "warning": printable(texts.warning),
        "slips": [{"code": code, "picture": _picture(ballot_address(texts.address, code))} for code in codes],
    }
    return tagged_pdf(TEMPLATE, content)


def ballot_address(address: str, code: str) -> str:
    """The address that a QR code opens."""
    return f"{address}?code={quote(code)}"


def _picture(text: str) -> str:
    """The QR code as SVG."""
    return str(segno.make(text, error="m", micro=False).svg_inline(border=0))
