"""Codes of a vote as a sheet to print and cut out: code and QR of the address that opens the ballot."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import segno
import typst

from data.writers.tables import NOT_PRINTABLE

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
        "title": _plain(texts.title),
        "heading": _plain(texts.heading),
        "how": _plain(texts.how),
        "days": _plain(texts.days),
        "notes": [_plain(note) for note in texts.notes],
        "address": _plain(texts.address),
        "language": texts.language,
        "picture": _plain(texts.picture),
        "warning": _plain(texts.warning),
        "slips": [{"code": code, "picture": _picture(ballot_address(texts.address, code))} for code in codes],
    }
    made = typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=0,
    )
    assert isinstance(made, bytes)  # one document, not an image a page
    return made


def ballot_address(address: str, code: str) -> str:
    """The address that a QR code opens."""
    return f"{address}?code={quote(code)}"


def _picture(text: str) -> str:
    """The QR code as SVG."""
    return str(segno.make(text, error="m", micro=False).svg_inline(border=0))


def _plain(text: str) -> str:
    return NOT_PRINTABLE.sub("", text)
