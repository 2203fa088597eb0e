"""Questionnaires: checked with their exports, published by a site as versions, read back for pages and imports."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from budget_model.survey.catalogue import parse_catalogue
from budget_model.survey.form_checks import check_form, why_no_members
from budget_model.survey.questions import Form, IndicatorNeeds, Question, indicator_needs, words_of
from data.readers.files import read_text
from data.readers.kobo import Export, read_export
from data.readers.kobo_json import holds_submissions
from data.readers.xlsform import ReadForm, form_of, read_form, read_form_bytes
from data.readers.xlsform_merge import append_module
from data.readers.xlsform_sheets import FormSheets, header_row, read_sheets
from data.settings import PROJECT
from data.store import audit
from data.store.engine import transaction
from data.store.forms import find_version, load_version, save_version
from data.store.forms import list_versions as stored_versions
from data.store.sites import load_site
from data.store.tables import FormVersion
from data.workflows.form_answers import check_answers
from data.writers.xlsform import form_workbook_bytes

INSTRUMENTS = PROJECT / "data" / "instruments"
CORE_INSTRUMENTS = ("cbms_grb", "cbms_grb_violence")
# Columns of the catalogue that no question asks: they come with the round (lines of the statistics office).
GIVEN_COLUMNS = ("poverty_line", "food_line")
_NAMES = """
    name names nombre nombres apellido apellidos surname nom prenom firstname lastname fullname contact
    address adresse direccion domicilio
"""
_NUMBERS = "phone telephone telefono celular msisdn dni passport pasaporte email correo"
NUMBERS = frozenset(_NUMBERS.split())
NAMES = frozenset(_NAMES.split()) | NUMBERS
NAMING_KINDS = ("geopoint", "geotrace", "geoshape", "image", "audio", "video", "phone", "file")


@dataclass(frozen=True)
class FormCheck:
    """What a check found. `form` is None where the file is no form, `export` where no answers came in."""

    form: Form | None
    problems: tuple[Problem, ...]
    export: Export | None = None
    indicators: tuple[IndicatorNeeds, ...] = ()

    @property
    def is_refused(self) -> bool:
        return any(problem.level == "error" for problem in self.problems)


def check_files(
    form_file: Path,
    data_files: Sequence[Path] = (),
    catalogue: Path | None = None,
    other_forms: Sequence[Path] = (),
) -> FormCheck:
    """Check a form, the answers that go with it, and which indicators it carries.

    With answers the form is judged as the key to them: what would only hinder a new publication is then a warning.
    data_files : none, where the form's own file brings its submissions along (JSON of formpack)
    other_forms : separate modules that are asked beside it, for the indicators
    """
    try:
        read = read_form(form_file)
        others = [read_form(path).form for path in other_forms]
    except InputError as refused:
        return FormCheck(None, refused.problems)
    problems = form_problems(read)
    export = None
    data_files = answer_files(form_file, data_files)
    if data_files:
        problems = tuple(replace(problem, level="warning") for problem in problems)
        export, found = _answers(read.form, data_files)
        problems = (*problems, *found)
    needs: tuple[IndicatorNeeds, ...] = ()
    if catalogue is not None:
        try:
            definitions = parse_catalogue(read_text(catalogue), catalogue.name)
            needs = indicator_needs([read.form, *others], definitions, GIVEN_COLUMNS)
        except InputError as refused:
            problems = (*problems, *refused.problems)
    return FormCheck(read.form, problems, export, needs)


def answer_files(form_file: Path, data_files: Sequence[Path]) -> Sequence[Path]:
    """The files of the answers: those that were given; else the form's own, where it holds them too."""
    return data_files or ((form_file,) if holds_submissions(form_file) else ())


def _answers(form: Form, files: Sequence[Path]) -> tuple[Export | None, tuple[Problem, ...]]:
    try:
        export = read_export(form, files)
    except InputError as refused:
        return None, refused.problems
    return export, (*export.problems, *check_answers(export))


def form_problems(read: ReadForm) -> tuple[Problem, ...]:
    """Everything that is wrong with a form: its sheets, its rows, and questions that identify people."""
    return (*read.problems, *check_form(read.form), *identifying_questions(read.form))


def identifying_questions(form: Form) -> Iterator[Problem]:
    """Questions that ask for names, addresses, numbers or pictures of people."""
    for question in form.questions:
        if _identifies(question):
            message = (
                f"'{question.name}' ({question.label(form.default_language)[:60]}) may identify people. Leave it out "
                "unless it is indispensable; its answers never enter the data bank."
            )
            yield Problem(
                "identifies_people",
                message,
                level="warning",
                file=form.file,
                sheet="survey",
                line=question.line,
                column="name",
                value=question.name,
            )


def _identifies(question: Question) -> bool:
    """By kind; by the words of the name; for free text by those of the labels too (French `nombre` is a number)."""
    if question.kind in NAMING_KINDS:
        return True
    if question.kind == "integer":
        return bool(words_of(question.name) & NUMBERS)
    if question.kind not in ("text", "barcode"):
        return False
    labels = [
        words_of(re.sub(r"\$\{[^}]*\}", "", text)) - ({"nombre"} if language.lower().startswith("fr") else set())
        for language, text in question.labels.items()
    ]
    return any(words & NAMES for words in (words_of(question.name), *labels))


# --- publishing ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Published:
    """A stored version, and what the team should know of it."""

    form_id: str
    version: str
    title: str
    sha256: str
    question_count: int
    is_new: bool
    warnings: tuple[Problem, ...]


