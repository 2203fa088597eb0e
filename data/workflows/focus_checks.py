"""What a focus group session must be before it is stored: every problem at once, and the signs of names in it."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta

from budget_model.errors import Problem
from budget_model.needs.focus_groups import (
    AGE_BANDS,
    COMPOSITIONS,
    GROUPS,
    METHODS,
    Method,
    SessionScores,
    session_shares,
)
from budget_model.needs.personal_hints import PersonalHint, find_personal_hints
from budget_model.spelling import nearest
from data.readers.focus_groups import SEX_OF, FocusGroupRecord

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
LONGEST_LINE, LONGEST_TEXT, LONGEST_QUOTE, MOST_QUOTES = 200, 20_000, 1_000, 50
MOST_PARTICIPANTS = 500  # of one sex and age band
HIGHEST_SCORE = 1_000_000
EARLIEST = date(1990, 1, 1)
ZONES = timedelta(days=1)  # it may be tomorrow already where the session was held
KINDS = {
    "name": "a name",
    "titled": "a name",
    "identity": "an identity number",
    "phone": "a telephone number",
    "email": "an e-mail address",
}


def check_record(record: FocusGroupRecord, needs: Collection[str], areas: Collection[str]) -> list[Problem]:
    """Everything that keeps a session from being stored; empty where nothing does."""
    checks = (_wrong_words(record), _wrong_texts(record), _wrong_people(record), _wrong_scores(record, needs))
    found = [problem for check in checks for problem in check]
    if record.area is not None and record.area not in areas:
        message = f"There is no area '{record.area}' at this site. Write the code of one of its areas, or none."
        found.append(_problem(record, "focus.area", message, "area", record.area))
    return found


def hints_in(record: FocusGroupRecord, known: Collection[str]) -> tuple[tuple[str, PersonalHint], ...]:
    """Field and sign, of everything in the texts that looks like a person's name or number.

    An organisation may be called after a person, and so may a place: there only numbers, addresses and forms of
    address are looked for.
    """
    known = {*known, record.facilitator}
    texts = [("findings", record.findings), *(("quotes", quote) for quote in record.quotes)]
    found = [(name, hint) for name, text in texts for hint in find_personal_hints(text, known)]
    short = (("place", record.place), ("facilitator", record.facilitator))
    found += [(name, hint) for name, text in short for hint in find_personal_hints(text) if hint.kind != "name"]
    return tuple(dict.fromkeys(found))


def hint_problem(record: FocusGroupRecord, name: str, hint: PersonalHint) -> Problem:
    """The warning of a place that looks like a person."""
    what = KINDS[hint.kind]
    message = f"'{hint.found}' in the {name} looks like {what}. Take it out, or confirm that no person is named by it."
    facts = {"kind": hint.kind, "found": hint.found, "field": name}
    return _problem(record, f"focus.hint.{hint.kind}", message, name, hint.found, **facts)


def _problem(
    record: FocusGroupRecord, rule: str, message: str, column: str, value: object = "", **facts: object
) -> Problem:
    text, facts = str(value)[:80], {"value": value, **facts}
    return Problem(rule, message, file=record.file, line=record.line, column=column, value=text, facts=facts)


def _wrong_words(record: FocusGroupRecord) -> Iterator[Problem]:
    if not EARLIEST <= record.held_on <= date.today() + ZONES:
        message = f"The session was held on {record.held_on}. Write a day from {EARLIEST} to today."
        yield _problem(record, "focus.date", message, "held_on", record.held_on.isoformat())
    if record.composition not in COMPOSITIONS:
        message = f"The group is '{record.composition}'. Write one of: {', '.join(COMPOSITIONS)}."
        yield _problem(record, "focus.composition", message, "group", record.composition)
    if record.method not in METHODS:
        message = f"The method is '{record.method}'. Write one of: {', '.join(METHODS)}."
        yield _problem(record, "focus.method", message, "method", record.method)
    if record.code is not None and not CODE.fullmatch(record.code):
        message = f"'{record.code}' cannot be a code. Use up to 40 letters, digits, points, hyphens and underscores."
        yield _problem(record, "focus.code", message, "code", record.code)


def _wrong_texts(record: FocusGroupRecord) -> Iterator[Problem]:
    for name, text in (("place", record.place), ("facilitator", record.facilitator)):
        if not 1 <= len(text.strip()) <= LONGEST_LINE:
            message = f"The {name} is missing or too long. Write 1 to {LONGEST_LINE} characters."
            yield _problem(record, f"focus.{name}", message, name)
    if len(record.findings) > LONGEST_TEXT:
        message = f"The findings have {len(record.findings):,} characters. Shorten them to {LONGEST_TEXT:,}."
        yield _problem(record, "focus.findings", message, "findings", most=LONGEST_TEXT)
    if len(record.quotes) > MOST_QUOTES or any(len(quote) > LONGEST_QUOTE for quote in record.quotes):
        message = f"Keep to {MOST_QUOTES} quotes of up to {LONGEST_QUOTE:,} characters each."
        yield _problem(record, "focus.quotes", message, "quotes", most=MOST_QUOTES)


def _wrong_people(record: FocusGroupRecord) -> Iterator[Problem]:
    for sex, bands in record.participants.items():
        for band, number in bands.items():
            if sex not in SEX_OF.values() or band not in AGE_BANDS:
                message = (
                    f"Participants '{sex}, {band}' are not known. Sexes: female, male; ages: {', '.join(AGE_BANDS)}."
                )
                yield _problem(record, "focus.band", message, "participants", f"{sex} {band}")
            elif isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MOST_PARTICIPANTS:
                message = (
                    f"'{number}' participants ({sex}, {band}): write a whole number from 0 to {MOST_PARTICIPANTS}."
                )
                yield _problem(record, "focus.number", message, "participants", number, most=MOST_PARTICIPANTS)
    if record.composition not in COMPOSITIONS or any(True for _ in _uncountable(record)):
        return
    for group in GROUPS:
        present = record.participants_of(group)
        if group in record.groups and not present:
            message = f"No {group} are among the participants. Say how many took part, at age 'unknown' if need be."
            yield _problem(record, f"focus.nobody.{group}", message, "participants", group, group=group)
        if group not in record.groups and present:
            message = f"{present} {group} are among the participants of a session of {record.composition}. "
            message += "Call the session mixed, with the priorities of women and men apart, or correct the number."
            yield _problem(
                record, f"focus.other_sex.{group}", message, "participants", group, number=present, group=group
            )


def _uncountable(record: FocusGroupRecord) -> Iterator[object]:
    for bands in record.participants.values():
        yield from (number for number in bands.values() if not isinstance(number, int))


def _wrong_scores(record: FocusGroupRecord, needs: Collection[str]) -> Iterator[Problem]:
    if record.composition not in COMPOSITIONS or record.method not in METHODS:
        return
    for group in (group for group in record.priorities if group not in record.groups):
        message = (
            f"The session is of {record.composition} and has priorities of {group}. Remove them, or call it mixed."
        )
        yield _problem(record, f"focus.other_group.{group}", message, "priorities", group, group=group)
    for group in record.groups:
        scores = record.priorities.get(group, {})
        yield from _unknown_needs(record, scores, needs)
        yield from _wrong_numbers(record, group, scores)


def _unknown_needs(record: FocusGroupRecord, scores: Mapping[str, float], needs: Collection[str]) -> Iterator[Problem]:
    for need in (need for need in scores if need not in needs):
        near = nearest(need, needs)
        hint = f"Did you mean '{near}'?" if near else "Write the code of an indicator of the site that counts persons."
        yield _problem(record, "focus.need", f"There is no need '{need}' at this site. {hint}", "priorities", need)


def _wrong_numbers(record: FocusGroupRecord, group: str, scores: Mapping[str, float]) -> Iterator[Problem]:
    method: Method = "ranks" if record.method == "ranks" else "points"
    if not scores:
        message = f"The session has no priorities of {group}. Give points or a rank to at least one need."
        yield _problem(record, f"focus.no_scores.{group}", message, "priorities", group, group=group)
        return
    lowest = 1 if method == "ranks" else 0
    wrong = {need: value for need, value in scores.items() if not _is_score(value, lowest)}
    for need, value in wrong.items():
        message = f"'{value}' for '{need}' ({group}): write a number from {lowest} to {HIGHEST_SCORE:,}."
        facts = {"need": need, "group": group, "low": lowest, "high": HIGHEST_SCORE}
        yield _problem(record, "focus.score", message, "priorities", value, **facts)
    if not wrong:
        try:
            session_shares(SessionScores(method, 1, scores))
        except ValueError as error:
            yield _problem(record, f"focus.all_zero.{group}", f"{error} ({group})", "priorities", group, group=group)


def _is_score(value: object, lowest: float) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value) and lowest <= value <= HIGHEST_SCORE  # type: ignore[arg-type]
