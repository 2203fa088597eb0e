"""Bytes of a text file into UTF-8: what encoding they are in, and where they are not in it.

UTF-8 is tried first. A file whose bytes are not UTF-8 is Latin-1 (as Windows writes it) unless it already held
UTF-8 letters: then the two are mixed, and the place is named instead of guessing.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from budget_model.errors import InputError, Problem

LATIN = "cp1252"  # Latin-1 as Windows writes it
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass
class Decoder:
    """Decodes block after block of one file and remembers which encoding the blocks so far were in."""

    file: str
    stated: str | None = None  # by the caller; None = find out
    found: str | None = None  # once bytes beyond ASCII were seen

    def decode(self, block: bytes, first_line: int, as_utf8: bool = False) -> tuple[str | None, bytes]:
        """The text, or with `as_utf8` None and the untouched bytes where they are UTF-8 already."""
        self._refuse_utf16(block)
        if block.isascii():
            return (None, block) if as_utf8 else (block.decode("ascii"), block)
        if self.stated:
            return self._decode_stated(block, first_line), b""
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError as wrong:
            return self._decode_latin(block, first_line, wrong), b""
        if self.found == LATIN:
            return self._decode_latin(block, first_line, None), b""
        self.found = "utf-8"
        return (None, block) if as_utf8 else (text, block)

    def _decode_latin(self, block: bytes, first_line: int, wrong: UnicodeDecodeError | None) -> str:
        # valid UTF-8 letters before the wrong byte mean two encodings in one file, in the first block as in later ones
        if wrong is not None and (self.found == "utf-8" or not block[: wrong.start].isascii()):
            raise InputError(self._not_in(block, first_line, "utf-8", wrong.start, "latin-1"))
        self.found = LATIN
        return _latin(block)

    def _decode_stated(self, block: bytes, first_line: int) -> str:
        stated = str(self.stated)
        try:
            codec = codecs.lookup(stated).name
            text = block.decode(codec)
        except LookupError:
            message = f"'{stated}' is no encoding that is known here. Use utf-8 or latin-1."
            raise InputError(Problem("encoding_unknown", message, file=self.file, value=stated)) from None
        except UnicodeDecodeError as wrong:
            would_do = "latin-1" if codec.startswith("utf") else "utf-8"
            raise InputError(self._not_in(block, first_line, stated, wrong.start, would_do)) from None
        if codec in ("iso8859-1", "cp1252", "iso8859-15") and _is_utf8(block):
            place = next(index for index, byte in enumerate(block) if byte > 127)
            raise InputError(self._not_in(block, first_line, stated, place, "utf-8"))
        return _latin(block) if codec == "iso8859-1" else text

    def _not_in(self, block: bytes, first_line: int, encoding: str, place: int, would_do: str) -> Problem:
        line = first_line + block[:place].count(b"\n")
        shown = block[max(0, place - 15) : place + 15].decode(would_do, "replace").replace("\n", " ").strip()
        message = (
            f"The file is not in {encoding}: the byte 0x{block[place]:02x} near '{shown}' shows it. "
            f"The encoding {would_do} would do here: state it, or save the whole file as UTF-8."
        )
        return Problem("encoding_wrong", message, file=self.file, line=line, value=shown)

    def _refuse_utf16(self, block: bytes) -> None:
        if block.startswith(UTF16_MARKS) or b"\x00" in block[:4096]:
            message = "The file is in UTF-16, or no text at all. Save it as CSV in UTF-8."
            raise InputError(Problem("encoding_wrong", message, file=self.file))


def _latin(block: bytes) -> str:
    try:
        return block.decode(LATIN)
    except UnicodeDecodeError:  # a few bytes have no letter in Windows' table
        return block.decode("latin-1")


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
