"""Budget files brought in by officials: uploaded, looked at, imported; and the records of what each import changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

from budget_model.errors import NotFoundError
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, SIGNED_IN, may, require
from data.readers.table import read_mapping
from data.store import budget_imports as store
from data.store.engine import transaction
from data.store.tables import BudgetImport, BudgetImportChange
from data.workflows.budget_wizard import (
    BudgetPreview,
    Wishes,
    file_bytes,
    finish_budget_import,
    has_reading,
    is_budget,
    is_large,
    keep_reading,
    preview_budget_import,
    start_budget_import,
    waiting_files,
)
from data.workflows.budgets import ImportedLines
from data.workflows.staging import Stage, Upload, abandon_stage, load_stage

if TYPE_CHECKING:
    from dashboard.services import Store

ACTION = "import budget files"
CHANGES_SHOWN = 1_000  # of a kind


@dataclass(frozen=True)
class MappingInfo:
    """A mapping that the site keeps for its tables."""

    name: str
    text: str
    saved_at: datetime
    saved_by: str


@dataclass(frozen=True)
class ImportDetail:
    """An import with its changes by kind, those of tagged lines first; `counts` by kind, over all of them."""

    record: BudgetImport
    changes: tuple[BudgetImportChange, ...]
    counts: Mapping[str, int]


class BudgetImportService:
    """An upload belongs to the person who made it; records are for everybody who works at the site."""

    def __init__(self, given: Store):
        self._store = given

    def may_import(self, user: Person, site: SiteRef) -> bool:
        return may(user, PLANNERS, site)

    def imports(self, user: Person, site: SiteRef) -> tuple[BudgetImport, ...]:
        """The newest imports first."""
        require(user, SIGNED_IN, site, "see budget imports")
        with self._store.factory() as session:
            return tuple(store.list_imports(session, site.id))

    def detail(self, user: Person, site: SiteRef, import_id: int) -> ImportDetail:
        """One import with at most `CHANGES_SHOWN` changes of each kind; NotFoundError for another site's."""
        require(user, SIGNED_IN, site, "see budget imports")
        with self._store.factory() as session:
            record = store.load_import(session, site.id, import_id)
            counts = store.count_changes(session, import_id)
            changes = [one for kind in counts for one in store.list_changes(session, import_id, kind, CHANGES_SHOWN)]
            return ImportDetail(record, tuple(changes), counts)

    def mappings(self, user: Person, site: SiteRef) -> tuple[MappingInfo, ...]:
        require(user, PLANNERS, site, ACTION)
        with self._store.factory() as session:
            return tuple(
                MappingInfo(one.name, one.text, one.saved_at, one.saved_by)
                for one in store.list_mappings(session, site.id)
            )

    def keep_mapping(self, user: Person, site: SiteRef, name: str, text: str) -> None:
        """Keep a mapping; InputError with every problem of its text."""
        require(user, PLANNERS, site, ACTION)
        read_mapping(text, name or "mapping")
        with transaction(self._store.factory) as session:
            store.save_mapping(session, site.id, name, text, user.login)

    def waiting(self, user: Person, site: SiteRef) -> list[Stage]:
        require(user, PLANNERS, site, ACTION)
        return waiting_files(self._store.bank_folder, site.slug, user.login)

    def start(self, user: Person, site: SiteRef, file: tuple[str, IO[bytes]], wishes: Wishes) -> Stage:
        """Keep an uploaded file for the preview."""
        require(user, PLANNERS, site, ACTION)
        return start_budget_import(self._store.bank_folder, site.slug, user.login, Upload(*file), wishes)

    def stage(self, user: Person, site: SiteRef, token: str) -> Stage:
        """An own upload of a budget file; NotFoundError for any other."""
        require(user, PLANNERS, site, ACTION)
        found = load_stage(self._store.bank_folder, site.slug, user.login, token)
        if not is_budget(found):
            raise NotFoundError("upload", token[:8])
        return found

    def waits_for_reading(self, user: Person, site: SiteRef, stage: Stage) -> bool:
        """Whether the file is one that is read in the background and was not read yet."""
        require(user, PLANNERS, site, ACTION)
        folder = self._store.bank_folder
        return is_large(folder, stage) and not has_reading(folder, stage)

    def is_long(self, user: Person, site: SiteRef, stage: Stage) -> bool:
        """Whether importing the file takes longer than a person should wait for a page."""
        require(user, PLANNERS, site, ACTION)
        return is_large(self._store.bank_folder, stage)

    def megabytes(self, user: Person, site: SiteRef, stage: Stage) -> float:
        """Size of the uploaded file in MB (2**20 bytes)."""
        require(user, PLANNERS, site, ACTION)
        return file_bytes(self._store.bank_folder, stage) / 2**20

    def preview(self, user: Person, site: SiteRef, stage: Stage) -> BudgetPreview:
        """The file beside what is stored, read now where it was not yet; InputError with every problem of the file."""
        require(user, PLANNERS, site, ACTION)
        return preview_budget_import(self._store.factory, self._store.bank_folder, stage)

    def finish(self, user: Person, site: SiteRef, stage: Stage, remove_gone: bool) -> ImportedLines:
        require(user, PLANNERS, site, ACTION)
        return finish_budget_import(self._store.factory, self._store.bank_folder, stage, user.login, remove_gone)

    def read_as_whole(self, user: Person, site: SiteRef, stage: Stage) -> None:
        """Read a file whose last line has no line end and is whole, as the person confirms; InputError as `preview`."""
        require(user, PLANNERS, site, ACTION)
        keep_reading(self._store.bank_folder, stage, last_line_is_whole=True)

    def abandon(self, user: Person, site: SiteRef, stage: Stage) -> None:
        require(user, PLANNERS, site, ACTION)
        abandon_stage(self._store.bank_folder, stage)


def change_amounts(change: BudgetImportChange, stage: str) -> tuple[Any, Any]:
    """Amount of a stage before and after, as text of an exact decimal; None where there was no line or no amount."""
    return (change.before or {}).get(stage), (change.after or {}).get(stage)
