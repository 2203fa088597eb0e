"""Sealed records: what was decided, from what, by which rule, under one hash that anybody can compute again.

The hash is SHA-256 over the contents as JSON with sorted keys, no spaces, UTF-8. Whole numbers and texts only, so that
no program rounds differently; exact amounts are texts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from budget_model import __version__
from budget_model.errors import InputError, Problem

FORMAT = "cbms-grb-record/1"
PROGRAM = f"cbms-grb {__version__}"  # what a record says it was counted with


def seal(kind: str, contents: Mapping[str, Any]) -> dict[str, Any]:
    """A record of `kind` with its hash."""
    body = {"format": FORMAT, "kind": kind, "contents": dict(contents)}
    return {**body, "hash": fingerprint(body)}


def fingerprint(body: Mapping[str, Any]) -> str:
    """SHA-256 of a record without its hash, in hexadecimal."""
    held = {key: value for key, value in body.items() if key != "hash"}
    text = json.dumps(held, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def open_record(document: Any, file: str) -> dict[str, Any]:
    """Check that a document is a record of this format; says nothing of whether its hash holds.

    Raises
    ------
    InputError : it is not.
    """
    wanted = ("format", "kind", "contents", "hash")
    if not isinstance(document, dict) or any(key not in document for key in wanted):
        message = f"This is no sealed record: it must be a JSON object with {', '.join(wanted)}."
        raise InputError(Problem("record_no_record", message, file=file))
    try:
        fingerprint(document)
    except (ValueError, RecursionError):
        message = "The record holds NaN, an endless number or broken characters. It was changed; fetch it again."
        raise InputError(Problem("record_broken", message, file=file)) from None
    unlike = [key for key in ("format", "kind", "hash") if not isinstance(document[key], str)]
    if unlike and unlike != ["format"]:
        message = f"The record's {' and '.join(unlike)} must be text. It was changed; fetch it again."
        raise InputError(Problem("record_broken", message, file=file, column=unlike[0]))
    if document["format"] != FORMAT:
        found = str(document["format"])[:60]
        message = (
            f"The record has the format '{found}', and only '{FORMAT}' can be read. Use the version that wrote it."
        )
        raise InputError(Problem("record_format_unknown", message, file=file, value=found))
    return document


def is_whole(document: Mapping[str, Any]) -> bool:
    """Whether the hash of the record is that of what it says."""
    return bool(document["hash"] == fingerprint(document))
