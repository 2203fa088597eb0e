"""What a country's ministry itself marks in its budget lines for gender: words in the name of a programme."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "catalogue"


@dataclass(frozen=True)
class DeclaredMark:
    """Lines whose label contains the words, whatever the accents and capitals; `name` by language."""

    label: str
    contains: str
    name: Mapping[str, str]
    source: str

    def says(self, labels: Mapping[str, str]) -> bool | None:
        """Whether the line is marked; None where it lacks the label, so that nothing can be said."""
        text = labels.get(self.label)
        return plain(self.contains) in plain(text) if text else None


@functools.cache
def declared_marks(country: str) -> tuple[DeclaredMark, ...]:
    """The marks of a country (ISO code); none where the catalogue has none."""
    file = FOLDER / f"declared_marks_{country.lower()}.yaml"
    if not country.isalpha() or not file.exists():
        return ()
    document = yaml.safe_load(file.read_text(encoding="utf-8"))
    return tuple(DeclaredMark(**one) for one in document["marks"])


@functools.lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Lower case without accents."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).lower()
