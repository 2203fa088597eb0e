"""What a site knows of the users of its programmes: taken in from files, checked whole, stored whole, on record.

`users`: a table of users by sex and fifth. `questions`: the questions file (which answers tell the users, fees, hours
of unpaid work spared, what an hour is worth).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import CatalogueError, InputError, Problem
from budget_model.spelling import did_you_mean
from data.readers.incidence_questions import IncidenceQuestions, parse_questions
from data.readers.incidence_users import SEXES, ProgrammeUsers, read_users
from data.store.engine import transaction
from data.store.incidence_inputs import QUESTIONS, USERS, add_input, latest_input
from data.store.programmes import list_programmes
from data.store.rounds import latest_round
from data.store.sites import load_site
from data.store.tables import IncidenceInput
from data.workflows.incidence_people import check_conditions
from data.workflows.indicators import load_answers

TABLES, TEXTS = (".csv", ".xlsx"), (".yaml", ".yml")
LARGEST_FILE = 5 * 2**20  # bytes


@dataclass(frozen=True)
class StoredInputs:
    """What counts at present; None where nothing was brought in."""

    users: Mapping[str, ProgrammeUsers]
    questions: IncidenceQuestions | None


def import_input(
    factory: sessionmaker[Session], site_slug: str, name: str, content: bytes, actor: str, bank_folder: Path
) -> str:
    """Take in a file, by its ending: a table of users (.csv, .xlsx) or questions (.yaml). Gives its kind.

    Conditions of questions are held against the newest round that has needs and answers.

    Raises
    ------
    InputError : every problem of the file in its place; nothing is then stored. NotFoundError : no such site.
    """
    kind, document = _read(name, content)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        _check_codes(session, site.id, kind, document, name)
        if kind == QUESTIONS:
            _check_answers(session, bank_folder, site.id, document, name)
        add_input(session, site.id, kind, document, actor, name, hashlib.sha256(content).hexdigest())
    return kind


def withdraw_input(factory: sessionmaker[Session], site_slug: str, kind: str, actor: str) -> None:
    """Stop using what was brought in of a kind; it stays in the history."""
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        if latest_input(session, site.id, kind) is None:
            message = "There is nothing of this kind to withdraw."
            raise InputError(Problem("input-nothing", message, value=kind))
        add_input(session, site.id, kind, {}, actor, "", "")


def stored_inputs(session: Session, site_id: int) -> StoredInputs:
    """What counts at present, for programmes that the site still has."""
    known = {programme.code for programme in list_programmes(session, site_id)}
    users, questions = (latest_input(session, site_id, kind) for kind in (USERS, QUESTIONS))
    return StoredInputs(
        {} if users is None else {code: one for code, one in _users(users).items() if code in known},
        None if questions is None else _questions(questions, known),
    )


def gone_programmes(session: Session, site_id: int) -> list[str]:
    """Codes that stored files name and the site no longer has; they are left out of what counts."""
    known = {programme.code for programme in list_programmes(session, site_id)}
    rows = [latest_input(session, site_id, kind) for kind in (USERS, QUESTIONS)]
    named = {code for row in rows if row is not None for code in row.document.get("programmes", {})}
    return sorted(named - known)


def _users(row: IncidenceInput) -> dict[str, ProgrammeUsers]:
    return {
        code: ProgrammeUsers(
            (tuple(entry["users"][SEXES[0]]), tuple(entry["users"][SEXES[1]])), entry["source"], entry["line"]
        )
        for code, entry in row.document["programmes"].items()
    }


def _questions(row: IncidenceInput, known: set[str]) -> IncidenceQuestions:
    document = dict(row.document)
    document["programmes"] = {code: use for code, use in document.get("programmes", {}).items() if code in known}
    return IncidenceQuestions.model_validate(document)


def _check_answers(session: Session, bank_folder: Path, site_id: int, document: Mapping[str, Any], name: str) -> None:
    """The columns and conditions of the questions are the round's; without answers there is nothing to hold against."""
    survey_round = latest_round(session, site_id, has_needs=True)
    if survey_round is None or not survey_round.bank_path:
        return
    columns = load_answers(session, bank_folder, survey_round).persons.columns
    questions = IncidenceQuestions.model_validate(document)
    if questions.income is not None and questions.income.column not in columns:
        column = questions.income.column
        message = f"Round '{survey_round.code}' has no column '{column}'.{did_you_mean(column, columns)}"
        facts = {"round": survey_round.code, "column": column}
        raise InputError(Problem("income_missing", message, file=name, value=column, facts=facts))
    check_conditions(questions, columns, name)


# ---- reading ---------------------------------------------------------------------------------------------------------


def _read(name: str, content: bytes) -> tuple[str, dict[str, Any]]:
    suffix = Path(name).suffix.lower()
    if suffix not in (*TABLES, *TEXTS):
        message = f"'{name}' is neither a table (.csv, .xlsx) nor a questions file (.yaml). Choose another file."
        raise InputError(Problem("input-kind", message, file=name, facts={"value": name[:80]}))
    if len(content) > LARGEST_FILE:
        message = f"The file has {len(content) / 2**20:,.1f} MB; at most {LARGEST_FILE // 2**20} MB are read."
        raise InputError(Problem("input-large", message, file=name, facts={"most": LARGEST_FILE // 2**20}))
    if suffix in TEXTS:
        questions = parse_questions(_text(name, content), name)
        return QUESTIONS, questions.model_dump(mode="json", exclude_none=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"table{suffix}"
        file.write_bytes(content)
        users = _placed(lambda: read_users(file, name), name)
    return USERS, {"programmes": {code: _entry(one) for code, one in users.items()}}


def _placed(read: Any, name: str) -> dict[str, ProgrammeUsers]:
    """What is read; problems of the file itself name it as its owner does."""
    try:
        found: dict[str, ProgrammeUsers] = read()
    except InputError as refusal:
        raise InputError([_named(problem, name) for problem in refusal.problems]) from None
    return found


def _named(problem: Problem, name: str) -> Problem:
    return replace(problem, file=name)


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "The file is not UTF-8 from this line on. Save it again with the encoding UTF-8."
        raise InputError(Problem("encoding_wrong", message, file=name, line=line)) from None


def _entry(one: ProgrammeUsers) -> dict[str, Any]:
    users = {sex: list(values) for sex, values in zip(SEXES, one.users, strict=True)}
    return {"users": users, "source": one.source, "line": one.line}


def _check_codes(session: Session, site_id: int, kind: str, document: Mapping[str, Any], name: str) -> None:
    """Every programme that the file names is the site's."""
    codes = [programme.code for programme in list_programmes(session, site_id)]
    problems = [
        Problem(
            "programme_unknown",
            f"The site has no programme '{code}'.{did_you_mean(code, codes)}",
            file=name,
            line=entry.get("line"),
            value=code,
            facts={"programme": code},
        )
        for code, entry in document.get("programmes", {}).items()
        if code not in codes
    ]
    if problems:
        raise InputError(problems) if kind == USERS else CatalogueError(problems)
