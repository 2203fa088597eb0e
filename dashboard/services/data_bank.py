"""Rounds side by side, and extracts of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, SIGNED_IN, may, require
from data.workflows.bank_packages import (
    BankRound,
    ExportedRound,
    export_round,
    extract_protection,
    rounds_side_by_side,
)
from data.writers.datapackage import zip_bytes

if TYPE_CHECKING:
    from dashboard.services import Store

ADMINS = frozenset({"admin"})


@dataclass(frozen=True)
class Bank:
    """Rounds (the newest first), definitions of indicators by code, and what the reader may take away."""

    rounds: tuple[BankRound, ...]
    definitions: Mapping[str, Any]
    may_extract: bool
    may_take_all: bool


class DataBankService:
    """Signed-in people see what there is; officials take extracts, administrators sensitive and exact ones."""

    def __init__(self, store: Store):
        self._store = store

    def bank(self, user: Person, site: SiteRef) -> Bank:
        require(user, SIGNED_IN, site)
        with self._store.factory() as session:
            rounds, definitions = rounds_side_by_side(session, self._store.bank_folder, site.id)
        return Bank(tuple(rounds), definitions, may(user, PLANNERS, site), may(user, ADMINS, site))

    def protection(self, user: Person, site: SiteRef, code: str) -> Mapping[str, Any]:
        """What the extract for researchers of a round leaves out and changes."""
        require(user, PLANNERS, site, "take answers out of the data bank")
        with self._store.factory() as session:
            return extract_protection(session, self._store.bank_folder, site.id, code)

    def extract(
        self, user: Person, site: SiteRef, code: str, is_exact: bool = False, has_sensitive: bool = False
    ) -> tuple[ExportedRound, bytes]:
        """A package as a ZIP; every one stands in the audit trail."""
        require(user, ADMINS if is_exact or has_sensitive else PLANNERS, site, "take answers out of the data bank")
        store = self._store
        done = export_round(store.factory, store.bank_folder, site.slug, code, user.login, is_exact, has_sensitive)
        return done, zip_bytes(done.files)
