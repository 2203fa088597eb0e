"""The known word that somebody may have meant by an unknown one."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

ALIKE = 0.5  # similarity (0-1) from which a word is offered
MOST_LISTED = 12


def nearest(word: str, known: Iterable[str], alike: float = ALIKE) -> str | None:
    """The known word that looks most like `word`, without regard to case and accents.

    None when nothing is at least `alike` (similarity, 0-1) to it.
    """
    by_plain_form = {plain(name): name for name in known}
    matches = difflib.get_close_matches(plain(word), list(by_plain_form), n=1, cutoff=alike)
    return by_plain_form[matches[0]] if matches else None


def plain(word: str) -> str:
    """Small letters without accents."""
    if word.isascii():
        return word.lower()  # the same, and quick
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'x'?`, or a list of what is known, or nothing where nothing is."""
    names = [name for name in known if name]
    near = nearest(word, names)
    if near:
        return f" Did you mean '{near}'?"
    if not names:
        return ""
    listed = ", ".join(f"'{name}'" for name in names[:MOST_LISTED])
    return f" Known here: {listed}{' …' if len(names) > MOST_LISTED else ''}."
