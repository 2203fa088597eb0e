"""A photo that somebody sends: decoded, turned upright, made smaller, written anew; nothing of the file stays.

What is kept is the picture alone: no place, no time, no camera, no comment, nothing behind its end.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, ImageOps

from budget_model.errors import InputError, Problem

FORMATS = ("JPEG", "PNG", "WEBP")
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MOST_BYTES = 20 * 2**20
# Twice what sharp phones usually save; the other kinds cannot be decoded at a smaller size and take more memory.
MOST_PIXELS = {"JPEG": 80_000_000, "MPO": 80_000_000}
MOST_PIXELS_OF_OTHERS = 30_000_000
LEAST_SIDE = 32  # pixels; smaller ones show nothing
LARGE_SIDE, SMALL_SIDE = 1600, 480
LARGE_QUALITY, SMALL_QUALITY = 82, 70
MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")
# Marks of files that can be a picture and something else at once, and how far from which end they make it one.
FIRST_BYTES, LAST_BYTES = 1024, 66_000
AT_START = (b"%pdf-",)
AT_END = (b"pk\x05\x06",)  # end of an archive: zip, jar, apk
ANYWHERE = (b"<script", b"<?php", b"<!doctype html", b"<html", b"<svg", b"!this program cannot be run in dos mode")
STARTS = {  # what files that are sent by mistake begin with
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"#!": "a program",
    b"%PDF": "a PDF",
    b"PK\x03\x04": "an archive or an office document",
    b"<": "a text such as HTML or SVG",
    b"GIF8": "a GIF",
}


@dataclass(frozen=True)
class Photo:
    """A picture as it is kept: JPEG in two sizes, without anything about where and by what it was taken."""

    content: bytes
    small: bytes
    width: int  # of the large one, in pixels
    height: int
    sha256: str  # of `content`


def read_photo(content: bytes, file: str) -> Photo:
    """The picture of a JPEG, PNG or WebP file, written anew.

    Raises InputError: too large, another kind of file (whatever its name says), a picture that is something else too,
    broken, cut off, too many or too few pixels.
    """
    if not content:
        raise _refusal("photo-empty", "The photo is empty. Choose it again.", file)
    if len(content) > MOST_BYTES:
        most = MOST_BYTES // 2**20
        message = f"The photo has {len(content) / 2**20:,.1f} MB, and {most} are allowed. Send a smaller one."
        raise _refusal("photo-large", message, file, found=f"{len(content) / 2**20:.1f}", most=most)
    with _decoding(content, file), Image.open(BytesIO(content), formats=FORMATS) as opened:
        _check_size(opened, file)
        _check_kind(content, file)
        opened.draft("RGB", (LARGE_SIDE, LARGE_SIDE))
        opened.load()
        picture = _plain(ImageOps.exif_transpose(opened))
    large, small = _written(picture, LARGE_SIDE, LARGE_QUALITY), _written(picture, SMALL_SIDE, SMALL_QUALITY)
    with Image.open(BytesIO(large)) as made:
        width, height = made.size
    return Photo(large, small, width, height, hashlib.sha256(large).hexdigest())


@contextmanager
def _decoding(content: bytes, file: str) -> Iterator[None]:
    """Whatever a decoder trips over becomes a sentence: a hostile file may raise anything."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata that is thrown away; the size has a check of its own
            yield
    except InputError:
        raise
    except Image.UnidentifiedImageError:
        kind = next((name for start, name in STARTS.items() if content.lstrip()[:8].startswith(start)), "")
        found = f"It is {kind}, whatever its name says." if kind else "It is none of them, whatever its name says."
        message = f"The file is no photo that can be read: JPEG, PNG and WebP are. {found} Choose a photo."
        raise _refusal("photo-kind", message, file) from None
    except Image.DecompressionBombError:
        raise _too_many(file) from None
    except Exception:  # noqa: BLE001  a broken picture makes its decoder fail in any way: none of them is a trace
        message = "The photo is broken or was cut off on its way. Send it again, or take another one."
        raise _refusal("photo-broken", message, file) from None


def _check_size(opened: Image.Image, file: str) -> None:
    """By what the file says of itself, before anything is decoded."""
    width, height = opened.size
    most = MOST_PIXELS.get(opened.format or "", MOST_PIXELS_OF_OTHERS)
    if width * height > most:
        raise _too_many(file, most)
    if min(width, height) < LEAST_SIDE:
        message = f"The photo has {width} x {height} pixels. It needs {LEAST_SIDE} on each side to show anything."
        raise _refusal("photo-small", message, file, least=LEAST_SIDE)
    if opened.mode not in MODES:
        raise _refusal("photo-broken", f"Photos with colours of the kind {opened.mode} are not read.", file)


def _too_many(file: str, most: int = MOST_PIXELS_OF_OTHERS) -> InputError:
    millions = most // 1_000_000
    message = f"The photo has more than {millions} million pixels. Send a smaller one."
    return _refusal("photo-pixels", message, file, most=millions)


def _check_kind(content: bytes, file: str) -> None:
    """A picture that a browser or an office program could also take for a page, a document or an archive."""
    low = content.lower()
    first, last = low[:FIRST_BYTES], low[-LAST_BYTES:]
    is_other = (
        any(mark in first for mark in AT_START)
        or any(mark in last for mark in AT_END)
        or any(mark in low for mark in ANYWHERE)
    )
    if is_other:
        message = "The file is a photo and something else at once (a page, a document, an archive or a program)."
        raise _refusal("photo-double", f"{message} Send a photo as the camera took it.", file)


def _plain(picture: Image.Image) -> Image.Image:
    """The pixels in RGB, what is transparent on white, and nothing of what the file said about them."""
    if picture.mode in ("P", "PA", "LA", "RGBA") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        plain = Image.new("RGB", seen.size, "white")
        plain.paste(seen, mask=seen.getchannel("A"))
        return plain
    plain = Image.new("RGB", picture.size)
    plain.paste(picture.convert("RGB"))
    return plain


def _written(picture: Image.Image, side: int, quality: int) -> bytes:
    made = picture.copy()
    made.thumbnail((side, side), Image.Resampling.LANCZOS)
    made.info.clear()
    buffer = BytesIO()
    made.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
    return buffer.getvalue()


def _refusal(rule: str, message: str, file: str, **facts: Any) -> InputError:
    return InputError(Problem(rule, message, file=file, column="photo", facts=facts))
