"""Languages: catalogues of messages (gettext, read from `translations/<language>/*.po`), and how numbers are written.

Messages are whole English sentences with `{names}` in braces; `translate("…{name}…", name=…)` fills them in after
translation. `mark` only marks a message for extraction. `python -m dashboard.i18n_extract` brings the catalogues up
to date with the code.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import get_decimal_symbol, get_group_symbol

from data import messages
from data.messages import LOCALES, mark

__all__ = ["LOCALES", "mark"]

LANGUAGES = ("es", "en")
DEFAULT_LANGUAGE = "es"
TRANSLATIONS = Path(__file__).resolve().parent / "translations"
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
MISSING = "–"
SYMBOLS = {"PEN": "S/"}  # every other currency shows its ISO code


@functools.cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Message id (or singular) -> translation (or tuple of plural forms): of documents and of pages together."""
    return {**messages.catalogue(language), **messages.catalogue(language, TRANSLATIONS)}


def translate(language: str, message: str, /, **facts: Any) -> str:
    """The sentence in the language, `{facts}` filled in; the English message where no translation exists."""
    found = catalogue(language).get(message, message)
    sentence = found[0] if isinstance(found, tuple | list) else found
    return sentence.format(**facts) if facts else sentence


def translate_plural(language: str, singular: str, plural: str, number: float, /, **facts: Any) -> str:
    """As `translate`, in the form that goes with the number (Spanish and English: 1, or any other)."""
    is_one = number == 1
    found = catalogue(language).get(singular)
    forms = found if isinstance(found, tuple | list) else (singular, plural)
    return forms[0 if is_one else -1].format(**facts)


@dataclass(frozen=True)
class Formats:
    """How the language writes numbers: a true minus sign, no break inside an amount, an en dash for what is missing."""

    language: str

    @property
    def locale(self) -> str:
        return LOCALES[self.language]

    @property
    def plotly_locale(self) -> str:
        return LOCALES[self.language].replace("_", "-")

    def number(self, value: float | Decimal | None, decimals: int = 0) -> str:
        """`1,234.5`"""
        if _is_missing(value):
            return MISSING
        return f"{_rounded(value, decimals):,f}".translate(number_signs(self.locale))

    def signed(self, value: float | Decimal | None, decimals: int = 0) -> str:
        """`+1,234`, `−1,234`, `0`"""
        text = self.number(value, decimals)
        is_positive = not _is_missing(value) and _rounded(value, decimals) > 0
        return f"+{text}" if is_positive else text

    @property
    def percent_suffix(self) -> str:
        """What stands after a percentage: Spanish sets a space before the sign."""
        return f"{NO_BREAK_SPACE}%" if self.language == "es" else "%"

    def share(self, value: float | Decimal | None, decimals: int = 1) -> str:
        """A share of 0-1 as `45.7 %`; English writes `45.7%`."""
        if _is_missing(value):
            return MISSING
        return f"{self.number(Decimal(str(value)) * 100, decimals)}{self.percent_suffix}"

    def points(self, value: float | None, decimals: int = 2) -> str:
        """A difference of shares as percentage points: `+7.12 pp`.

        Differences are taken before rounding and have one decimal more than the shares beside them (`share`): with
        the same number of decimals, 14.2 and 12.7 could stand beside 1.6 and seem wrong.
        """
        if _is_missing(value):
            return MISSING
        return f"{self.signed(Decimal(str(value)) * 100, decimals)}{NO_BREAK_SPACE}pp"

    @staticmethod
    def symbol(currency: str) -> str:
        """What people write before an amount: `S/`, else the ISO code."""
        return SYMBOLS.get(currency, currency)

    def money(self, value: Decimal | float | None, currency: str, decimals: int = 0) -> str:
        """`S/ 1,234.50`; the minus sign stands before the symbol."""
        if _is_missing(value):
            return MISSING
        text = self.number(value, decimals)
        sign = MINUS if text.startswith(MINUS) else ""
        return f"{sign}{self.symbol(currency)}{NO_BREAK_SPACE}{text.removeprefix(MINUS)}"

    def millions(self, value: Decimal | float | None, currency: str) -> str:
        """`S/ 203.6 M`, for tiles and bars; below a million the whole amount, as in tables."""
        if _is_missing(value):
            return MISSING
        if abs(Decimal(str(value))) < 1_000_000:
            return self.money(value, currency)
        return f"{self.money(Decimal(str(value)) / 1_000_000, currency, 1)}{NO_BREAK_SPACE}M"

    def date(self, value: date | None) -> str:
        """`23 de noviembre de 2026`"""
        return format_date(value, "long", locale=self.locale) if value else MISSING

    def moment(self, value: Any) -> str:
        """Date and time of day to the minute (UTC as stored)."""
        return format_datetime(value, "d MMM y, HH:mm", locale=self.locale) if value else MISSING

    def language_name(self, language: str) -> str:
        """`English`, `Español`: each in itself."""
        return Locale.parse(LOCALES[language]).languages[language].capitalize() if language else MISSING


@functools.cache
def number_signs(locale: str) -> dict[int, str]:
    """What stands in place of `,` between groups of three digits, of `.` before decimals and of `-`.

    A page writes thousands of numbers, so that they are not written by Babel's patterns, which look each sign up anew.
    """
    return {ord(","): get_group_symbol(locale), ord("."): get_decimal_symbol(locale), ord("-"): MINUS}


def own_name(language: str) -> str:
    """The language's name in itself."""
    return Formats(language).language_name(language)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value)) or value != value


def _rounded(value: Any, decimals: int) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(str(float(value)))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
    return rounded + 0  # -0 becomes 0
