"""Files before anything is made of them: whether one is there and may be read, and its text. Knows no format."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from budget_model.errors import InputError, Problem
from data.readers.encodings import UTF16_MARKS

LAST_BYTES = 2**16
SHOWN_END = 40


def check_file(path: Path, allows_folder: bool = False) -> None:
    """Raise InputError where there is no file, where it may not be read, or where it is empty.

    allows_folder : a folder will do too
    """
    try:
        found = path.stat()
    except OSError as error:
        raise InputError(_absent(path, error)) from None
    if stat.S_ISDIR(found.st_mode):
        if not allows_folder:
            message = "This is a folder, not a file. Name a file in it."
            raise InputError(Problem("file_is_folder", message, file=str(path)))
    elif not stat.S_ISREG(found.st_mode):
        message = "This is a pipe or a device, not a file. Save its content as a file first."
        raise InputError(Problem("file_is_special", message, file=str(path)))
    elif found.st_size == 0:
        raise InputError(Problem("file_empty", "The file is empty (0 bytes). Get it again.", file=path.name))
    if not os.access(path, os.R_OK, effective_ids=True):
        message = "There is such a file, but this account may not read it. Give it the right to."
        raise InputError(Problem("file_unreadable", message, file=str(path)))


def open_end(path: Path) -> Problem | None:
    """A warning where the last line of a text file has no line end, as a download that broke off leaves it.

    What stood behind it may be missing down to the last digits of a number: nothing else shows that.
    """
    with path.open("rb") as stream:
        stream.seek(-min(path.stat().st_size, LAST_BYTES), os.SEEK_END)
        last = stream.read()
    if last.endswith((b"\n", b"\r")) or b"\n" not in last:
        return None
    shown = last.rpartition(b"\n")[2].decode("utf-8", "replace")[-SHOWN_END:]
    message = (
        f"The last line has no line end, as the lines before it have; the file ends with '{shown}'. If it was cut off "
        "on its way, digits of the last amount or whole lines are missing: hold its size against the source."
    )
    return Problem("end_open", message, "warning", file=path.name, value=shown)


def _absent(path: Path, error: OSError) -> Problem:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        message = "There is no such file. Check the path and the spelling."
        return Problem("file_missing", message, file=str(path))
    message = f"The file cannot be reached ({error.strerror}). Check the path."
    return Problem("file_unreadable", message, file=str(path))


def read_text(path: Path) -> str:
    """The text of a UTF-8 file without a byte order mark; InputError as `check_file`, or with the first wrong line."""
    check_file(path)
    content = path.read_bytes()
    if content.startswith(UTF16_MARKS) or b"\0" in content:
        message = "The file is in UTF-16, or no text at all. Save it as text in UTF-8."
        raise InputError(Problem("encoding_wrong", message, file=path.name))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = "The file is not UTF-8 from this line on. Save it again with the encoding UTF-8."
        raise InputError(Problem("encoding_wrong", message, file=path.name, line=line)) from None


def check_target(path: Path, allows_folder: bool = False) -> None:
    """Raise InputError where no file can be written at this place.

    allows_folder : the place may be a folder, which may still have to be made
    """
    if path.is_dir() and not allows_folder:
        message = "There is a folder of this name. Name a file to write to."
        raise InputError(Problem("file_is_folder", message, file=str(path)))
    folder = path if path.is_dir() else path.absolute().parent
    if not folder.is_dir() and not allows_folder:
        message = f"There is no folder '{folder}' to write it into. Make the folder first, or check the path."
        raise InputError(Problem("folder_missing", message, file=str(path)))
    if folder.is_dir() and not os.access(path if path.is_file() else folder, os.W_OK, effective_ids=True):
        raise InputError(
            Problem("file_unwritable", "This account may not write there. Choose another.", file=str(path))
        )


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole; InputError where that fails."""
    check_target(path)
    try:
        path.write_bytes(content)
    except OSError as error:
        message = f"The file cannot be written ({error.strerror}). Check the folder and the room on the disk."
        raise InputError(Problem("file_unwritable", message, file=str(path))) from None
