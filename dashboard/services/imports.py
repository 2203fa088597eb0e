"""Bringing a survey round in, step by step, for those who collect: uploaded, checked, mapped, looked at, imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from budget_model.errors import Problem
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import require
from data.workflows.budget_wizard import is_budget
from data.workflows.import_found import Found, look_into
from data.workflows.import_preview import Preview, preview_import
from data.workflows.import_wizard import MappingQuestion, ask_mapping, finish_import, keep_draft, start_import
from data.workflows.mapping_guess import Draft, RoundFacts
from data.workflows.round_spec import StoredRound
from data.workflows.staging import Stage, Upload, abandon_stage, find_stages, load_stage
from data.workflows.wizard_mapping import keep_refusal, take_mapping

if TYPE_CHECKING:
    from dashboard.services import Store

IMPORTERS = frozenset({"surveyor", "admin"})
ACTION = "import a survey round"


class ImportService:
    """Every method asks for the role at the very site; an upload belongs to the person who made it, and to nobody
    else."""

    def __init__(self, store: Store):
        self._store = store

    def waiting(self, user: Person, site: SiteRef) -> list[Stage]:
        """Uploads of this person that wait for the next step."""
        require(user, IMPORTERS, site, ACTION)
        found = find_stages(self._store.bank_folder, site.slug, user.login)
        return [stage for stage in found if not is_budget(stage)]

    def start(
        self,
        user: Person,
        site: SiteRef,
        round_code: str,
        form: tuple[str, IO[bytes]] | None,
        data: Sequence[tuple[str, IO[bytes]]],
        facts: Mapping[str, Any],
    ) -> Stage:
        """Keep the files of a round to come."""
        require(user, IMPORTERS, site, ACTION)
        store = self._store
        uploads = [Upload(*one) for one in data]
        own_form = Upload(*form) if form else None
        return start_import(
            store.factory, store.bank_folder, site.slug, round_code, user.login, own_form, uploads, facts
        )

    def stage(self, user: Person, site: SiteRef, token: str) -> Stage:
        """An own upload; NotFoundError for any other."""
        require(user, IMPORTERS, site, ACTION)
        return load_stage(self._store.bank_folder, site.slug, user.login, token)

    def found(self, user: Person, site: SiteRef, stage: Stage) -> Found:
        """What the files hold."""
        require(user, IMPORTERS, site, ACTION)
        return look_into(self._store.bank_folder, stage)

    def question(self, user: Person, site: SiteRef, stage: Stage, found: Found, language: str) -> MappingQuestion:
        """What the mapping step asks, filled in with what is known or guessed."""
        require(user, IMPORTERS, site, ACTION)
        with self._store.factory() as session:
            return ask_mapping(session, site.id, stage, found, language)

    def answer(
        self,
        user: Person,
        site: SiteRef,
        stage: Stage,
        found: Found,
        draft: Draft,
        facts: RoundFacts,
        wrong: Sequence[Problem] = (),
    ) -> Stage:
        """Keep the answers of the mapping step with the upload; `wrong`: what of them could not be read."""
        require(user, IMPORTERS, site, ACTION)
        return keep_draft(self._store.factory, self._store.bank_folder, stage, found, draft, facts, wrong)

    def take_mapping(
        self, user: Person, site: SiteRef, stage: Stage, found: Found, file: tuple[str, IO[bytes]]
    ) -> Stage:
        """A mapping file in place of the answers of the mapping step; InputError with every problem and its line."""
        require(user, IMPORTERS, site, ACTION)
        return take_mapping(self._store.bank_folder, stage, found, Upload(*file))

    def keep_refusal(self, user: Person, site: SiteRef, stage: Stage, sentences: list[str]) -> Stage:
        """Why a mapping file was refused, for the page that is shown next."""
        require(user, IMPORTERS, site, ACTION)
        return keep_refusal(self._store.bank_folder, stage, sentences)

    def preview(self, user: Person, site: SiteRef, stage: Stage, found: Found) -> Preview:
        """What the round would hold; nothing is stored."""
        require(user, IMPORTERS, site, ACTION)
        return preview_import(stage, found)

    def finish(self, user: Person, site: SiteRef, stage: Stage) -> StoredRound:
        """Store the round as a draft."""
        require(user, IMPORTERS, site, ACTION)
        return finish_import(self._store.factory, self._store.bank_folder, stage, user.login)

    def abandon(self, user: Person, site: SiteRef, stage: Stage) -> None:
        """Remove the files."""
        require(user, IMPORTERS, site, ACTION)
        abandon_stage(self._store.bank_folder, stage)
