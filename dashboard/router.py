"""From an address to a page: `/<language>/`, `/<language>/<site>/`, `/<language>/<site>/<page>`.

The same resolution serves the HTML request (status, title, header) and the callback that fills `main`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Protocol
from urllib.parse import parse_qsl, unquote

from budget_model.errors import AccessError, NotFoundError
from dashboard.auth.person import Person
from dashboard.context import PageContext, SiteRef
from dashboard.groups import Group
from dashboard.i18n import DEFAULT_LANGUAGE, LANGUAGES
from dashboard.services.access import may


@dataclass(frozen=True)
class Resource:
    """A file that a page gives out: `/<language>/<site>/<page>/<name>`."""

    content: bytes
    mimetype: str
    download_name: str | None = None  # None: shown or fetched by a script, not saved
    version: str | None = None  # identifies the content: the browser keeps it and asks each time whether it still holds


@dataclass(frozen=True)
class Posted:
    """A form that was sent: fields by name, and files as (name, stream) by field, empty ones left out."""

    fields: Mapping[str, str]
    files: Mapping[str, Sequence[tuple[str, IO[bytes]]]]


class Page(Protocol):
    """A page module. `layout` is called per request; `register_callbacks` once, when the app is made.

    A page may also have `RESOURCES`: file name -> function(services, context) -> Resource, with `QUERIES`: file name ->
    names that its address may carry (any other is refused); and `ACTIONS`: name of a
    plain form that is posted -> function(services, context, Posted) -> the address that is shown next, or a Resource
    that is given out once; `LOOK_FOR`: function(services, context) that raises NotFoundError where the address names
    what is not there for this person, so that its status says so; `LIBRARIES`:
    heavy component libraries that its address loads (`shell.HEAVY_LIBRARIES`; links between pages load them anew);
    `REAL_FIGURES`: message id of what the ribbon of a demonstration site says instead, where a page has real figures.
    """

    NAME: str  # path segment; "" is the overview
    TITLE: str  # message id
    GROUP: Group | None  # where the navigation shows it; None: nowhere, other pages lead to it
    ROLES: frozenset[str]  # who may see it

    def layout(self, services: Any, context: PageContext) -> Any: ...

    def register_callbacks(self, app: Any, services: Any) -> None: ...


@dataclass(frozen=True)
class Resolution:
    """What an address leads to. `page` is None where there is none; `context` then still has the language."""

    context: PageContext
    page: Page | None

    @property
    def is_allowed(self) -> bool:
        return self.page is not None and may(self.context.user, self.page.ROLES, self.context.site)


class Router:
    """Resolves addresses. Knows the pages, asks for sites, and asks who is there."""

    def __init__(
        self,
        site_list: Page,
        pages: Sequence[Page],
        find_site: Callable[[Person, str], SiteRef | None],
        current_person: Callable[[], Person],
    ):
        self.site_list = site_list
        self.pages = {page.NAME: page for page in pages}
        self.find_site, self._current_person = find_site, current_person

    def resolve(self, pathname: str, search: str = "") -> Resolution:
        """Where the path leads, for the person who asks."""
        language, slug, name = _parts(pathname)
        user = self._current_person()
        if language not in LANGUAGES:
            return Resolution(PageContext(DEFAULT_LANGUAGE, user=user), None)
        query = query_of(search)
        if not slug:
            return Resolution(PageContext(language, user=user, query=query), None if name else self.site_list)
        site = self.find_site(user, slug)
        if site is None:
            return Resolution(PageContext(language, user=user), None)
        context = PageContext(language, site=site, user=user, query=query, page=name)
        return Resolution(context, self.pages.get(name))

    def page_at(self, pathname: str) -> Page | None:
        """The page of a site that the address names, whoever asks and whether or not there is such a site."""
        return self.pages.get(_parts(pathname)[2])

    def context_of(self, pathname: str | None, search: str | None = "") -> PageContext:
        """The context of a callback, from `State("location", "pathname")`.

        Raises
        ------
        NotFoundError : the address leads nowhere. AccessError : the person may not see that page.
        """
        resolution = self.resolve(pathname or "/", search or "")
        if resolution.page is None:
            raise NotFoundError("page", pathname or "/")
        if not resolution.is_allowed:
            raise AccessError(
                "see this page", "/".join(sorted(resolution.context.user.roles_at(_id(resolution.context.site))))
            )
        return resolution.context

    def pages_for(self, context: PageContext) -> list[Page]:
        """Pages that this person may see at this site."""
        if context.site is None:
            return []
        return [page for page in self.pages.values() if may(context.user, page.ROLES, context.site)]


def query_of(search: str) -> Mapping[str, str]:
    """`?a=1&b=2` as a dict; of a repeated name the last one counts."""
    return dict(parse_qsl(search.lstrip("?")))


def _parts(pathname: str) -> tuple[str, str, str]:
    """Language, site and page name; a path with more parts has a page name that no page has."""
    parts = [unquote(part) for part in pathname.strip("/").split("/")]
    language, slug, *rest = [*parts, "", ""][: max(len(parts), 2) + 1]
    return language, slug, "/".join(part for part in rest if part)


def _id(site: SiteRef | None) -> int | None:
    return site.id if site else None
