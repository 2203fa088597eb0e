"""Codes that are printed before a vote: made once, given out once, kept as keyed hashes only."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session, sessionmaker

from budget_model.errors import InputError, Problem
from data.readers.process_file import AGES
from data.store import audit
from data.store import ballots as store
from data.store.areas import area_ids, root_area
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import BallotBox, BallotCodeBatch

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is read as another sign: no 0 O, no 1 I L
LENGTH, GROUP = 12, 4  # 31 ** 12: 59 bits
MOST_CODES = 400  # of a sheet
SEXES = ("F", "M")
NOT_A_SIGN = re.compile(r"[^0-9A-Z]")


@dataclass(frozen=True)
class CodeGroup:
    """For whom codes are printed. Empty: not told."""

    sex: str = ""
    age: str = ""
    zone: str = ""  # code of an area


@dataclass(frozen=True)
class CodeSheet:
    """Codes in the clear. They are nowhere else, and not to be had again."""

    box: BallotBox
    group: CodeGroup
    codes: tuple[str, ...]


def make_codes(
    factory: sessionmaker[Session],
    site_slug: str,
    box_id: int,
    number: int,
    group: CodeGroup,
    secret: str | None,
    actor: str,
) -> CodeSheet:
    """Make codes for an open box; their hashes are stored, they themselves are given back this once.

    Raises InputError (no secret, a box that is not open, a group that is not asked for or too small to stay unknown).
    """
    key = code_key(secret)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process, box = store.load_box(session, site.id, box_id)
        store.lock_box(session, box, is_closing=False)
        zones = {code for code, key_ in area_ids(session, site.id).items() if key_ != root_area(session, site.id).id}
        problems = [*_number_problems(number), *_group_problems(box, group, number, zones)]
        if problems:
            raise InputError(problems)
        codes = tuple(new_code() for _ in range(number))
        batch = BallotCodeBatch(
            box_id=box.id,
            sex=group.sex,
            age=group.age,
            zone=group.zone,
            codes=number,
            key_check=key_check(key),
            saved_at=datetime.now(UTC),
            saved_by=actor,
        )
        store.add_codes(session, batch, [code_hash(key, code) for code in codes])
        detail = {"box": box.id, "codes": number, "sex": group.sex, "age": group.age, "zone": group.zone}
        audit.record(session, actor, "assembly.codes.make", str(process.year), site.id, detail)
    return CodeSheet(box, group, codes)


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown_code(code: str) -> str:
    """In groups of four, as it is printed: ABCD-EFGH-JKMN."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def read_code(text: str) -> str:
    """A code as somebody typed it, without hyphens and spaces, in capitals."""
    return NOT_A_SIGN.sub("", text[:80].upper())


def code_key(secret: str | None) -> bytes:
    """The key of the hashes, from the secret of the server, which is not in the database."""
    if not secret:
        message = (
            "SECRET_KEY is not set, and codes are only kept as hashes with a key. Set it to the value with which the "
            "dashboard runs, and make the codes again."
        )
        raise InputError(Problem("codes-secret", message))
    return hmac.digest(secret.encode(), b"codes of ballots", "sha256")


def code_hash(key: bytes, code: str) -> str:
    return hmac.new(key, code.encode(), hashlib.sha256).hexdigest()


def key_check(key: bytes) -> str:
    """The same for the same key, and nothing of the key."""
    return hmac.new(key, b"which key", hashlib.sha256).hexdigest()[:16]


def receipt_mark(key: bytes, code: str) -> str:
    """A mark that only a code makes, the same whatever was chosen: it says that the code has voted, nothing else."""
    mark = hmac.new(key, b"receipt " + code.encode(), hashlib.sha256).hexdigest()[:8].upper()
    return f"{mark[:4]}-{mark[4:]}"


def _number_problems(number: int) -> list[Problem]:
    if 1 <= number <= MOST_CODES:
        return []
    message = f"A sheet has 1 to {MOST_CODES:,} codes; {number:,} were asked for. Make several sheets."
    return [Problem("codes-number", message, facts={"most": MOST_CODES})]


def _group_problems(box: BallotBox, group: CodeGroup, number: int, zones: set[str]) -> list[Problem]:
    if box.state != store.OPEN:
        return [Problem("box-not-open", "This vote is closed. Codes can only be made for one that is open.")]
    given = {name: value for name in ("sex", "age", "zone") if (value := getattr(group, name))}
    problems = []
    for name in given:
        if name not in box.asks:
            message = f"This vote asks for no results by {name}, so codes must not carry it. Leave it out."
            problems.append(Problem("codes-not-asked", message, column=name, facts={"label": name}))
    known = {"sex": set(SEXES), "age": set(AGES), "zone": zones}
    for name, value in given.items():
        if value not in known[name]:
            message = f"'{value[:40]}' is no {name} here. Use {', '.join(sorted(known[name]))[:200]}."
            problems.append(Problem("codes-group", message, column=name, value=value[:40], facts={"value": value[:40]}))
    least = int(box.rule["least_group"])
    if given and number < least:
        message = f"A sheet for one group needs at least {least} codes, so that nobody's ballot can be guessed."
        problems.append(Problem("codes-few", message, facts={"least": least}))
    return problems
