"""What the header's navigation shows to a person: links of the pages they may see, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.router import Page

FLAT_UP_TO = 5  # so few pages need no menus: they stand side by side


@dataclass(frozen=True)
class NavigationLink:
    """A page of the navigation."""

    title: str
    address: str
    is_current: bool


@dataclass(frozen=True)
class NavigationGroup:
    """Pages that belong together. `title` is empty where they stand side by side instead of in a menu."""

    title: str
    links: tuple[NavigationLink, ...]

    @property
    def is_current(self) -> bool:
        return any(link.is_current for link in self.links)


def navigation(pages: Sequence[Page], context: PageContext) -> tuple[NavigationGroup, ...]:
    """Groups in the order of `Group`, pages in the order given; a group without pages is left out.

    `pages` are those that the person may see; pages of no group (`GROUP = None`) are reached by links of other pages.
    """
    shown = [page for page in pages if page.GROUP is not None]
    if len(shown) <= FLAT_UP_TO:
        return (NavigationGroup("", links_to(shown, context)),) if shown else ()
    groups = [(group, [page for page in shown if page.GROUP is group]) for group in Group]
    return tuple(NavigationGroup(context.gettext(group.value), links_to(own, context)) for group, own in groups if own)


def links_to(pages: Sequence[Page], context: PageContext) -> tuple[NavigationLink, ...]:
    return tuple(
        NavigationLink(context.gettext(page.TITLE), context.address(page.NAME), context.page == page.NAME)
        for page in pages
    )
