"""Ballots counted by hand: so many women and men chose this. Read, checked, compared with a second count."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from budget_model.assembly.ballot_forms import POINTS, RANKING, BallotForm, content_of
from budget_model.errors import Problem

GROUPS = ("female", "male", "other")  # other: another, or not told
SEX_OF = {"female": "F", "male": "M", "other": ""}  # as ballots carry it
MOST_PERSONS = 20_000  # of a tally
LONGEST_TEXT = 4_000_000  # signs: beyond every count that can be entered
SEPARATORS = re.compile(r"[\s,]+")


@dataclass(frozen=True)
class TallyRow:
    """So many people whose ballots say the same. `vote` and `points` as a `.pb` file writes them."""

    vote: str
    points: str
    female: int
    male: int
    other: int


def parse_tally(text: str, form: BallotForm) -> tuple[tuple[TallyRow, ...], list[Problem]]:
    """Rows from lines `choices; women; men; others`, or every problem with its line.

    Choices are codes with spaces between them: in order for a ranking, `A:3` for points.
    """
    if len(text) > LONGEST_TEXT:
        message = (
            f"The count has {len(text):,} signs, and {LONGEST_TEXT:,} are taken. Enter it in parts, table by table."
        )
        return (), [Problem("tally-long", message, facts={"signs": len(text), "most": LONGEST_TEXT})]
    rows: dict[tuple[str, str], TallyRow] = {}
    problems: list[Problem] = []
    for line, content in enumerate(text.splitlines(), 1):
        if not content.strip():
            continue
        row, wrong = _row(content, form, line)
        problems += wrong
        if row is None:
            continue
        if (row.vote, row.points) in rows:
            message = f"Line {line}: the choices {row.vote} stand in an earlier line already. Add the two up."
            problems.append(Problem("tally-twice", message, line=line, facts={"line": line}))
        rows[row.vote, row.points] = row
    persons = sum(_persons(row) for row in rows.values())
    if not problems and not 1 <= persons <= MOST_PERSONS:
        message = f"A tally counts 1 to {MOST_PERSONS:,} people; here are {persons:,}."
        problems.append(Problem("tally-persons", message, facts={"persons": persons, "most": MOST_PERSONS}))
    return tuple(sorted(rows.values(), key=lambda row: (row.vote, row.points))), problems


def differences(first: Sequence[TallyRow], second: Sequence[TallyRow]) -> list[tuple[str, str, int, int]]:
    """What two counts of the same ballots say differently: choices, group, number of the first, of the second."""
    one, other = ({(row.vote, row.points): row for row in rows} for rows in (first, second))
    found = []
    for key in sorted({*one, *other}):
        for group in GROUPS:
            before, now = (int(getattr(rows[key], group)) if key in rows else 0 for rows in (one, other))
            if before != now:
                found.append((key[0], group, before, now))
    return found


def ballots_of_tally(rows: Sequence[TallyRow], zone: str, asks: Sequence[str]) -> list[dict[str, str]]:
    """A ballot a person, with the labels that the vote asks for."""
    made = []
    for row in rows:
        for group in GROUPS:
            labels = {"sex": SEX_OF[group] if "sex" in asks else "", "age": "", "zone": zone if "zone" in asks else ""}
            made += [{"vote": row.vote, "points": row.points, **labels} for _ in range(getattr(row, group))]
    return made


def _persons(row: TallyRow) -> int:
    return row.female + row.male + row.other


def _row(content: str, form: BallotForm, line: int) -> tuple[TallyRow | None, list[Problem]]:
    choices, *numbers = [part.strip() for part in content.split(";")]
    numbers += ["0"] * (3 - len(numbers)) if numbers else []
    if len(numbers) != 3 or not all(one.isascii() and one.isdigit() and len(one) < 7 for one in numbers):
        message = f"Line {line}: '{content[:60]}' is not 'choices; women; men; others' with whole numbers."
        return None, [Problem("tally-line", message, line=line, value=content[:60], facts={"line": line})]
    chosen = _chosen(choices, form)
    ballot, problems = content_of(form, chosen) if chosen is not None else (None, [])
    if ballot is None:
        told = problems[0].message if problems else f"'{choices[:60]}' are no choices of this ballot."
        facts: Mapping[str, object] = {"line": line, "choices": choices[:60]}
        return None, [Problem("tally-choices", f"Line {line}: {told}", line=line, value=choices[:60], facts=facts)]
    return TallyRow(ballot.vote, ballot.points, *map(int, numbers)), []


def _chosen(text: str, form: BallotForm) -> dict[str, int] | None:
    """Numbers by code; None where a code stands twice or points are none."""
    chosen: dict[str, int] = {}
    for place, part in enumerate([part for part in SEPARATORS.split(text) if part], 1):
        code, _colon, points = part.rpartition(":") if form.kind == POINTS else (part, "", "1")
        if code in chosen or not (points.isascii() and points.isdigit()):
            return None
        chosen[code] = place if form.kind == RANKING else int(points)
    return chosen
