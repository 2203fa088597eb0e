"""Numbers as people type them. No Dash here.

A browser's own field for numbers gives nothing at all for what lies outside its range, so that a condition that was
typed would be left out without a word. Fields are texts instead, read here: what is no number goes on as it was typed
and is refused with its words.
"""

from __future__ import annotations

import re
from typing import Any

NUMBER = re.compile(r"-?(\d{1,15}(\.\d{0,9})?|\.\d{1,9})")
DECIMAL_COMMA = re.compile(r"(-?\d*),(\d{1,2}|\d{4,9})")  # `1,500` may be thousands: it is not guessed


def plain_text(value: Any) -> str | None:
    """What was typed, with a decimal point and without spaces at its ends; None where nothing was."""
    text = "" if value is None else str(value).strip().replace("\u2212", "-")
    comma = DECIMAL_COMMA.fullmatch(text)
    return (f"{comma[1] or '0'}.{comma[2]}" if comma else text) or None


def typed_share(value: Any) -> float | str | None:
    """A percentage as a share; what is no number as it was typed; None where nothing was typed."""
    text = plain_text(value)
    if text is None:
        return None
    written = text.removesuffix("%").rstrip()
    return float(written) / 100 if NUMBER.fullmatch(written) else text
