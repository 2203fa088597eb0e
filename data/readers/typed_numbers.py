"""Numbers as people type them into forms: one reading for all pages. No Dash here.

A point or a comma stands before decimals. Thousands may be grouped where nothing else can be meant: `1,234.50`,
`1.234,50`, `1,234,567`, `1 234`. `1,500` may be a thousand and a half or one and a half: it is not guessed, but goes on
as it was typed, and is refused with its words.

A browser's own field for numbers gives nothing at all for what lies outside its range, so that a condition that was
typed would be left out without a word. Fields are texts instead, read here.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

NUMBER = re.compile(r"-?(\d{1,15}(\.\d{0,18})?|\.\d{1,18})")
AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2},\d{3}")
DECIMAL_COMMA = re.compile(r"-?\d*,\d{1,18}")
GROUPED = {  # how thousands are grouped -> the decimal sign beside it
    ",": re.compile(r"-?[1-9]\d{0,2}((,\d{3})+\.\d{1,18}|(,\d{3}){2,})"),
    ".": re.compile(r"-?[1-9]\d{0,2}((\.\d{3})+,\d{1,18}|(\.\d{3}){2,})"),
}
SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")


def plain_text(value: Any) -> str | None:
    """What was typed with a decimal point and without groups of thousands; None where nothing was typed.

    What is no number, or may be two, stays as it was typed.

    >>> plain_text(" 12,5 "), plain_text("1,234.50"), plain_text("1.234,50"), plain_text("1,500"), plain_text("")
    ('12.5', '1234.50', '1234.50', '1,500', None)
    """
    text = "" if value is None else str(value).strip().replace("\u2212", "-")
    if not text:
        return None
    closed = SPACES.sub("", text)
    for group, pattern in GROUPED.items():
        if pattern.fullmatch(closed):
            return closed.replace(group, "").replace(",", ".")
    if DECIMAL_COMMA.fullmatch(closed) and not AMBIGUOUS.fullmatch(closed):
        whole, _, decimals = closed.partition(",")
        return f"{'-' if whole.startswith('-') else ''}{whole.removeprefix('-') or '0'}.{decimals}"
    return closed if NUMBER.fullmatch(closed) else text


def typed_number(value: Any) -> Decimal | str | None:
    """An exact number, also with a sign of per cent behind it; what is no number as it was typed; None of nothing.

    >>> typed_number("12,5 %"), typed_number("1,500"), typed_number(None)
    (Decimal('12.5'), '1,500', None)
    """
    text = plain_text(str(value).strip().removesuffix("%")) if value is not None else None
    if text is None:
        return plain_text(value)
    return Decimal(text) if NUMBER.fullmatch(text) else plain_text(value)


def typed_share(value: Any) -> float | str | None:
    """A percentage as a share; what is no number as it was typed; None where nothing was typed.

    >>> typed_share("12,5"), typed_share("3 %"), typed_share("much")
    (0.125, 0.03, 'much')
    """
    number = typed_number(value)
    return float(number) / 100 if isinstance(number, Decimal) else number
