"""Sites: find, list, add."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget_model.errors import InputError, NotFoundError, Problem
from data.store import audit
from data.store.tables import Area, Site

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def list_sites(session: Session) -> list[Site]:
    """All sites by name."""
    return list(session.scalars(select(Site).order_by(Site.name)))


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
    problems = _problems(session, slug, name, country, currency)
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


def _problems(session: Session, slug: str, name: str, country: str, currency: str) -> list[Problem]:
    found = []
    if not SLUG.fullmatch(slug):
        found.append(
            Problem("site.slug", f"The address '{slug}' may hold small letters, digits and single hyphens only.")
        )
    elif find_site(session, slug):
        found.append(Problem("site.exists", f"There is a site '{slug}' already. Choose another address."))
    if not name.strip():
        found.append(Problem("site.name", "A site needs a name."))
    if not re.fullmatch(r"[A-Za-z]{2}", country):
        found.append(Problem("site.country", f"'{country}' is no ISO 3166 country code of two letters, such as PE."))
    if not re.fullmatch(r"[A-Za-z]{3}", currency):
        found.append(Problem("site.currency", f"'{currency}' is no ISO 4217 currency code of three letters, as PEN."))
    return found
