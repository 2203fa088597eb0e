"""Sites: find, list, add."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, NotFoundError, Problem
from data.store import audit
from data.store.tables import Area, Site

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SLUG, LONGEST_NAME = 80, 200
RESERVED_SLUGS = frozenset({"login", "logout"})  # stand in the same place of an address


def list_sites(session: Session) -> list[Site]:
    """All sites by name."""
    return list(session.scalars(select(Site).order_by(Site.name, Site.id)))


def find_site(session: Session, slug: str) -> Site | None:
    """The site of an address, or None."""
    return session.scalar(select(Site).where(Site.slug == slug))


def load_site(session: Session, slug: str) -> Site:
    """The site of an address; NotFoundError when there is none."""
    site = find_site(session, slug)
    if site is None:
        raise NotFoundError("site", slug)
    return site


def add_site(
    session: Session,
    *,
    slug: str,
    name: str,
    country: str,
    currency: str,
    actor: str,
    official_code: str | None = None,
    is_synthetic: bool = False,
    source: str = "",
) -> Site:
    """Add a site and its area of level 0; InputError where address, country or currency cannot be used."""
    problems = list(_problems(session, slug, name, country, currency))
    if problems:
        raise InputError(problems)
    site = Site(
        slug=slug,
        name=name.strip(),
        country=country.upper(),
        official_code=official_code,
        currency=currency.upper(),
        is_synthetic=is_synthetic,
        source=source,
    )
    session.add(site)
    session.flush()
    session.add(Area(site_id=site.id, parent_id=None, level=0, code=slug, name=site.name, geometry=None))
    audit.record(session, actor, "site.add", slug, site.id, {"name": site.name, "is_synthetic": is_synthetic})
    return site


def _problems(session: Session, slug: str, name: str, country: str, currency: str) -> Iterator[Problem]:
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG or slug in RESERVED_SLUGS:
        message = f"'{slug}' cannot stand in an address. Use up to 80 small letters, digits and single hyphens."
        yield Problem("site.slug", message, value=slug)
    elif find_site(session, slug):
        yield Problem("site.exists", f"There is a site '{slug}' already. Choose another address.", value=slug)
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        yield Problem("site.name", f"A site needs a name of 1 to {LONGEST_NAME} characters.", value=name)
    if not re.fullmatch(r"[A-Za-z]{2}", country):
        message = f"'{country}' is no ISO 3166 country code of two letters, such as PE."
        yield Problem("site.country", message, value=country)
    if not re.fullmatch(r"[A-Za-z]{3}", currency):
        message = f"'{currency}' is no ISO 4217 currency code of three letters, such as PEN."
        yield Problem("site.currency", message, value=currency)
