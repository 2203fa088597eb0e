"""XLSForms are read with the line of every row; what is wrong with one is said, and where."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from budget_model.errors import InputError
from budget_model.survey.form_checks import check_form
from data.readers.xlsform import read_form, read_form_bytes
from data.workflows.forms import CORE_INSTRUMENTS, check_files, core_form, core_form_bytes, form_problems
from data.writers.xlsform import form_workbook_bytes
from tests.data.form_builders import HOUSEHOLD, form, read, rows_of, workbook


def rules(text: str, level: str | None = None) -> list[tuple[str, int | None, str | None]]:
    found = read(text)
    problems = (*found.problems, *check_form(found.form))
    return [(p.rule, p.line, p.value) for p in problems if level in (None, p.level)]


def with_rows(*rows: str, choices: str = "") -> str:
    """A form of these survey rows (type, name, label, relevant, calculation) and choices."""
    head = "survey\n | type | name | label | relevant | calculation\n"
    return head + "\n".join(f" | {row}" for row in rows) + ("\nchoices\n | list_name | name | label\n" + choices)


def test_a_form_has_its_questions_repeats_lists_and_languages():
    found = form()
    assert [question.name for question in found.questions] == [
        "sector",
        "size",
        "water",
        "goods",
        "sex",
        "age",
        "reads",
    ]
    assert found.members == ("members",)
    assert found.languages == ("es", "en")
    assert [choice.name for choice in found.lists["water"]] == ["network", "truck"]
    assert (found.form_id, found.version, found.title) == ("household", "3", "Hogares")
    age = found.by_name["age"][0]
    assert (age.path, age.repeat, age.line, age.kind) == (("members", "age"), ("members",), 10, "integer")
    assert check_form(found) == ()


def test_the_header_may_stand_below_other_rows_and_beside_other_columns():
    sheets = rows_of(HOUSEHOLD)
    sheets["survey"] = [["notes"], [], *([["", *row] for row in sheets["survey"]])]
    found = read_form_bytes(form_workbook_bytes(sheets), "form.xlsx").form
    assert found.by_name["age"][0].line == 12


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (with_rows("wobble | a | A"), ("type_unknown", 2, "wobble")),
        (with_rows("integer | | A"), ("name_missing", 2, None)),
        (with_rows("integer | a | A", "text | a | B"), ("name_duplicate", 3, "a")),
        (with_rows("integer | 2a | A"), ("name_invalid", 2, "2a")),
        (with_rows("select_one colour | a | A"), ("list_missing", 2, "colour")),
        (with_rows("begin group | g | G", "text | a | A"), ("section_unclosed", 2, "g")),
        (with_rows("text | a | A", "end repeat |"), ("section_unopened", 3, "end repeat")),
        (with_rows("begin repeat | r | R", "text | a | A", "end group |"), ("section_crossed", 4, "end group")),
        (with_rows("text | a | A | ${b} = 1"), ("reference_unknown", 2, "b")),
        (with_rows("note | a | Hello ${b}"), ("reference_unknown", 2, "b")),
        (with_rows("text | a | A", "text | b | B | ${a} == 1"), ("expression_invalid", 3, "${a} == 1")),
        (with_rows("calculate | a | | | it isn't one"), ("expression_invalid", 2, "it isn't one")),
        (with_rows("| a | A"), ("type_missing", 2, None)),
        (with_rows("select_one l | a | A", choices=" | l | x | X\n | l | x | Y"), ("choice_duplicate", 3, "x")),
        (with_rows("select_multiple l | a | A", choices=" | l | x y | X"), ("choice_blank", 2, "x y")),
        (with_rows("select_one l | a | A", choices=" | l | | X"), ("choice_incomplete", 2, None)),
    ],
)
def test_an_error_is_placed_on_its_row(text, expected):
    assert expected in rules(text, "error")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (with_rows("integer | a | A"), ("members_missing", None, None)),
        (
            with_rows("begin repeat | children | C", "integer | age | A", "end repeat |"),
            ("members_without_sex", 2, "children"),
        ),
        (with_rows("select_one l | a | A", choices=" | l | x |"), ("choice_label_missing", 2, "x")),
        (with_rows("integer | a |"), ("label_missing", 2, "a")),
        (with_rows("text | a | A | wobble(${a})"), ("function_unknown", 2, "wobble")),
        (HOUSEHOLD.replace("| Age ", "| "), ("translation_missing", 10, "age")),
    ],
)
def test_a_warning_is_placed_on_its_row(text, expected):
    assert expected in rules(text, "warning")


def test_the_nearest_right_name_is_offered():
    found = read(with_rows("select_one colour | a | A", choices=" | colours | x | X"))
    assert "Did you mean 'colours'?" in " ".join(problem.message for problem in check_form(found.form))


def test_names_and_addresses_are_pointed_out_and_counts_are_not():
    text = with_rows(
        "text | full_name | Who?", "text | where | ¿Cuál es su dirección?", "integer | rooms | Number of rooms"
    )
    found = [p.value for p in form_problems(read(text)) if p.rule == "identifies_people"]
    assert found == ["full_name", "where"]


def test_a_column_that_stands_twice_is_refused_with_its_name():
    with pytest.raises(InputError, match="line 1, column label: The column 'label' stands twice"):
        read("survey\n | type | name | label | label\n | text | a | A | B")


def test_a_file_without_a_survey_sheet_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"no sheet 'survey'.*Is 'surveys' meant"):
        read("surveys\n | type | name | label\n | text | a | A")


def test_a_cut_off_workbook_is_refused():
    content = workbook(HOUSEHOLD)
    with pytest.raises(InputError, match="cannot be opened"):
        read_form_bytes(content[: len(content) // 2], "form.xlsx")


def test_a_csv_with_all_sheets_keeps_the_lines_of_the_file():
    lines = ["survey,,,", ",type,name,label", ",integer,age,Age", ",select_one yn,ok,Ok", "choices,,,"]
    lines += [",list_name,name,label", ",yn,yes,Yes"]
    found = read_form_bytes("\n".join(lines).encode(), "form.csv").form
    assert [(question.name, question.line) for question in found.questions] == [("age", 3), ("ok", 4)]
    assert found.lists["yn"][0].line == 7


def test_a_loop_asks_once_for_each_choice():
    text = with_rows(
        "begin loop over toilets | every | E",
        "integer | number | N",
        "end loop |",
        choices=" | toilets | pit | P\n | toilets | flush | F",
    )
    assert [q.path for q in form(text).questions] == [("every", "pit", "number"), ("every", "flush", "number")]


def test_the_same_sheets_give_the_same_bytes():
    first, second = workbook(HOUSEHOLD), workbook(HOUSEHOLD)
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {part.date_time for part in archive.infolist()} == {(2000, 1, 1, 0, 0, 0)}


def test_what_is_written_is_read_back():
    sheets = rows_of(HOUSEHOLD)
    again = read_form_bytes(form_workbook_bytes(sheets), "form.xlsx").form
    assert again == form()


@pytest.mark.parametrize("name", CORE_INSTRUMENTS)
def test_the_product_s_questionnaires_have_no_errors_and_every_text_in_both_languages(name):
    found = core_form(name)
    unwanted = [p for p in check_form(found) if not (name.endswith("violence") and p.rule == "members_missing")]
    assert unwanted == []
    texts = [q.labels for q in found.questions if q.labels] + [c.labels for cs in found.lists.values() for c in cs]
    assert all(set(labels) == {"Español (es)", "English (en)"} for labels in texts)


@pytest.mark.parametrize("name", CORE_INSTRUMENTS)
def test_the_product_s_questionnaires_pass_pyxform_without_a_warning(name, tmp_path):
    pyxform = pytest.importorskip("pyxform.xls2xform")
    file = tmp_path / f"{name}.xlsx"
    file.write_bytes(core_form_bytes(name))
    result = pyxform.convert(str(file), validate=False)
    assert not result.warnings
    assert f'id="{name}"' in result.xform


# --- real files ----------------------------------------------------------------------------------------------------

READABLE = {  # questions (rows of the survey sheet that are no begin or end), repeats
    "kobo_question_examples.xlsx": (15, 0),
    "odk_socio_economic_survey.xlsx": (17, 1),
    "reach_msna_2024_tool.xlsx": (275, 4),
    "unhcr_sample_form.xlsx": (9, 1),
    "onadata/childrens_survey.xlsx": (13, 3),
    "onadata/household.xlsx": (6, 3),
    "onadata/mali_health.xlsx": (15, 0),
    "onadata/tutorial_w_repeats.xlsx": (8, 1),
    "pyxform/calculate.xls": (4, 0),
    "pyxform/choice_filter_test.xlsx": (3, 0),
    "pyxform/group.xlsx": (3, 0),
    "pyxform/loop.xls": (4, 0),  # one question in the loop, for each of three choices
    "pyxform/or_other.xlsx": (2, 0),
    "pyxform/repeat_date_test.xls": (5, 1),
    "pyxform/table-list.xls": (5, 0),
    "pyxform/widgets.csv": (21, 0),
    "pyxform/widgets.xls": (32, 0),
    "pyxform/xlsform_spec_test.xlsx": (46, 1),
    "pyxform_bugs/badly_named_choices_sheet.xls": (3, 0),
    "pyxform_bugs/blank_second_row.xls": (1, 0),
}
FAULTY = {
    "ceat_nairobi_2021.xls": ("name_duplicate", 62, "HandWashHabits1"),
    "living_goods_family_survey.xlsx": ("type_unknown", 6, "db:clinic"),
    "pyxform_bugs/bad_calc.xlsx": ("expression_invalid", 2, "because pyxform doesn't know what to do"),
}


@pytest.mark.shared
@pytest.mark.parametrize(("name", "counts"), READABLE.items())
def test_a_real_form_is_read_without_errors(name, counts, shared_data: Path):
    found = read_form(shared_data / "xlsform" / name)
    assert (len(found.form.questions), len(found.form.repeats)) == counts
    assert [problem for problem in form_problems(found) if problem.level == "error"] == []


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # on what other office programs wrote
@pytest.mark.shared
@pytest.mark.parametrize("name", READABLE)
def test_pyxform_takes_every_form_that_is_read_without_errors(name, shared_data: Path):
    pyxform = pytest.importorskip("pyxform.xls2xform")
    assert pyxform.convert(str(shared_data / "xlsform" / name), validate=False).xform


@pytest.mark.shared
@pytest.mark.parametrize(("name", "expected"), FAULTY.items())
def test_a_faulty_real_form_is_told_its_true_reason(name, expected, shared_data: Path):
    problems = form_problems(read_form(shared_data / "xlsform" / name))
    assert expected in [(p.rule, p.line, p.value) for p in problems if p.level == "error"]


@pytest.mark.shared
def test_the_form_with_a_column_twice_is_refused(shared_data: Path):
    with pytest.raises(InputError, match=r"duplicate_columns\.xlsx, sheet survey, line 1, column label"):
        read_form(shared_data / "xlsform" / "pyxform_bugs" / "duplicate_columns.xlsx")


@pytest.mark.shared
def test_a_choices_sheet_with_a_capital_is_read_and_told(shared_data: Path):
    found = read_form(shared_data / "xlsform" / "pyxform_bugs" / "badly_named_choices_sheet.xls")
    assert [(p.rule, p.value) for p in found.problems] == [("sheet_spelling", "Choices")]
    assert len(found.form.lists["colors"]) == 4


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("deep.json", b"[" * 50_000, "nested too deeply"),
        ("long.csv", b"type,name,label\ntext,a," + b"x" * 300_000 + b"\n", "This is not CSV from here on"),
    ],
)
def test_a_form_that_never_ends_is_refused(tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_form(tmp_path / name)


@pytest.mark.parametrize("expression", ["(" * 3000 + "." + ")" * 3000, " or ".join([". = 1"] * 3000)])
def test_an_expression_that_never_ends_is_told_with_its_row(tmp_path, expression):
    text = f'type,name,label,constraint\ninteger,age,Age,"{expression}"\n'
    (tmp_path / "form.csv").write_text(text)
    (problem,) = [p for p in check_files(tmp_path / "form.csv").problems if p.rule == "expression_invalid"]
    assert (problem.line, problem.column, "too deeply nested" in problem.message) == (2, "constraint", True)


def test_an_expression_of_a_hundred_choices_is_fine(tmp_path):
    text = f'type,name,label,constraint\ninteger,age,Age,"{" or ".join([". = 1"] * 100)}"\n'
    (tmp_path / "form.csv").write_text(text)
    assert "expression_invalid" not in {p.rule for p in check_files(tmp_path / "form.csv").problems}


def test_a_misspelt_column_is_told_because_its_conditions_would_be_lost(tmp_path):
    (tmp_path / "form.csv").write_text("type,name,label,relevent,my_note\ninteger,age,Age,. > 1,x\n")
    (problem,) = [p for p in read_form(tmp_path / "form.csv").problems if p.rule == "header_unknown"]
    assert (problem.level, problem.line, problem.column) == ("warning", 1, "relevent")
    assert "Did you mean 'relevant'?" in problem.message
