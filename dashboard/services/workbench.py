"""The programme workbench: programmes as they stand, tried out, changed, and what was changed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from budget_model.coverage.calibrate import CalibratedModel, calibrate
from budget_model.coverage.curves import ResponseCurve, response_curve
from budget_model.coverage.portable import parse_model
from budget_model.coverage.scenario import InconsistentCell, inconsistent_cells
from budget_model.errors import InputError, NotFoundError, Problem
from dashboard.auth.person import Person
from dashboard.context import SiteRef
from dashboard.services.access import PLANNERS, require
from data.readers.atomica_book import is_program_book, read_program_book
from data.store.areas import list_areas
from data.store.indicators import list_indicators
from data.store.lines import list_lines
from data.store.programme_versions import list_versions
from data.store.rounds import latest_round
from data.store.sites import load_site
from data.store.tables import ProgrammeVersion
from data.workflows.atomica_programmes import edit_of_book
from data.workflows.models import build_model, latest_budget_year
from data.workflows.need_cells import NeedNames
from data.workflows.portable_programmes import is_portable, read_portable
from data.workflows.programme_checks import read_entry
from data.workflows.programme_edits import Edit, EditedProgramme, SavedEdit
from data.workflows.programme_files import (
    LARGEST_FILE,
    in_place,
    model_yaml,
    programmes_workbook,
    programmes_yaml,
    read_edit,
)
from data.workflows.programme_parts import Document, ProgrammeParts, document_of, parts_of_entry, stored_parts
from data.workflows.programmes import preview_edit, save_edit

if TYPE_CHECKING:
    from dashboard.services import Store

ACTION = "change programmes"
MOST_LINES = 3000  # more budget lines are not offered as a list; their codes can be typed all the same


@dataclass(frozen=True)
class EditableProgramme:
    """A programme as a document, the version it is, and its money of today (None: cannot be said)."""

    code: str
    version: int
    document: Document
    baseline: Decimal | None


@dataclass(frozen=True)
class HistoryEntry:
    """One change of one programme."""

    programme: str
    version: int
    action: str
    saved_at: datetime
    saved_by: str
    origin: str
    reason: str
    changes: tuple[Mapping[str, Any], ...]
    model_sha256: str | None


@dataclass(frozen=True)
class LineChoice:
    """A budget line that may feed a programme."""

    code: str
    label: str


@dataclass(frozen=True)
class Bench:
    """Everything the workbench shows. `problems`: why today's data give no model."""

    programmes: tuple[EditableProgramme, ...]
    needs: Mapping[str, Mapping[str, str]]  # indicator code -> label by language
    areas: Mapping[str, str]  # code -> name, of the areas that money is split over
    budget_year: int | None
    lines: tuple[LineChoice, ...]
    inconsistent: tuple[InconsistentCell, ...]
    history: tuple[HistoryEntry, ...]
    round_code: str | None
    problems: InputError | None = None

    def programme(self, code: str) -> EditableProgramme:
        """NotFoundError where there is none."""
        found = next((programme for programme in self.programmes if programme.code == code), None)
        if found is None:
            raise NotFoundError("programme", code)
        return found


@dataclass(frozen=True)
class FileAsked:
    """The edit that a file asks for, what it would change, and in how many cells its needs differ from the site's.

    notes : what an Atomica program book says and cannot be taken over
    """

    edit: Edit
    edited: tuple[EditedProgramme, ...]
    other_need_cells: int = 0
    notes: tuple[Problem, ...] = ()


