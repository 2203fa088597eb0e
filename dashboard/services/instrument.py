"""Questionnaires of a site: the versions it published and those that come with the product, and what each can carry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from budget_model.errors import NotFoundError
from budget_model.survey.catalogue import IndicatorDefinition, parse_catalogue
from budget_model.survey.questions import Form, IndicatorNeeds, indicator_needs
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import SIGNED_IN, require
from data.settings import PROJECT
from data.workflows.forms import (
    CORE_INSTRUMENTS,
    GIVEN_COLUMNS,
    core_form,
    core_form_bytes,
    form_xlsx_bytes,
    list_versions,
    load_form,
)

if TYPE_CHECKING:
    from dashboard.services import Store

CORE_CATALOGUE = PROJECT / "data" / "catalogue" / "indicators.yaml"
CORE = "core"  # in an address: the questionnaire that comes with the product


@dataclass(frozen=True)
class VersionInfo:
    """A version in the list. `published_at` is None for what comes with the product."""

    form_id: str
    version: str
    title: str
    questions: int
    languages: tuple[str, ...]
    published_at: datetime | None
    published_by: str
    modules: tuple[str, ...]
    key: str  # as it stands in an address


@dataclass(frozen=True)
class Instrument:
    """A version with its questions, and every indicator of the catalogue with what it needs of them.

    together : the other questionnaires that are asked beside it and were counted for the indicators
    """

    versions: tuple[VersionInfo, ...]
    chosen: VersionInfo
    form: Form
    together: tuple[str, ...]
    indicators: tuple[tuple[IndicatorDefinition, IndicatorNeeds], ...]


class InstrumentService:
    """Reads questionnaires; published ones are of the site, the core ones of everybody."""

    def __init__(self, store: Store):
        self._store = store

    def instrument(self, user: Person, site: SiteRef, key: str | None = None) -> Instrument:
        """A version by its key, the first of the list where none is named; NotFoundError for an unknown one."""
        require(user, SIGNED_IN, site)
        versions = self._versions(site)
        chosen = _by_key(versions, key)
        form = self._form(site, chosen)
        others = [one for one in self._beside(site, versions, chosen) if one.form_id != form.form_id]
        definitions = parse_catalogue(CORE_CATALOGUE.read_text(encoding="utf-8-sig"), CORE_CATALOGUE.name)
        needs = indicator_needs([form, *others], definitions, GIVEN_COLUMNS)
        pairs = tuple(zip(definitions, needs, strict=True))
        return Instrument(versions, chosen, form, tuple(one.title or one.form_id for one in others), pairs)

    def workbook(self, user: Person, site: SiteRef, key: str | None) -> tuple[VersionInfo, bytes]:
        """The form as the workbook for the tablets."""
        require(user, SIGNED_IN, site)
        chosen = _by_key(self._versions(site), key)
        if chosen.published_at is None:
            return chosen, core_form_bytes(chosen.key.removeprefix(f"{CORE}:"))
        with self._store.factory() as session:
            return chosen, form_xlsx_bytes(session, site.id, chosen.form_id, chosen.version)

    def _versions(self, site: SiteRef) -> tuple[VersionInfo, ...]:
        with self._store.factory() as session:
            published = [
                VersionInfo(
                    row.form_id,
                    row.version,
                    row.title,
                    row.question_count,
                    tuple(row.languages),
                    row.published_at,
                    row.published_by,
                    tuple(str(module["file"]) for module in row.modules),
                    f"{row.form_id}:{row.version}",
                )
                for row in list_versions(session, site.id)
            ]
        return (*published, *_core_versions().values())

    def _form(self, site: SiteRef, chosen: VersionInfo) -> Form:
        if chosen.published_at is None:
            return _core_form(chosen.key.removeprefix(f"{CORE}:"))
        with self._store.factory() as session:
            return load_form(session, site.id, chosen.form_id, chosen.version)

    def _beside(self, site: SiteRef, versions: tuple[VersionInfo, ...], chosen: VersionInfo) -> list[Form]:
        """Separate questionnaires of the same kind: the site's latest others, or the product's own."""
        own = [one for one in versions if (one.published_at is None) == (chosen.published_at is None)]
        latest: dict[str, VersionInfo] = {}
        for one in own:
            latest.setdefault(one.form_id, one)
        return [self._form(site, one) for one in latest.values() if one.form_id != chosen.form_id]


def _by_key(versions: tuple[VersionInfo, ...], key: str | None) -> VersionInfo:
    found = next((one for one in versions if key is None or one.key == key), None)
    if found is None:
        raise NotFoundError("form", key or "")
    return found


@cache
def _core_form(name: str) -> Form:
    return core_form(name)


@cache
def _core_versions() -> Mapping[str, VersionInfo]:
    found = {}
    for name in CORE_INSTRUMENTS:
        form = _core_form(name)
        languages = tuple(form.languages)
        key = f"{CORE}:{name}"
        found[name] = VersionInfo(
            form.form_id, form.version, form.title, len(form.questions), languages, None, "", (), key
        )
    return found
