"""Bytes of a text file into UTF-8: what encoding they are in, and where they are not in it.

UTF-8 is tried first. A file whose bytes are not UTF-8 is Latin-1 (as Windows writes it), which is then said, unless it
holds UTF-8 letters too (two encodings are mixed) or letters as DOS writes them: then the place is named instead of
guessing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from budget_model.errors import InputError, Problem

LATIN = "cp1252"  # Latin-1 as Windows writes it
DOS = "cp850"
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BLOCK_BYTES = 4 * 2**20

# Letters of Spanish, French and Portuguese in UTF-8. In Latin-1 the same bytes would be Ã before a sign that cannot
# stand behind a letter; pairs that could, such as Ã before a closing quotation mark, are left out.
_UTF8_LETTER = re.compile(rb"\xc3[\x81\x89\x8d\x91\x93\x9a\x9c\xa1-\xba\xbc-\xbf]")
# A letter before and behind what DOS (code page 850) writes for á í ó ú ñ Ñ, which are ¡ ¢ £ ¤ ¥ and blanks in
# Latin-1; and capitals about its É Á Ó Ú, which would be small letters.
_DOS_LETTER = re.compile(rb"[A-Za-z][\xa1-\xa5][A-Za-z]|[A-Za-z]\x82[a-z]|[A-Z][A-Z][\x90\xb5\xe0\xe9][A-Z]")
_DOS_OR_BLANK = re.compile(rb"[A-Za-z]\xa0[a-z]")  # a DOS á, or in Latin-1 a blank that keeps two words together
_WORD = re.compile(r"\w*[^\W\d_a-zA-Z]\w*")


@dataclass
class Decoder:
    """Decodes block after block of one file and remembers which encoding the blocks so far were in."""

    file: str
    stated: str | None = None  # by the caller; None = find out
    found: str | None = None  # once bytes beyond ASCII were seen
    sample: str = ""  # the first word with a letter beyond ASCII, where Latin-1 was assumed
    looks_like_dos: bool = False

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

    def note(self) -> Problem | None:
        """A warning that says which encoding was assumed, where that was a judgement."""
        if self.found != LATIN or self.stated:
            return None
        message = (
            f"The file is not UTF-8 and was read as Latin-1 (Windows-1252), so that it has words such as "
            f"'{self.sample}'. Check the accented letters; save the file as UTF-8 to be certain."
        )
        if self.looks_like_dos:
            message += " It could be the DOS encoding cp850: if so, state that or save it as UTF-8."
        return Problem("encoding_assumed", message, "warning", file=self.file, value=LATIN)

    def _decode_latin(self, block: bytes, first_line: int, wrong: UnicodeDecodeError | None) -> str:
        # valid UTF-8 letters before the wrong byte mean two encodings in one file, in the first block as in later ones
        if wrong is not None and (self.found == "utf-8" or not block[: wrong.start].isascii()):
            raise InputError(self._mixed(block, first_line, wrong.start, "latin-1"))
        letter = _UTF8_LETTER.search(block)
        if letter is not None:
            raise InputError(self._mixed(block, first_line, letter.start(), "utf-8"))
        dos = _DOS_LETTER.search(block)
        if dos is not None:
            raise InputError(self._dos(block, first_line, dos.start()))
        self.found = LATIN
        text = _latin(block)
        if not self.sample:
            word = _WORD.search(text)
            self.sample = word.group()[:30] if word else next(sign for sign in text if ord(sign) > 127)
        self.looks_like_dos = self.looks_like_dos or _DOS_OR_BLANK.search(block) is not None
        return text

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
        if codec in ("iso8859-1", "cp1252", "iso8859-15"):
            self._refuse_utf8(block, first_line, stated)
        return _latin(block) if codec == "iso8859-1" else text

    def _refuse_utf8(self, block: bytes, first_line: int, stated: str) -> None:
        """A block that is stated to be Latin-1 and is UTF-8, or holds some."""
        if _is_utf8(block):
            place = next(index for index, byte in enumerate(block) if byte > 127)
            raise InputError(self._not_in(block, first_line, stated, place, "utf-8"))
        letter = _UTF8_LETTER.search(block)
        if letter is not None:
            raise InputError(self._mixed(block, first_line, letter.start(), "utf-8"))

    def _not_in(self, block: bytes, first_line: int, encoding: str, place: int, would_do: str) -> Problem:
        line = first_line + block[:place].count(b"\n")
        shown = _around(block, place, would_do)
        message = (
            f"The file is not in {encoding}: the byte 0x{block[place]:02x} near '{shown}' shows it. "
            f"The encoding {would_do} would do here: state it, or save the whole file as UTF-8."
        )
        return Problem("encoding_wrong", message, file=self.file, line=line, value=shown)

    def _mixed(self, block: bytes, first_line: int, place: int, here: str) -> Problem:
        line = first_line + block[:place].count(b"\n")
        shown = _around(block, place, here)
        other = "latin-1" if here == "utf-8" else "utf-8"
        message = (
            f"The file mixes two encodings: '{shown}' is in {here}, other places are in {other}. Write this place "
            "anew and save the whole file as UTF-8."
        )
        return Problem("encoding_wrong", message, file=self.file, line=line, value=shown)

    def _dos(self, block: bytes, first_line: int, place: int) -> Problem:
        line = first_line + block[:place].count(b"\n")
        shown = _around(block, place, DOS)
        message = (
            f"The file is not in UTF-8, and near '{shown}' it is written as DOS did it (cp850): read as Latin-1 its "
            "accented letters would be wrong. Save the file as UTF-8, or state its encoding (`encoding: cp850`, or "
            "latin-1 if that is what it is) in a mapping."
        )
        return Problem("encoding_wrong", message, file=self.file, line=line, value=shown)

    def _refuse_utf16(self, block: bytes) -> None:
        if block.startswith(UTF16_MARKS) or b"\x00" in block[:4096]:
            message = "The file is in UTF-16, or no text at all. Save it as CSV in UTF-8."
            raise InputError(Problem("encoding_wrong", message, file=self.file))


def _around(block: bytes, place: int, encoding: str) -> str:
    """The text about a byte, of its own line."""
    start = max(place - 15, block.rfind(b"\n", 0, place) + 1)
    end = block.find(b"\n", place)
    return block[start : min(place + 15, end if end >= 0 else len(block))].decode(encoding, "replace").strip()


def is_encoding(name: str) -> bool:
    """Whether texts can be read by this name: not every codec is one of texts."""
    try:
        codecs.lookup(name)
        "".encode(name)
    except (LookupError, UnicodeError, ValueError):
        return False
    return True


def decoder_of(path: Path) -> Decoder:
    """A decoder that has seen the whole file; InputError where it mixes encodings or is no text."""
    decoder, line = Decoder(path.name), 1
    for block in _blocks_of_lines(path):
        decoder.decode(block.removeprefix(codecs.BOM_UTF8) if line == 1 else block, line, as_utf8=True)
        line += block.count(b"\n")
    return decoder


def _blocks_of_lines(path: Path) -> Iterator[bytes]:
    """Blocks that end with a line, so that no letter is cut in two."""
    rest = b""
    with path.open("rb") as stream:
        while fresh := stream.read(BLOCK_BYTES):
            block = rest + fresh
            end = block.rfind(b"\n") + 1
            if end:
                yield block[:end]
            rest = block[end:]
    if rest:
        yield rest


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
