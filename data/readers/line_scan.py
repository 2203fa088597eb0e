"""Lines of a very long text file that may hold what is looked for, without parsing the others.

A line that holds one of the marks is a candidate; whoever asks parses it and looks closely. Every line that could
matter is among the candidates, so that nothing is missed; lines of no interest cost a look at their bytes only. Blocks
are small enough to stay in the processor's cache. Knows bytes and line numbers, no columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

BLOCK_BYTES = 2**19
ENOUGH_BYTES = 8 * 2**20  # of candidates that are given out at once
NEWLINE = b"\n"
FEW = 100  # hits of a block
ZERO, NINE = ord("0"), ord("9")


class Bytes(Protocol):
    """What blocks are read from."""

    def readinto(self, room: memoryview, /) -> int: ...


@dataclass(frozen=True)
class Mark:
    """Digits that a line must hold. `before`: bytes of which one stands before them, the digit's field beginning there;
    then no other digit follows. Empty: anywhere."""

    digits: bytes
    before: bytes = b""


@dataclass(frozen=True)
class Candidates:
    """Lines that hold a mark, each with its line end, and how many lines were passed until the last one."""

    lines: tuple[bytes, ...]
    numbers: tuple[int, ...]  # 1-based, in the file
    passed: int  # lines below the header so far


def candidate_lines(stream: Bytes, marks: Sequence[Mark], first_line: int) -> Iterator[Candidates]:
    """Candidates in the order of the file; its last line is always one, so that a file that is cut off is seen.

    stream : stands at the beginning of a line, the one of number `first_line`
    """
    scan = _Scan(tuple(marks), first_line, first_line)
    block = _Block()
    while block.fill(stream):
        scan.take(block)
        if scan.size > ENOUGH_BYTES:
            yield scan.give()
    scan.finish()
    yield scan.give()


@dataclass
class _Block:
    """Room that is used again and again, so that it stays in the cache; how much of it is filled, and its line ends."""

    content: bytearray = field(default_factory=lambda: bytearray(BLOCK_BYTES))
    is_end: np.ndarray = field(default_factory=lambda: np.empty(BLOCK_BYTES, dtype=bool))
    size: int = 0
    ends: int = 0

    def fill(self, stream: Bytes) -> bool:
        """Read as much as there is room for, and count the line ends; False at the end of the stream."""
        self.size = stream.readinto(memoryview(self.content))
        content = np.frombuffer(self.content, dtype=np.uint8, count=self.size)
        self.ends = int(np.count_nonzero(np.equal(content, NEWLINE[0], out=self.is_end[: self.size])))
        return self.size > 0


@dataclass
class _Scan:
    """Goes through the blocks. `rest` holds back the last whole line, and the beginning of the one after it."""

    marks: tuple[Mark, ...]
    first_line: int
    number: int  # of the line that comes next
    rest: bytes = b""
    lines: list[bytes] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    size: int = 0
    room: list[np.ndarray] = field(default_factory=lambda: [np.empty(BLOCK_BYTES, dtype=bool) for _ in range(2)])

    def take(self, block: _Block) -> None:
        """Look at the lines that end in a block, but for the last one."""
        content = block.content
        if block.ends < 2:
            self.rest += bytes(content[: block.size])
            return
        start = content.find(NEWLINE) + 1
        end = content.rfind(NEWLINE, 0, content.rfind(NEWLINE, 0, block.size)) + 1
        opening = self.rest + bytes(content[:start])
        self._look_at(opening, opening.count(NEWLINE))
        self._look_at(memoryview(content)[start:end], block.ends - 2)
        self.rest = bytes(content[end : block.size])

    def finish(self) -> None:
        """What is left: the last line is a candidate whatever it holds."""
        whole = self.rest.rstrip(b"\r\n")
        begin = whole.rfind(NEWLINE) + 1
        self._look_at(whole[:begin], whole.count(NEWLINE))
        if whole[begin:].strip():
            self._keep(whole[begin:] + NEWLINE, self.number)
            self.number += 1

    def give(self) -> Candidates:
        """What was found since the last time."""
        found = Candidates(tuple(self.lines), tuple(self.numbers), self.number - self.first_line)
        self.lines, self.numbers, self.size = [], [], 0
        return found

    def _keep(self, line: bytes, number: int) -> None:
        self.lines.append(line)
        self.numbers.append(number)
        self.size += len(line)

    def _look_at(self, text: bytes | memoryview, lines: int) -> None:
        """Keep the candidates among whole lines."""
        content = np.frombuffer(text, dtype=np.uint8) if len(text) else np.empty(0, dtype=np.uint8)
        places = np.concatenate([self._places(content, mark) for mark in self.marks])
        if len(places):
            ends = np.flatnonzero(content == NEWLINE[0])
            for index in np.unique(np.searchsorted(ends, places)):
                begin = ends[index - 1] + 1 if index else 0
                self._keep(bytes(text[begin : ends[index] + 1]), self.number + int(index))
        self.number += lines

    def _places(self, content: np.ndarray, mark: Mark) -> np.ndarray:
        """Where the digits of a mark stand."""
        size = len(content) - len(mark.digits) + 1
        if size < 1:
            return np.empty(0, dtype=np.int64)
        probes = sorted({0, len(mark.digits) // 2, len(mark.digits) - 1})  # the others are asked where these agree
        hits = np.equal(content[:size], mark.digits[0], out=self._scratch(0, size))
        for probe in probes[1:]:
            more = np.equal(content[probe : probe + size], mark.digits[probe], out=self._scratch(1, size))
            hits = np.logical_and(hits, more, out=hits)
        places = _true_places(hits)
        for offset, digit in enumerate(mark.digits):
            places = places[content[places + offset] == digit] if offset not in probes else places
        return _field_starts(content, places, mark) if mark.before else places

    def _scratch(self, which: int, size: int) -> np.ndarray:
        """Room for truth values that is used again: fresh memory would cost more than the comparison."""
        if len(self.room[which]) < size:
            self.room[which] = np.empty(size, dtype=bool)
        return self.room[which][:size]


def _true_places(hits: np.ndarray) -> np.ndarray:
    """As `numpy.flatnonzero`; where little is true, jumping from one to the next is quicker."""
    count = int(np.count_nonzero(hits))
    if count > FEW:
        return np.flatnonzero(hits)
    places, start = [], 0
    for _ in range(count):
        start += int(hits[start:].argmax())
        places.append(start)
        start += 1
    return np.array(places, dtype=np.int64)


def _field_starts(content: np.ndarray, places: np.ndarray, mark: Mark) -> np.ndarray:
    """Those of the places where a field begins and no other digit follows."""
    after = places + len(mark.digits)
    places = places[(places > 0) & (after < len(content))]
    following = content[places + len(mark.digits)]
    places = places[(following < ZERO) | (following > NINE)]
    return places[np.isin(content[places - 1], np.frombuffer(mark.before, dtype=np.uint8))]
