"""Whether the values of a sealed vote are of the kind that a record has: all that are not are named at once.

A record comes from anybody. What is counted from it has been looked at here before, so that a value of another kind is
told with its place and never ends in a fault of the program.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from budget_model.assembly.quorum import KINDS
from budget_model.assembly.utility import UTILITIES
from budget_model.errors import InputError, Problem
from budget_model.plan.sealed import PROGRAM

MOST_PEOPLE = 10**12  # more than any number in a vote
AMOUNT = re.compile(r"\d{1,12}(\.\d{1,12}|/0*[1-9]\d{0,11})?", re.ASCII)  # a share or a number of persons, as text
VERSION = re.compile(r"cbms-grb (\d{1,4})\.(\d{1,4})\.(\d{1,4})", re.ASCII)
TIES_AS_NOW = (0, 6, 0)  # earlier versions told ties that decided nothing

Check = Callable[[Any], bool]
Rules = Mapping[str, tuple[Check, str]]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_PEOPLE


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(_is_text, value)) and value[0] != value[1]


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _is_zone(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_text(value.get("zone"))
        and all(_or_null(_is_number)(value.get(name)) for name in ("registered", "voted", "needed"))
        and _or_null(_is_truth)(value.get("reached"))
    )


CONTENTS: Rules = {
    "ballots": (_is_text, "a text, the ballots as .pb"),
    "rule": (_is_object, "an object"),
    "result": (_is_object, "an object"),
}
RULE: Rules = {
    "rule": (_is_text, "the name of a rule"),
    "ties": (_is_text, "names of tie rules"),
    "utility": (lambda value: value is None or value in UTILITIES, f"null or one of {', '.join(UTILITIES)}"),
    "stop_at_first": (_is_truth, "true or false"),
    "least_votes": (_is_number, "a whole number, 0 or more"),
    "exclusive": (_list_of(_is_pair), "a list of pairs of different ids"),
}
MORE_OF_RULE: Rules = {"least_score": (_is_number, "a whole number, 0 or more")}
QUORUM: Rules = {
    "rule": (_is_object, "an object"),
    "registered": (_is_number, "a whole number, 0 or more"),
    "registered_needed": (_or_null(_is_number), "null or a whole number"),
    "voted": (_is_number, "a whole number, 0 or more"),
    "voted_needed": (_or_null(_is_number), "null or a whole number"),
    "zones": (_list_of(_is_zone), "a list of zones with their numbers"),
    "reached": (_or_null(_is_truth), "true, false or null"),
}
QUORUM_RULE: Rules = {
    "registered": (_or_null(_is_number), "null or a whole number"),
    "kind": (lambda value: value is None or value in KINDS, f"null or one of {', '.join(KINDS)}"),
    "value": (_or_null(lambda value: _is_text(value) and bool(AMOUNT.fullmatch(value))), "null or a text such as 1/2"),
    "by_zone": (_is_truth, "true or false"),
    "citation": (_is_text, "a text"),
    "effective_on": (_or_null(_is_text), "null or a day as text"),
}


def check_contents(contents: Any, file: str) -> None:
    """Refuse contents of a sealed vote that are not of the kind of a record.

    Raises
    ------
    InputError : a problem for each value, with its place in the record.
    """
    if not isinstance(contents, dict):
        raise InputError(_problem(file, "contents", contents, "an object with ballots, rule and result"))
    problems = _wrong(contents, CONTENTS, "", file)
    if _is_object(contents.get("rule")):
        problems += _wrong(contents["rule"], RULE, "rule.", file, MORE_OF_RULE)
    quorum = contents.get("quorum")
    if quorum is not None and not _is_object(quorum):
        problems.append(_problem(file, "quorum", quorum, "an object"))
    elif quorum is not None:
        problems += _wrong(quorum, QUORUM, "quorum.", file)
        if _is_object(quorum.get("rule")):
            problems += _wrong(quorum["rule"], QUORUM_RULE, "quorum.rule.", file, is_closed=True)
    if problems:
        raise InputError(problems)


def _wrong(
    held: Mapping[str, Any], rules: Rules, place: str, file: str, more: Rules | None = None, *, is_closed: bool = False
) -> list[Problem]:
    """Problems of an object: keys that are missing, values of another kind, and keys that are none where it is closed.

    more : keys that may be missing; an object that has such is closed
    """
    known = {**rules, **(more or {})}
    problems = [
        _problem(file, place + key, held[key], wanted)
        for key, (check, wanted) in known.items()
        if key in held and not check(held[key])
    ]
    missing = [key for key in rules if key not in held]
    unknown = sorted(key for key in held if key not in known) if is_closed or more else []
    for words, keys in (("lacks", missing), ("has besides, which no record has,", unknown)):
        if keys:
            told = ", ".join((place + key)[:60] for key in keys[:6])
            message = f"The record {words} {told}. It was cut or changed; fetch it again."
            problems.append(Problem("record_broken", message, file=file, value=told))
    return problems


def _problem(file: str, place: str, value: Any, wanted: str) -> Problem:
    found = repr(value)[:40]
    message = f"The record says {place} = {found}, which must be {wanted}. It was changed; fetch it again."
    return Problem("record_broken", message, file=file, column=place, value=found)


# --- remarks: what does not make a record false, and whoever verifies should know ---------------------------------


def version_of(program: Any) -> tuple[int, ...] | None:
    """The version that a record names; None where it names none of this program."""
    found = VERSION.fullmatch(program) if isinstance(program, str) else None
    return tuple(int(part) for part in found.groups()) if found else None


def tells_ties_otherwise(contents: Mapping[str, Any]) -> bool:
    """Whether the record was sealed by a version that told more ties than decided; the earliest named no version."""
    version = version_of(contents.get("program"))
    return "program" not in contents or (version is not None and version < TIES_AS_NOW)


def remarks_on(contents: Mapping[str, Any], ids: set[str]) -> list[dict[str, Any]]:
    """What is odd about the contents and changes no count: `what`, `sealed` and a sentence."""
    remarks: list[dict[str, Any]] = []
    if "program" in contents:
        version, now = version_of(contents["program"]), version_of(PROGRAM)
        said = str(contents["program"])[:60]
        if version is None:
            message = f"The record says it was counted by '{said}', which is no version of this program."
            remarks.append({"what": "program", "sealed": said, "message": message})
        elif now is not None and version > now:
            message = f"The record says it was counted by '{said}', which is newer than {PROGRAM}, or not true."
            remarks.append({"what": "program", "sealed": said, "message": message})
    strange = sorted({name for pair in contents["rule"]["exclusive"] for name in pair} - ids)
    if strange:
        told = ", ".join(name[:60] for name in strange[:6])
        message = f"The rule excludes {told}, which stand in no ballot paper of this vote: that pair changes nothing."
        remarks.append({"what": "exclusive", "sealed": told, "message": message})
    return remarks