def publish_form(
    factory: sessionmaker[Session],
    site_slug: str,
    form_file: Path,
    actor: str,
    modules: Sequence[Path] = (),
    version: str | None = None,
    is_of_persons: bool = False,
) -> Published:
    """Store a version of a questionnaire, with local modules appended, as the workbook that goes to the tablets.

    version : instead of the one in the settings sheet; with modules and without a version, the form's own gets the
        modules' fingerprint behind it
    is_of_persons : each submission is one person (as in the violence module), so no repeat of members is needed

    Raises InputError with every error of the form and its modules; a version that is stored with another content is
    refused, the same content again changes nothing.
    """
    sheets = read_sheets(form_file)
    for module in modules:
        sheets = append_module(sheets, read_sheets(module))
    marks = [_fingerprint(read_sheets(module)) for module in modules]
    sheets = _with_version(sheets, _version_for(form_of(sheets).form, version, marks))
    content = form_workbook_bytes(sheets.sheets)
    read = read_form_bytes(content, f"{form_file.stem}.xlsx")
    read = ReadForm(replace(read.form, file=form_file.name), read.problems)
    problems = form_problems(form_of(sheets))
    errors = [*(p for p in problems if p.level == "error"), *_unfit(read.form, is_of_persons)]
    if errors:
        raise InputError(errors)
    warnings = tuple(p for p in problems if p.rule != "members_missing")
    modules_kept = [{"file": path.name, "sha256": mark} for path, mark in zip(modules, marks, strict=True)]
    return _store(factory, site_slug, read.form, content, actor, modules_kept, warnings)


def _fingerprint(sheets: FormSheets) -> str:
    return hashlib.sha256(form_workbook_bytes(sheets.sheets)).hexdigest()


def _version_for(form: Form, stated: str | None, marks: Sequence[str]) -> str:
    if stated:
        return stated
    return "-".join([form.version, *(mark[:6] for mark in marks)]) if form.version else ""


def _with_version(sheets: FormSheets, version: str) -> FormSheets:
    """The sheets with this version in the settings."""
    if not version:
        return sheets
    found = header_row(sheets, "settings")
    if found is None:
        return replace(sheets, sheets={**sheets.sheets, "settings": [["version"], [version]]})
    start, headers = found
    rows = [list(row) for row in sheets.sheets["settings"]]
    names = [header.name for header in headers]
    if "version" not in names:
        names.append("version")
        rows[start].append("version")
    first = next((index for index in range(start + 1, len(rows)) if any(rows[index])), None)
    if first is None:
        rows.append([])
        first = len(rows) - 1
    rows[first] += [""] * (len(rows[start]) - len(rows[first]))
    rows[first][names.index("version")] = version
    return replace(sheets, sheets={**sheets.sheets, "settings": rows})


def _unfit(form: Form, is_of_persons: bool) -> Iterator[Problem]:
    """What a form may lack while it is written, and not when it goes to the field."""
    if form.members is None and not is_of_persons:
        message = (
            f"{why_no_members(form)}, so that nothing can be said of women and men. Add a repeat "
            "'members', or say that each submission is one person (--persons)."
        )
        yield Problem("members_missing", message, file=form.file, sheet="survey", column="type")
    if not form.version:
        message = "The form states no version. Write one in the settings sheet, or give --version."
        yield Problem("version_missing", message, file=form.file, sheet="settings", column="version")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,80}", form.form_id):
        message = f"'{form.form_id}' is no id of a form. Use letters, digits, - _ and . in settings, form_id."
        yield Problem(
            "form_id_invalid", message, file=form.file, sheet="settings", column="form_id", value=form.form_id
        )


def _store(
    factory: sessionmaker[Session],
    site_slug: str,
    form: Form,
    content: bytes,
    actor: str,
    modules: list[dict[str, str]],
    warnings: tuple[Problem, ...],
) -> Published:
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        there = find_version(session, site.id, form.form_id, form.version)
        if there is not None and there.sha256 != sha256:
            message = (
                f"Version {form.version} of '{form.form_id}' is stored with another content (published "
                f"{there.published_at:%Y-%m-%d}). Give the changed form a new version."
            )
            raise InputError(Problem("version_exists", message, file=form.file, sheet="settings", column="version"))
        if there is None:
            row = FormVersion(
                site_id=site.id,
                form_id=form.form_id,
                version=form.version,
                title=(form.title or form.form_id)[:200],
                languages=list(form.languages),
                question_count=len(form.questions),
                modules=modules,
                sha256=sha256,
                content=content,
                published_at=datetime.now(UTC),
                published_by=actor,
            )
            save_version(session, row)
            detail = {"version": form.version, "sha256": sha256, "modules": modules}
            audit.record(session, actor, "form.publish", f"form {form.form_id}", site.id, detail)
    title = form.title or form.form_id
    return Published(form.form_id, form.version, title, sha256, len(form.questions), there is None, warnings)


# --- for pages and imports -----------------------------------------------------------------------------------------


def list_versions(session: Session, site_id: int) -> list[FormVersion]:
    """Versions of all questionnaires of a site, the latest first (without their workbooks)."""
    return stored_versions(session, site_id)


def load_form(session: Session, site_id: int, form_id: str, version: str | None = None) -> Form:
    """A stored questionnaire, the latest version unless one is named; NotFoundError where there is none."""
    row = load_version(session, site_id, form_id, version)
    return read_form_bytes(row.content, f"{row.form_id}.xlsx").form


def form_xlsx_bytes(session: Session, site_id: int, form_id: str, version: str | None = None) -> bytes:
    """The workbook of a stored version, as it was published."""
    return load_version(session, site_id, form_id, version).content


def core_form(name: str) -> Form:
    """A questionnaire that comes with the product: one of CORE_INSTRUMENTS."""
    return read_form(INSTRUMENTS / name).form


def core_form_bytes(name: str) -> bytes:
    """The same as a workbook for the tablets."""
    return form_workbook_bytes(read_sheets(INSTRUMENTS / name).sheets)
