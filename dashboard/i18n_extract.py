"""Brings the message catalogues up to date with the code: `python -m dashboard.i18n_extract`.

Messages that the code no longer has go; new ones come in empty (English: as they stand in the code); translations stay.
A message belongs to the domain of the first file that has it (files are read in the order of their names). What
documents and commands write (`data`) has a catalogue of its own beside the data, which shares translations with these.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from dashboard.i18n import LANGUAGES, LOCALES, TRANSLATIONS
from data.messages import TRANSLATIONS as DOCUMENT_TRANSLATIONS

ROOT = Path(__file__).resolve().parent
KEYWORDS = DEFAULT_KEYWORDS | {"mark": None}
# A file belongs to the first domain of which its name has a word; to `shell` where it has none.
WORDS = {
    "reasons": ("reasons", "best_reach", "incidence", "atomica"),
    "review": ("review", "suggestion"),
    "notes": ("trends_notes", "budget_notes"),
    "statement": ("statement", "trend"),
    "optimise": ("optimise", "frontier", "compare"),
    "tags": ("tags", "budget_import"),
    "simulate": ("simulat", "scenario"),
    "survey": ("imports", "instrument", "data_bank"),
    "validation": ("validation",),
    "focus": ("focus",),
    "digest": ("digest",),
    "jobs": ("jobs", "job_panel", "calculations"),
    "years": ("years", "year_lines", "certainty", "tornado"),
    "workbench": ("workbench",),
    "municipalities": ("municipal",),
    "scorecards": ("scorecard",),
    "links": ("links", "modification"),
    "map": ("map.py", "map_", "profile"),
    "winners": ("follow_up", "winner_words", "assembly_execution"),
    "beside": ("side_by_side", "quorum", "criteria"),
    "assembly": ("assembly",),
    "ballot": ("ballot", "phone"),
}
STORED = "stored"  # texts of data files that come to be stored: sources of the demonstration and the core catalogue
STORED_FILES = (
    "data/demo/programmes.yaml",
    "data/demo/incidence.yaml",
    "data/catalogue/indicators.yaml",
    "data/demo/texts.yaml",
    "data/demo/earlier.yaml",
)
DOCUMENTS = "documents"  # what `data` writes: it knows no dashboard, so all its messages are in this one catalogue
DOMAINS = ("shell", *WORDS, STORED, DOCUMENTS)
MessageId = str | tuple[str, str]


def domain_of(file: Path) -> str:
    if file.suffix == ".yaml":
        return STORED
    return next((domain for domain, words in WORDS.items() if any(word in file.name for word in words)), "shell")


def messages_in_code() -> dict[str, dict[MessageId, list[str]]]:
    """Domain -> message id -> files that use it."""
    found: dict[str, dict[MessageId, list[str]]] = {domain: {} for domain in DOMAINS}
    home: dict[MessageId, str] = {}
    for file, message in [*_messages_by_file(), *_stored_texts()]:
        domain = home.setdefault(message, domain_of(file))
        places = found[domain].setdefault(message, [])
        name = file.relative_to(ROOT.parent).as_posix()
        if name not in places:
            places.append(name)
    return found | {DOCUMENTS: _messages_of_documents()}


def _messages_by_file() -> Iterator[tuple[Path, MessageId]]:
    methods: list[tuple[str, str | Callable[..., Any]]] = [("*.py", "python"), ("*.html", babel_extract)]
    for pattern, method in methods:
        for file in sorted(ROOT.rglob(pattern)):
            for _line, message, _comments, _context in extract_from_file(method, str(file), KEYWORDS):
                if message:
                    yield file, tuple(message) if isinstance(message, list | tuple) else message
            if method == "python":
                yield from ((file, message) for message in in_formatted_strings(file.read_text(encoding="utf-8")))


def in_formatted_strings(code: str) -> Iterator[str]:
    """Messages inside f-strings, `f"{_('Map')}"`: before Python 3.12 those are one token, and Babel passes over it.

    >>> sorted(in_formatted_strings("f\"{_('Map')} {context.gettext('Year')} {_(name)}\""))
    ['Map', 'Year']
    """
    formatted = [part for part in ast.walk(ast.parse(code)) if isinstance(part, ast.JoinedStr)]
    for call in (part for one in formatted for part in ast.walk(one) if isinstance(part, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        first = call.args[0] if call.args else None
        if name in ("_", "gettext") and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def _messages_of_documents() -> dict[MessageId, list[str]]:
    """Message id -> files of `data` that mark it."""
    found: dict[MessageId, list[str]] = {}
    for file in sorted((ROOT.parent / "data").rglob("*.py")):
        if "from data.messages import" in file.read_text(encoding="utf-8"):
            name = file.relative_to(ROOT.parent).as_posix()
            marks = {"mark": None, "mark_plural": (1, 2)}
            for _line, message, _comments, _context in extract_from_file("python", str(file), marks):
                places = found.setdefault(tuple(message) if isinstance(message, list | tuple) else str(message), [])
                if name not in places:
                    places.append(name)
    return found


def _stored_texts() -> Iterator[tuple[Path, MessageId]]:
    for name in STORED_FILES:
        file = ROOT.parent / name
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        texts = document.values() if name.endswith("texts.yaml") else _sources_in(document)
        yield from ((file, text) for text in texts)


def _sources_in(part: Any) -> Iterator[str]:
    """Every `source` of a document, wherever it stands."""
    if isinstance(part, dict):
        if isinstance(part.get("source"), str):
            yield part["source"]
        for value in part.values():
            yield from _sources_in(value)
    elif isinstance(part, list):
        for value in part:
            yield from _sources_in(value)


def catalogue_file(language: str, domain: str) -> Path:
    return (DOCUMENT_TRANSLATIONS if domain == DOCUMENTS else TRANSLATIONS) / language / f"{domain}.po"


def read_catalogue(language: str, domain: str) -> Catalog:
    """The catalogue as it lies there; empty where there is none yet."""
    file = catalogue_file(language, domain)
    if not file.exists():
        return Catalog(locale=LOCALES[language])
    with file.open("rb") as stream:
        return read_po(stream, locale=LOCALES[language], abort_invalid=True)


def updated(old: list[Catalog], messages: dict[MessageId, list[str]], language: str) -> Catalog:
    """A catalogue with exactly `messages`, translated as in `old` where it has them."""
    new = Catalog(locale=LOCALES[language], project="CBMS-GRB dashboard", charset="utf-8", fuzzy=False)
    new.header_comment = "# Messages of the dashboard. Update with: python -m dashboard.i18n_extract"
    for message in sorted(messages, key=str):
        known = next((entry.string for catalogue in old if (entry := catalogue.get(message)) and entry.string), "")
        new.add(message, known or (message if language == "en" else ""), [(f, None) for f in messages[message]])
    return new


def update_all() -> dict[str, int]:
    """Write every catalogue; returns how many messages each language still lacks."""
    found = messages_in_code()
    lacking = dict.fromkeys(LANGUAGES, 0)
    for language in LANGUAGES:
        old = [read_catalogue(language, domain) for domain in DOMAINS]
        for domain in DOMAINS:
            new = updated(old, found[domain], language)
            lacking[language] += sum(1 for entry in new if entry.id and not is_complete(entry.string))
            write_catalogue(new, catalogue_file(language, domain))
    return lacking


def write_catalogue(catalogue: Catalog, file: Path) -> None:
    """Without the time of writing, so that nothing changes where nothing changed."""
    catalogue.creation_date = catalogue.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        write_po(stream, catalogue, width=120, include_lineno=False)


def is_complete(translation: str | tuple[str, ...]) -> bool:
    return all(translation) if isinstance(translation, tuple | list) else bool(translation)


if __name__ == "__main__":
    for code, number in update_all().items():
        print(f"{code}: {number} messages without translation")
