"""Which encoding a block of a text file is in."""

from __future__ import annotations

import pytest

from budget_model.errors import InputError
from data.readers.encodings import Decoder


def test_one_latin_byte_after_utf8_letters_is_refused_with_its_line_in_the_first_block_too():
    block = "código\nSeñal\n".encode() + b"Ni\xf1ez\n"
    with pytest.raises(InputError) as refusal:
        Decoder("lines.csv").decode(block, first_line=1)
    assert refusal.value.problems[0].line == 3


def test_a_file_that_is_latin_throughout_is_read_as_such():
    assert Decoder("lines.csv").decode("Niñez\nSeñal\n".encode("latin-1"), first_line=1)[0] == "Niñez\nSeñal\n"