class WorkbenchService:
    """Reads and changes programmes; each change is checked whole, stored whole, and told in the history."""

    def __init__(self, store: Store):
        self._store = store

    def bench(self, user: Person, site: SiteRef, code: str | None = None) -> Bench:
        """The workbench; with the history of one programme where a code is given."""
        require(user, PLANNERS, site, ACTION)
        with self._store.factory() as session:
            parts = stored_parts(session, site.id)
            calibrated, problems = _calibrated(session, site.id, parts)
            amounts = _amounts(calibrated)
            found = latest_round(session, site.id, has_needs=True)
            year = latest_budget_year(session, site.id)
            return Bench(
                programmes=tuple(
                    EditableProgramme(
                        part.programme.code,
                        part.programme.version,
                        document_of(part),
                        amounts.get(part.programme.code),
                    )
                    for part in parts
                ),
                needs=_need_names(session, site.id),
                areas=_areas(session, site.id),
                budget_year=year,
                lines=_lines(session, site.id, year),
                inconsistent=inconsistent_cells(calibrated) if calibrated else (),
                history=tuple(_history(version) for version in list_versions(session, site.id, code)),
                round_code=found.code if found else None,
                problems=problems,
            )

    def curve(self, user: Person, site: SiteRef, document: Mapping[str, Any], need: str) -> ResponseCurve:
        """The response of a need to the money of a programme as it is typed, which need not be stored.

        Raises
        ------
        InputError : the document is refused, or the site's data with it give no model.
        """
        require(user, PLANNERS, site, ACTION)
        code = str(document.get("code", ""))
        entry, problems = read_entry(document, code)
        if entry is None:
            raise InputError(problems)
        with self._store.factory() as session:
            tried = parts_of_entry(entry)
            parts = [tried if part.programme.code == code else part for part in stored_parts(session, site.id)]
            parts = parts if any(part is tried for part in parts) else [*parts, tried]
            calibrated, refusal = _calibrated(session, site.id, parts)
        if calibrated is None:
            raise refusal or InputError([])
        return response_curve(calibrated, code, need)

    def save(self, user: Person, site: SiteRef, edit: Edit) -> SavedEdit:
        """Store an edit, or none of it; InputError with every problem."""
        require(user, PLANNERS, site, ACTION)
        return save_edit(self._store.factory, site.slug, edit, user.login)

    def read_file(self, user: Person, site: SiteRef, content: bytes, name: str) -> FileAsked:
        """What a file asks for; InputError with every problem in its place. Nothing is stored."""
        require(user, PLANNERS, site, ACTION)
        text = content.decode("utf-8-sig", "replace") if name.lower().endswith((".yaml", ".yml")) else ""
        if len(content) <= LARGEST_FILE and is_portable(text):
            with self._store.factory() as session:
                found = read_portable(session, load_site(session, site.slug), text, name)
            return FileAsked(found.edit, self.preview(user, site, found.edit), found.other_need_cells)
        if name.lower().endswith(".xlsx") and len(content) <= LARGEST_FILE and is_program_book(content):
            book = read_program_book(content, name)
            with self._store.factory() as session:
                asked = edit_of_book(session, load_site(session, site.slug), book)
            return FileAsked(asked.edit, self.preview(user, site, asked.edit), notes=asked.notes)
        edit, read = read_edit(content, name)
        try:
            return FileAsked(edit, self.preview(user, site, edit))
        except InputError as refusal:
            raise in_place(refusal, read) from None

    def export(self, user: Person, site: SiteRef, kind: str, language: str) -> bytes:
        """`programmes.yaml`, `programmes.xlsx` or `model.yaml` of today."""
        require(user, PLANNERS, site, ACTION)
        with self._store.factory() as session:
            found = load_site(session, site.slug)
            if kind == "programmes.xlsx":
                return programmes_workbook(session, found, language)
            text = model_yaml(session, found) if kind == "model.yaml" else programmes_yaml(session, found)
        return text.encode()

    def preview(self, user: Person, site: SiteRef, edit: Edit) -> tuple[EditedProgramme, ...]:
        """What an edit would do; InputError with every problem. Nothing is stored."""
        require(user, PLANNERS, site, ACTION)
        with self._store.factory() as session:
            return preview_edit(session, load_site(session, site.slug), edit)


def _calibrated(
    session: Session, site_id: int, parts: Sequence[ProgrammeParts]
) -> tuple[CalibratedModel | None, InputError | None]:
    found = latest_round(session, site_id, has_needs=True)
    if found is None:
        return None, None
    try:
        return calibrate(parse_model(build_model(session, site_id, found.id, programmes=parts))), None
    except InputError as refusal:
        return None, refusal


def _amounts(calibrated: CalibratedModel | None) -> dict[str, Decimal]:
    if calibrated is None:
        return {}
    model = calibrated.model
    return {
        code: sum((Decimal(repr(float(amount))) for amount in model.baseline[row]), Decimal(0))
        for row, code in enumerate(model.programmes)
    }


def _need_names(session: Session, site_id: int) -> dict[str, Mapping[str, str]]:
    """What is lacking, by indicator code; of several versions the newest."""
    indicators = sorted(list_indicators(session, site_id), key=lambda indicator: indicator.version)
    return {indicator.code: NeedNames.of(indicator.definition).lacking for indicator in indicators}


def _areas(session: Session, site_id: int) -> dict[str, str]:
    areas = list_areas(session, site_id, 1) or list_areas(session, site_id, 0)
    return {area.code: area.name for area in areas}


def _lines(session: Session, site_id: int, year: int | None) -> tuple[LineChoice, ...]:
    found = list_lines(session, site_id, year) if year is not None else []
    if len(found) > MOST_LINES:
        return ()
    return tuple(LineChoice(line.code, " · ".join(line.labels.values())[:160]) for line in found)


def _history(version: ProgrammeVersion) -> HistoryEntry:
    return HistoryEntry(
        version.programme_code,
        version.version,
        version.action,
        version.saved_at,
        version.saved_by,
        version.origin,
        version.reason,
        tuple(version.changes),
        version.model_sha256,
    )
