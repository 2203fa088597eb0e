"""Who looks at which page of which site, in which language: what every page function gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from dashboard.auth.person import ANONYMOUS, Person
from dashboard.i18n import Formats, translate, translate_plural


@dataclass(frozen=True)
class SiteRef:
    """The site of an address."""

    id: int
    slug: str
    name: str
    country: str
    currency: str
    is_synthetic: bool
    source: str = ""


@dataclass(frozen=True)
class PageContext:
    """Language, site (None on pages above the sites), person, page name and query of an address."""

    language: str
    site: SiteRef | None = None
    user: Person = ANONYMOUS
    query: Mapping[str, str] = field(default_factory=dict)
    page: str = ""

    def gettext(self, message: str, /, **facts: Any) -> str:
        """The message in this language. Name it `_` where you use it, so that extraction finds it."""
        return translate(self.language, message, **facts)

    def ngettext(self, singular: str, plural: str, number: float, /, **facts: Any) -> str:
        return translate_plural(self.language, singular, plural, number, **facts)

    @property
    def formats(self) -> Formats:
        return Formats(self.language)

    def in_language(self, texts: Mapping[str, str] | None, otherwise: str = "") -> str:
        """Of texts by language: this language's, else Spanish, else English, else any."""
        if not texts:
            return otherwise
        return next((texts[key] for key in (self.language, "es", "en") if texts.get(key)), next(iter(texts.values())))

    def stored(self, text: str) -> str:
        """A text of the store in this language where the catalogues have it (the demonstration's and the core
        catalogue's sources are there), else as somebody wrote it."""
        return translate(self.language, text) if text else text

    def address(self, page: str | None = None, language: str | None = None, **query: str) -> str:
        """Address of a page of this site (`""` is the overview), in this language unless another is named."""
        parts = [language or self.language, *([self.site.slug] if self.site else [])]
        path = "/" + "/".join(quote(part) for part in parts) + "/" + quote(self.page if page is None else page)
        return f"{path}?{urlencode(query)}" if query else path
