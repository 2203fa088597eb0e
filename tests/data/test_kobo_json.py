"""Forms and submissions as JSON: read as the workbook and the CSV files would be, refused with the line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from budget_model.errors import InputError
from data.readers.kobo import read_export
from data.readers.kobo_json import holds_submissions, submission_tables
from data.readers.xlsform import read_form

CONTENT = {
    "survey": [
        {"type": "text", "name": "sector", "label": ["Sector", "Sector"], "required": True},
        {"type": "begin_repeat", "name": "members", "label": ["Persona", "Person"]},
        {"type": "select_one", "select_from_list_name": "sex", "name": "sex", "label": ["Sexo", "Sex"]},
        {"type": "integer", "name": "age", "label": ["Edad", None]},
        {"type": "end_repeat"},
    ],
    "choices": [
        {"list_name": "sex", "name": "f", "label": ["Mujer", "Woman"], "$autovalue": "f"},
        {"list_name": "sex", "name": "m", "label": ["Hombre", "Man"]},
    ],
    "translations": ["es", "en"],
    "settings": {"default_language": "es"},
}
SUBMISSIONS = [
    {
        "_uuid": "u1",
        "sector": "A",
        "members": [{"members/sex": "f", "members/age": 34}, {"members/sex": "m", "members/age": 3}],
        "_attachments": [{"filename": "photo.jpg"}],
        "_geolocation": [None, None],
        "_validation_status": {"uid": "approved"},
        "__version__": "7",
    },
    {"_uuid": "u2", "sector": "B", "members": [{"sex": "f"}]},
]


def written(folder: Path, document: Any, name: str = "form.json", indent: int | None = 1) -> Path:
    file = folder / name
    file.write_text(json.dumps(document, indent=indent), encoding="utf-8")
    return file


def test_the_form_of_an_asset_has_its_languages_lists_and_version(tmp_path):
    asset = {"uid": "aX1", "name": "Hogares", "version_id": "v7", "content": CONTENT}
    read = read_form(written(tmp_path, asset))
    form = read.form
    assert read.problems == ()
    assert (form.form_id, form.title, form.version, form.default_language) == ("aX1", "Hogares", "v7", "es")
    assert form.languages == ("es", "en")
    assert form.by_name["age"][0].labels == {"es": "Edad"}
    assert form.by_name["sector"][0].cells["required"] == "true"
    assert {choice.name: choice.labels for choice in form.lists["sex"]} == {
        "f": {"es": "Mujer", "en": "Woman"},
        "m": {"es": "Hombre", "en": "Man"},
    }
    assert form.members == ("members",)


def test_submissions_are_households_and_people_who_find_each_other(tmp_path):
    form = read_form(written(tmp_path, {"content": CONTENT})).form
    for document in (SUBMISSIONS, {"count": 2, "results": SUBMISSIONS}, {"version": "7", "submissions": SUBMISSIONS}):
        export = read_export(form, [written(tmp_path, document, "answers.json")])
        assert [problem for problem in export.problems if problem.level == "error"] == []
        assert export.households.select("sector", "_row").rows() == [("A", 1), ("B", 2)]
        assert export.members is not None
        assert export.members.select("sex", "age", "_household").rows() == [("f", 34, 1), ("m", 3, 1), ("f", None, 2)]
        assert dict(export.versions) == {"7": 1}


def test_groups_may_be_objects_as_in_odk_central(tmp_path):
    submissions = [{"__id": "u1", "home": {"water": "tap", "people": [{"age": 4}]}}]
    home, people = submission_tables(written(tmp_path, submissions))
    assert home.columns == ("_index", "__id", "home/water")
    assert people.columns == ("_index", "_parent_index", "home/people/age")


def test_a_row_knows_the_line_on_which_its_submission_begins(tmp_path):
    file = tmp_path / "a.json"
    file.write_text('[\n{"a": "1"},\n\n{"a": "2",\n "b": "3"}, {"a": "4"}]', encoding="utf-8")
    assert submission_tables(file)[0].lines == [2, 4, 5]


@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ('[{"a": "1"},\n{"a": ', "json_broken", 2),
        ('{"submissions": [{"a": "1"}\n{"a": "2"}]}', "json_broken", 2),
        ('{"submissions": []}', "file_empty", None),
        ('{"title": "nothing"}', "file_empty", None),
        ("[1]", "submission_broken", 1),
    ],
)
def test_what_is_broken_or_empty_is_refused_where_it_is(tmp_path, text, rule, line):
    file = tmp_path / "a.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        submission_tables(file)
    assert [(problem.rule, problem.line) for problem in refused.value.problems] == [(rule, line)]


def test_answers_without_a_form_are_no_form(tmp_path):
    with pytest.raises(InputError, match="holds no questionnaire"):
        read_form(written(tmp_path, SUBMISSIONS))


def test_a_form_says_whether_it_brings_its_answers_along(tmp_path):
    assert holds_submissions(written(tmp_path, {"content": CONTENT, "submissions": SUBMISSIONS}))
    assert not holds_submissions(written(tmp_path, {"content": CONTENT, "submissions": []}))
    assert not holds_submissions(written(tmp_path, {"content": CONTENT}))
