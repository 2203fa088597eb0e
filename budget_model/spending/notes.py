"""Notes pinned to a point in time of a budget's trend: what a sound note is, and where in its year it stands."""

from __future__ import annotations

import re
import unicodedata
from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass

from budget_model.errors import InputError, Problem
from budget_model.spending.lines import STAGES

FIRST_YEAR, LAST_YEAR = 1950, 2100
LONGEST_TEXT, LONGEST_SOURCE, LONGEST_AUTHOR, LONGEST_REASON = 600, 300, 120, 300
MOMENT = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
MONTHS = 12
# They turn the direction of what follows, so that a sentence may read otherwise than it was written.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
NO_LETTERS = frozenset({"Cc", "Cs", "Zl", "Zp"})  # control characters, halves of characters, separators of lines


@dataclass(frozen=True, order=True)
class Moment:
    """A year, a month of it, or a day; what is not said is None."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def share_of_year(self) -> float:
        """Where its middle stands in the year (0-1).

        >>> Moment(2023).share_of_year, Moment(2023, 7).share_of_year, Moment(2023, 1, 1).share_of_year
        (0.5, 0.5417, 0.0014)
        """
        if self.month is None:
            return 0.5
        if self.day is None:
            return round((self.month - 0.5) / MONTHS, 4)
        days = sum(monthrange(self.year, month)[1] for month in range(1, self.month)) + self.day - 0.5
        return round(days / (366 if isleap(self.year) else 365), 4)

    def __str__(self) -> str:
        """`2023`, `2023-05` or `2023-05-14`."""
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)


@dataclass(frozen=True)
class Note:
    """What somebody pins.

    stage : of the money that it is about, None for all; source : a document or address that shows it, may be empty
    """

    moment: Moment
    text: str
    stage: str | None = None
    source: str = ""


def parse_note(when: str, text: str, stage: str = "", source: str = "") -> Note:
    """A sound note; InputError with every problem.

    when : `2023`, `2023-05` or `2023-05-14`; stage : empty for all stages
    """
    text, source, moment = _one_line(text), _one_line(source), _moment(when)
    problems = [] if moment else [moment_problem(when)]
    if not text:
        problems.append(Problem("note_text", "The note has no text. Write what happened.", column="text"))
    problems += text_problems("text", text, LONGEST_TEXT)
    problems += text_problems("source", source, LONGEST_SOURCE)
    if stage and stage not in STAGES:
        message = f"'{stage[:40]}' is no stage. There are: {', '.join(STAGES)}; leave it empty for all."
        problems.append(Problem("note_stage", message, column="stage", value=stage[:40]))
    if problems or moment is None:
        raise InputError(problems)
    return Note(moment, text, stage or None, source)


def checked_words(name: str, text: str, most: int) -> str:
    """An author or a reason as it may be kept; InputError where it is empty or unsound."""
    words = _one_line(text)
    problems = list(text_problems(name, words, most))
    if not words:
        problems.append(Problem(f"note_{name}", f"State the {name}.", column=name))
    if problems:
        raise InputError(problems)
    return words


def moment_problem(when: str) -> Problem:
    message = (
        f"'{when[:40]}' is no point in time. Write a year ({FIRST_YEAR} to {LAST_YEAR}), a month or a day that there "
        "is, such as 2023, 2023-05 or 2023-05-14."
    )
    return Problem("note_moment", message, column="when", value=when[:40])


def text_problems(name: str, text: str, most: int) -> Iterator[Problem]:
    """Too long, or with characters that nobody sees and that turn or break what is read."""
    if len(text) > most:
        message = f"The {name} has {len(text):,} letters, and {most:,} are allowed. Shorten it."
        yield Problem("note_long", message, column=name, facts={"most": most, "found": len(text)})
    hidden = next((c for c in text if c in TURNING or unicodedata.category(c) in NO_LETTERS), None)
    if hidden is not None:
        message = f"The {name} holds an invisible control character (U+{ord(hidden):04X}). Type it anew."
        yield Problem("note_control", message, column=name)


def _one_line(text: str) -> str:
    """Line ends and tabs as single spaces; what else is invisible stays, to be refused."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip()


def _moment(when: str) -> Moment | None:
    found = MOMENT.fullmatch(when.strip())
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None  # the pattern has one
    if not FIRST_YEAR <= year <= LAST_YEAR or (month is not None and not 1 <= month <= MONTHS):
        return None
    if month is not None and day is not None and not 1 <= day <= monthrange(year, month)[1]:
        return None
    return Moment(year, month, day)
