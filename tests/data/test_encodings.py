"""Which encoding a text file is in, and what is said of it."""

from __future__ import annotations

import pytest

from budget_model.errors import InputError
from data.readers.budget_files import read_budget
from data.readers.encodings import Decoder
from data.readers.microdata import read_microdata
from tests.data.budget_files import MEF_ROWS, TABLE_MAPPING, TABLE_ROWS, write


def test_one_latin_byte_after_utf8_letters_is_refused_with_its_line_in_the_first_block_too():
    block = "código\nSeñal\n".encode() + b"Ni\xf1ez\n"
    with pytest.raises(InputError) as refusal:
        Decoder("lines.csv").decode(block, first_line=1)
    assert refusal.value.problems[0].line == 3


def test_a_file_that_is_latin_throughout_is_read_as_such():
    assert Decoder("lines.csv").decode("Niñez\nSeñal\n".encode("latin-1"), first_line=1)[0] == "Niñez\nSeñal\n"


def problems_of(*blocks: bytes, stated: str | None = None):
    """The problems of the last block; the first lines of the blocks are 1, 11, 21 …"""
    decoder = Decoder("lines.csv", stated)
    for number, block in enumerate(blocks[:-1]):
        decoder.decode(block, first_line=1 + 10 * number)
    with pytest.raises(InputError) as refusal:
        decoder.decode(blocks[-1], first_line=1 + 10 * (len(blocks) - 1))
    return refusal.value.problems


def test_utf8_letters_behind_a_latin_byte_are_refused_too():
    (problem,) = problems_of(b"Ni\xf1ez\nplain\n" + "Señal\n".encode())
    assert (problem.line, "mixes two encodings" in problem.message) == (3, True)
    (problem,) = problems_of(b"Ni\xf1ez\n", "Señal\n".encode())
    assert problem.line == 11
    (problem,) = problems_of(b"Ni\xf1ez\n" + "Señal\n".encode(), stated="latin-1")
    assert (problem.line, "mixes two encodings" in problem.message) == (2, True)


@pytest.mark.parametrize("text", ["«SÃO JOÃO»", "año IRMÃ’S", "año CAFÉ» PERÚ…", "año – 10 €", "naïve Straße Ångström"])
def test_latin_texts_that_look_a_little_like_utf8_are_still_latin(text):
    decoder = Decoder("lines.csv")
    assert decoder.decode(text.encode("cp1252"), first_line=1)[0] == text


def test_latin_is_said_with_a_word_to_check_and_utf8_is_not():
    decoder = Decoder("lines.csv")
    decoder.decode("plain\nla Niñez\n".encode("latin-1"), first_line=1)
    note = decoder.note()
    assert note is not None
    assert (note.level, note.rule) == ("warning", "encoding_assumed")
    assert "'Niñez'" in note.message
    assert "cp850" not in note.message
    decoder = Decoder("lines.csv")
    decoder.decode("la Niñez\n".encode(), first_line=1)
    assert decoder.note() is None


@pytest.mark.parametrize("text", ["Niñez", "PEÑA", "ATENCIÓN", "cafés"])
def test_letters_as_dos_writes_them_are_refused_with_the_line_and_the_word_as_it_is_meant(text):
    (problem,) = problems_of(f"plain\n{text} uno\n".encode("cp850"))
    assert (problem.rule, problem.line, "cp850" in problem.message) == ("encoding_wrong", 2, True)
    assert text in problem.message


def test_a_dos_letter_that_may_be_a_blank_of_latin_1_is_told_and_not_refused():
    decoder = Decoder("lines.csv")
    assert decoder.decode("Villa\xa0el".encode("latin-1"), first_line=1)[0] == "Villa\xa0el"
    note = decoder.note()
    assert note is not None
    assert "cp850" in note.message


def test_a_stated_encoding_is_taken_at_its_word_and_needs_no_note():
    decoder = Decoder("lines.csv", "cp850")
    assert decoder.decode("Niñez\n".encode("cp850"), first_line=1)[0] == "Niñez\n"
    assert decoder.note() is None


def test_a_budget_file_that_is_not_utf8_is_read_with_a_note_and_one_of_dos_not_at_all(tmp_path):
    rows = [TABLE_ROWS[0], "01,Niñez y educación,1,2,3,50"]
    mapping = write(tmp_path, "map.yaml", [TABLE_MAPPING])
    (note,) = read_budget(write(tmp_path, "t.csv", rows, "latin-1"), mapping=mapping).problems[:1]
    assert (note.rule, note.file) == ("encoding_assumed", "t.csv")
    with pytest.raises(InputError, match=r"t\.csv, line 2.*'01,Niñez y educaci"):
        read_budget(write(tmp_path, "t.csv", rows, "cp850"), mapping=mapping)
    with pytest.raises(InputError, match="cp850"):
        read_budget(write(tmp_path, "dos.csv", MEF_ROWS, "cp850"))
    mef = write(tmp_path, "mef.csv", MEF_ROWS, "latin-1")
    assert "encoding_assumed" in {problem.rule for problem in read_budget(mef).problems}
    assert "encoding_assumed" not in {p.rule for p in read_budget(write(tmp_path, "u.csv", MEF_ROWS)).problems}


def test_a_survey_file_of_two_encodings_is_refused_with_the_line(tmp_path):
    file = tmp_path / "answers.csv"
    file.write_bytes("sex,water\nF,caño\n".encode() + b"M,ca\xf1o\nF,pozo\n")
    with pytest.raises(InputError, match=r"answers\.csv, line 3: The file mixes two encodings"):
        read_microdata(file)
