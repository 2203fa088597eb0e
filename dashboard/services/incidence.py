"""Who benefits from a site's spending, and what officials bring in about the users of its programmes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, require
from dashboard.services.findings import RoundInfo
from dashboard.services.needs import round_info
from data.readers.incidence_users import ProgrammeUsers
from data.store.incidence_inputs import list_inputs
from data.store.lines import list_years
from data.store.programmes import list_programmes
from data.store.rounds import list_rounds, load_round
from data.workflows.incidence import STAGES, divide, gather_basis
from data.workflows.incidence_document import incidence_document_of
from data.workflows.incidence_inputs import gone_programmes, import_input, stored_inputs, withdraw_input

if TYPE_CHECKING:
    from dashboard.services import Store

ACTION = "see who benefits from spending"
FIRST_STAGE = "pim"
MOST_KEPT = 20  # documents of some ten kilobytes


@dataclass(frozen=True)
class IncidenceFound:
    """The figures of a round, a budget year and a stage (`incidence run --json`), and the round they rest on."""

    document: Mapping[str, Any]
    survey_round: RoundInfo


@dataclass(frozen=True)
class IncidenceChoices:
    """What there is to choose from, the newest first."""

    rounds: tuple[str, ...]
    years: tuple[int, ...]
    stages: tuple[str, ...] = STAGES


@dataclass(frozen=True)
class InputInfo:
    """A file that was brought in, or a withdrawal (no file name)."""

    kind: str
    file_name: str
    saved_at: datetime
    saved_by: str
    programmes: int


@dataclass(frozen=True)
class InputsInfo:
    """The history, what counts now, and programmes that files name and the site no longer has."""

    history: tuple[InputInfo, ...]
    users: Mapping[str, ProgrammeUsers]
    has_questions: bool
    gone: tuple[str, ...]


class _KeptDocuments:
    """The last figures of this process, each under the hash of all that it rests on."""

    def __init__(self, most: int = MOST_KEPT):
        self._most, self._documents, self._lock = most, OrderedDict[str, dict[str, Any]](), Lock()

    def find(self, sha256: str) -> dict[str, Any] | None:
        with self._lock:
            if sha256 in self._documents:
                self._documents.move_to_end(sha256)
            return self._documents.get(sha256)

    def keep(self, sha256: str, document: dict[str, Any]) -> None:
        with self._lock:
            self._documents[sha256] = document
            while len(self._documents) > self._most:
                self._documents.popitem(last=False)


class IncidenceService:
    """For people who plan the budget: programmes with few users would show single households."""

    def __init__(self, store: Store):
        self._store, self._kept = store, _KeptDocuments()

    def run(
        self, user: Person, site: SiteRef, round_code: str | None = None, year: int | None = None, stage: str = ""
    ) -> IncidenceFound:
        """Divide the money among the people.

        Raises
        ------
        InputError : why it cannot be divided, every reason at once. NotFoundError : no such round.
        """
        require(user, PLANNERS, site, ACTION)
        with self._store.factory() as session:
            stored = stored_inputs(session, site.id)
            basis = gather_basis(
                session,
                self._store.bank_folder,
                site.slug,
                round_code,
                year,
                stage or FIRST_STAGE,
                stored.questions,
                "questions",
                stored.users,
            )
            info = round_info(load_round(session, site.id, basis.survey_round.code))
            document = self._kept.find(basis.sha256)
            if document is None:
                document = incidence_document_of(divide(session, self._store.bank_folder, basis))
                self._kept.keep(basis.sha256, document)
        return IncidenceFound(deepcopy(document), info)

    def choices(self, user: Person, site: SiteRef) -> IncidenceChoices:
        require(user, PLANNERS, site, ACTION)
        with self._store.factory() as session:
            rounds = tuple(one.code for one in list_rounds(session, site.id) if one.bank_path)
            return IncidenceChoices(rounds, tuple(sorted(list_years(session, site.id), reverse=True)))

    def inputs(self, user: Person, site: SiteRef) -> InputsInfo:
        require(user, PLANNERS, site, ACTION)
        with self._store.factory() as session:
            stored = stored_inputs(session, site.id)
            return InputsInfo(
                history=_history(session, site.id),
                users=stored.users,
                has_questions=stored.questions is not None,
                gone=tuple(gone_programmes(session, site.id)),
            )

    def programmes(self, user: Person, site: SiteRef) -> Mapping[str, Mapping[str, str]]:
        """Code -> names, for a table to fill in."""
        require(user, PLANNERS, site, ACTION)
        with self._store.factory() as session:
            return {programme.code: programme.name for programme in list_programmes(session, site.id)}

    def take_in(self, user: Person, site: SiteRef, name: str, content: bytes) -> str:
        """Keep a file; gives its kind. InputError with every problem in its place; nothing is then stored."""
        require(user, PLANNERS, site, "bring in users of programmes")
        return import_input(self._store.factory, site.slug, name, content, user.login, self._store.bank_folder)

    def withdraw(self, user: Person, site: SiteRef, kind: str) -> None:
        """Stop using what was brought in of a kind. InputError where there is nothing."""
        require(user, PLANNERS, site, "withdraw users of programmes")
        withdraw_input(self._store.factory, site.slug, kind, user.login)


def _history(session: Session, site_id: int) -> tuple[InputInfo, ...]:
    return tuple(
        InputInfo(row.kind, row.file_name, row.saved_at, row.saved_by, len(row.document.get("programmes", {})))
        for row in list_inputs(session, site_id)
    )
