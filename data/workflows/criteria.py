"""Marks of proposals by the criteria that a process announced: all that is sent is stored, or nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.criteria import Criterion, criterion_from
from budget_model.assembly.proposals import AMOUNT
from budget_model.errors import InputError, Problem
from data.store import assembly as store
from data.store import audit
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import AssemblyMark, AssemblyProcess

COLUMNS = ("code", "criterion", "points")
MOST_ROWS = 50_000


@dataclass(frozen=True)
class Mark:
    """Points as somebody wrote them; empty takes those away that are there. `line` of a file, else None."""

    code: str
    criterion: str
    points: str
    line: int | None = None


def criteria_of(process: AssemblyProcess) -> tuple[Criterion, ...]:
    return tuple(criterion_from(one) for one in process.criteria or [])


def marks_of(session: Session, process_id: int) -> dict[str, dict[str, Fraction]]:
    """Proposal -> criterion -> points."""
    found: dict[str, dict[str, Fraction]] = {}
    for row in session.scalars(select(AssemblyMark).where(AssemblyMark.process_id == process_id)):
        found.setdefault(row.proposal_code, {})[row.criterion] = Fraction(row.points)
    return found


def read_marks(text: str, file: str) -> list[Mark]:
    """Marks of a CSV file with COLUMNS; InputError where a column is missing or the file is too long."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        message = f"The file lacks the column {missing[0]}. It needs {', '.join(COLUMNS)}, separated by commas."
        raise InputError(Problem("marks-columns", message, file=file, line=1, column=missing[0]))
    made = [Mark(*((row[name] or "").strip() for name in COLUMNS), line=rows.line_num) for row in rows]
    if len(made) > MOST_ROWS:
        raise InputError(Problem("marks-long", f"The file has more than {MOST_ROWS:,} rows.", file=file))
    return made


def save_marks(
    factory: sessionmaker[Session],
    site_slug: str,
    year: int,
    marks: Iterable[Mark],
    actor: str,
    file: str | None = None,
) -> int:
    """Store marks; gives how many changed. Raises InputError with every problem, NotFoundError: no such year."""
    given = list(marks)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process = store.load_process(session, site.id, year)
        store.lock_process(session, process.id)
        criteria = {one.code: one for one in criteria_of(process)}
        codes = {row.code for row in store.list_proposals(session, process.id)}
        problems = [problem for mark in given for problem in _problems(mark, criteria, codes, file)]
        twice = {(mark.code, mark.criterion) for mark in given}
        if len(twice) < len(given):
            problems.append(Problem("marks-twice", "A proposal has points twice for the same criterion.", file=file))
        if problems:
            raise InputError(problems)
        changes = [change for mark in given if (change := _store(session, process.id, mark, actor))]
        if changes:
            audit.record(session, actor, "assembly.marks.save", str(year), site.id, {"changes": changes})
    return len(changes)


def _problems(mark: Mark, criteria: Mapping[str, Criterion], codes: set[str], file: str | None) -> Iterable[Problem]:
    place = {"file": file, "line": mark.line}
    if mark.code not in codes:
        message = f"There is no proposal '{mark.code[:40]}' in this year."
        yield Problem("marks-proposal", message, column="code", value=mark.code[:40], **place)
    if mark.criterion not in criteria:
        known = ", ".join(criteria) or "none: announce them in the process"
        message = f"There is no criterion '{mark.criterion[:40]}'. There are: {known}."
        yield Problem("marks-criterion", message, column="criterion", value=mark.criterion[:40], **place)
        return
    most = criteria[mark.criterion].most
    is_number = not mark.points or AMOUNT.fullmatch(mark.points)
    if not is_number or (mark.points and Fraction(mark.points) > most):
        message = (
            f"'{mark.points[:20]}' is no number of points for '{mark.criterion}'. Write a number from 0 to "
            f"{float(most):g} with a decimal point, or leave it empty."
        )
        facts = {"criterion": mark.criterion, "most": f"{float(most):g}", "value": mark.points[:20]}
        yield Problem("marks-points", message, column="points", value=mark.points[:20], facts=facts, **place)


def _store(session: Session, process_id: int, mark: Mark, actor: str) -> dict[str, str | None] | None:
    """What changed; None where nothing did."""
    query = select(AssemblyMark).where(
        AssemblyMark.process_id == process_id,
        AssemblyMark.proposal_code == mark.code,
        AssemblyMark.criterion == mark.criterion,
    )
    row = session.scalar(query)
    before, after = (row.points if row else None), (str(Fraction(mark.points)) if mark.points else None)
    if before == after:
        return None
    if row is None:
        row = AssemblyMark(process_id=process_id, proposal_code=mark.code, criterion=mark.criterion)
        session.add(row)
    if after is None:
        session.delete(row)
    else:
        row.points, row.saved_at, row.saved_by = after, datetime.now(UTC), actor
    session.flush()
    return {"code": mark.code, "criterion": mark.criterion, "from": before, "to": after}
