"""Texts of documents and of what commands write, by language: whole English sentences, translated in catalogues.

The catalogues (gettext) lie in `data/translations/<language>/`; the dashboard reads them beside its own. Facts go into
`{names}` in braces after translation. `python -m dashboard.i18n_extract` brings the catalogues up to date.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

LOCALES = {"es": "es_PE", "en": "en"}
TRANSLATIONS = Path(__file__).resolve().parent / "translations"


def mark(message: str) -> str:
    """The message itself; its being called `mark` is what the extraction looks for."""
    return message


def mark_plural(one: str, many: str) -> tuple[str, str]:
    """The sentence for one and that for any other number, for `translate_plural`."""
    return one, many


@cache
def catalogue(language: str, folder: Path = TRANSLATIONS) -> Mapping[str, Any]:
    """Message id (or singular) -> translation (or tuple of plural forms), all files of the language together."""
    messages: dict[str, Any] = {}
    for file in sorted((folder / language).glob("*.po")):
        with file.open("rb") as stream:
            messages |= _messages_of(read_po(stream, locale=LOCALES[language], abort_invalid=True))
    return messages


def _messages_of(entries: Catalog) -> dict[str, Any]:
    usable = (entry for entry in entries if entry.id and entry.string and not entry.fuzzy)
    return {entry.id[0] if entry.pluralizable else entry.id: entry.string for entry in usable}


def translate(language: str, message: str, /, **facts: Any) -> str:
    """The sentence in the language, `{facts}` filled in; the English message where no translation exists."""
    sentence = str(catalogue(language).get(message, message))
    return sentence.format(**facts) if facts else sentence


def translate_plural(language: str, forms: tuple[str, str], number: int, /, **facts: Any) -> str:
    """As `translate`, in the form that goes with the number (Spanish and English: 1, or any other)."""
    found = catalogue(language).get(forms[0])
    chosen = found if isinstance(found, tuple | list) else forms
    return str(chosen[0 if number == 1 else -1]).format(**facts)


def translate_all(language: str, messages: Mapping[str, str]) -> dict[str, str]:
    """The sentences of a table of messages in the language; places for facts stay open."""
    return {name: translate(language, message) for name, message in messages.items()}
