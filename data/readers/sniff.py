"""What a file is by its content, not by what it is called: refused where the two differ, or where it is cut off."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

from budget_model.errors import InputError, Problem

UNPACKED_LIMIT = 600 * 2**20  # bytes of a workbook once unpacked
SMALLEST_PARQUET = 12  # bytes: its mark, the length of its end, its mark again
PARTS_LIMIT = 2_000  # files in a workbook
FORMS = (".xlsx", ".xls", ".csv", ".json")
ANSWERS = (".xlsx", ".xls", ".csv", ".txt", ".tsv", ".json", ".parquet", ".sav", ".zsav", ".dta")


def check_content(path: Path, allowed: tuple[str, ...]) -> None:
    """Raise InputError where the file is of none of the allowed types, or is not what its name says."""
    suffix = path.suffix.lower()
    if suffix not in allowed:
        message = f"Files of this type are not read here. Use {', '.join(allowed)}."
        raise InputError(Problem("upload_type", message, file=path.name, value=suffix, facts={"types": list(allowed)}))
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not head:
        raise InputError(Problem("upload_empty", "The file is empty. Export it again.", file=path.name))
    if not SIGNS.get(suffix, _is_text)(path, head):
        message = (
            f"The content is not what the name says ({suffix}), or the file is cut off. Export it again and upload the "
            "file as it comes."
        )
        raise InputError(Problem("upload_content", message, file=path.name, value=suffix, facts={"type": suffix}))


def _is_workbook(path: Path, head: bytes) -> bool:
    if not head.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(path) as parts:
            entries = parts.infolist()
    except zipfile.BadZipFile:
        return False
    if len(entries) > PARTS_LIMIT or sum(entry.file_size for entry in entries) > UNPACKED_LIMIT:
        message = "The workbook is too large once unpacked. Export the answers as CSV."
        raise InputError(Problem("upload_large", message, file=path.name, facts={"most": UNPACKED_LIMIT // 2**20}))
    return any(entry.filename == "xl/workbook.xml" for entry in entries)


def _is_parquet(path: Path, head: bytes) -> bool:
    if path.stat().st_size < SMALLEST_PARQUET:
        return False
    with path.open("rb") as stream:
        stream.seek(-4, 2)
        return head.startswith(b"PAR1") and stream.read() == b"PAR1"


def _is_text(path: Path, head: bytes) -> bool:
    return b"\0" not in head and not head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF", b"\x89PNG"))


SIGNS: dict[str, Callable[[Path, bytes], bool]] = {
    ".xlsx": _is_workbook,
    ".xls": lambda path, head: head.startswith(b"\xd0\xcf\x11\xe0") or _is_workbook(path, head),
    ".parquet": _is_parquet,
    ".sav": lambda path, head: head.startswith((b"$FL2", b"$FL3")),
    ".zsav": lambda path, head: head.startswith((b"$FL2", b"$FL3")),
    ".dta": lambda path, head: head.startswith(b"<stata_dta>") or head[0] in range(0x68, 0x78),
}
