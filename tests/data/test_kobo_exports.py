"""Exports come in by their form, whatever their layout; what is wrong with the answers is said once a column."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from budget_model.errors import InputError
from data.readers.kobo import Export, option_columns, read_export
from data.readers.xlsform import read_form
from data.workflows.form_answers import check_answers
from data.workflows.forms import check_files
from tests.data.form_builders import HOUSEHOLD, export_workbook, form, workbook, written

HOUSEHOLDS = """
_index,sector,size,home/water,home/goods,_uuid
1,A,2,network,radio fridge,u1
2,B,1,truck,,u2
"""
MEMBERS = """
members/sex,members/age,members/reads,_index,_parent_index,_parent_table_name
female,34,yes,1,1,household
male,3,,2,1,household
female,71,no,3,2,household
"""
PEOPLE = [(1, "female", 34, "yes"), (1, "male", 3, None), (2, "female", 71, "no")]


def people(export: Export) -> list[tuple[object, ...]]:
    members = export.members
    assert members is not None
    return members.select("_household", "sex", "age", "reads").rows()


def problem_rules(export: Export) -> list[tuple[str, str, str | None]]:
    return [(problem.level, problem.rule, problem.column) for problem in export.problems]


def test_split_csv_files_are_joined_by_index(tmp_path):
    files = [written(tmp_path, "household.csv", HOUSEHOLDS), written(tmp_path, "members.csv", MEMBERS)]
    export = read_export(form(), files)
    assert people(export) == PEOPLE
    assert export.households.select("sector", "size", "water", "goods").rows() == [
        ("A", 2, "network", "radio fridge"),
        ("B", 1, "truck", None),
    ]
    assert export.households["size"].dtype == pl.Int64
    assert export.problems == ()


def test_the_order_of_the_files_does_not_matter(tmp_path):
    files = [written(tmp_path, "members.csv", MEMBERS), written(tmp_path, "household.csv", HOUSEHOLDS)]
    assert people(read_export(form(), files)) == PEOPLE


def test_a_workbook_with_a_sheet_a_repeat_comes_in_with_short_names_and_dots(tmp_path):
    sheets = {
        "Hogares": [
            ["sector", "size", "home.water", "_index", "_uuid"],
            ["A", 2, "network", 1, "u1"],
            ["B", 1, "truck", 2, "u2"],
        ],
        "members": [
            ["members.sex", "members.age", "members.reads", "_index", "_parent_index"],
            ["female", 34, "yes", 1, 1],
            ["male", 3, None, 2, 1],
            ["female", 71, "no", 3, 2],
        ],
    }
    assert people(read_export(form(), [export_workbook(tmp_path, "e.xlsx", sheets)])) == PEOPLE


def test_people_side_by_side_become_rows(tmp_path):
    text = """
sector,size,home/water,members[1]/sex,members[1]/age,members[1]/reads,members[2]/sex,members[2]/age,members[2]/reads,_uuid
A,2,network,female,34,yes,male,3,n/a,u1
B,1,truck,female,71,no,n/a,n/a,n/a,u2
"""
    export = read_export(form(), [written(tmp_path, "wide.csv", text)])
    assert sorted(people(export), key=str) == sorted(PEOPLE, key=str)
    assert export.infos[0].layout == "wide"


def test_short_titles_that_stand_again_are_the_next_person(tmp_path):
    text = """
sector,size,water,sex,age,reads,sex,age,reads,_uuid
A,2,network,female,34,yes,male,3,,u1
B,1,truck,female,71,no,,,,u2
"""
    export = read_export(form(), [written(tmp_path, "short.csv", text)])
    assert sorted(people(export), key=str) == sorted(PEOPLE, key=str)


def test_flattened_rows_are_people_with_their_household_repeated(tmp_path):
    text = """
sector,size,home/water,members/sex,members/age,members/reads,meta/instanceID
A,2,network,female,34,yes,u1
A,2,network,male,3,,u1
B,1,truck,female,71,no,u2
"""
    export = read_export(form(), [written(tmp_path, "flat.csv", text)])
    assert people(export) == PEOPLE
    assert export.households.height == 2
    assert export.infos[0].layout == "flat"
    assert export.problems == ()


def test_odk_central_files_are_joined_by_key(tmp_path):
    main = """
SubmissionDate,sector,size,home-water,KEY,FormVersion
2026-01-01,A,2,network,uuid:1,3
2026-01-01,B,1,truck,uuid:2,3
"""
    repeat = """
sex,age,reads,PARENT_KEY,KEY
female,34,yes,uuid:1,uuid:1/members[1]
male,3,,uuid:1,uuid:1/members[2]
female,71,no,uuid:2,uuid:2/members[1]
"""
    files = [written(tmp_path, "household.csv", main), written(tmp_path, "household-members.csv", repeat)]
    export = read_export(form(), files)
    assert people(export) == PEOPLE
    assert export.versions == {"3": 2}


def test_labels_of_any_language_are_read_as_codes_and_told(tmp_path):
    main = HOUSEHOLDS.replace("network", "Red pública").replace("radio fridge", "Radio Refrigeradora")
    main = main.replace("truck", "Cisterna")
    members = MEMBERS.replace("female", "Mujer").replace("male", "Hombre").replace("yes", "Sí").replace(",no,", ",No,")
    files = [written(tmp_path, "household.csv", main), written(tmp_path, "members.csv", members)]
    export = read_export(form(), files)
    assert people(export) == PEOPLE
    assert export.households["goods"].to_list() == ["radio fridge", None]
    assert {(problem.level, problem.rule) for problem in export.problems} == {("warning", "labels_read")}


def test_columns_called_by_label_are_found(tmp_path):
    text = HOUSEHOLDS.replace("sector,size,home/water,home/goods", "Sector,People,Home/Public water,Goods").replace(
        "Public water", "Water"
    )
    files = [written(tmp_path, "household.csv", text), written(tmp_path, "members.csv", MEMBERS)]
    assert read_export(form(), files).households["size"].to_list() == [2, 1]


def test_labels_of_two_languages_in_one_export_are_pointed_out(tmp_path):
    main = HOUSEHOLDS.replace("network", "Red pública").replace("truck", "Water truck")
    export = read_export(form(), [written(tmp_path, "household.csv", main)])
    assert export.households["water"].to_list() == ["network", "truck"]
    assert ("warning", "labels_mixed", "home/water") in problem_rules(export)


def test_labels_of_a_language_that_the_form_has_not_are_an_error(tmp_path):
    main = HOUSEHOLDS.replace("network", "Réseau public").replace("truck", "Camion-citerne")
    export = read_export(form(), [written(tmp_path, "household.csv", main)])
    (problem,) = [problem for problem in export.problems if problem.rule == "code_unknown"]
    assert (problem.level, problem.column, problem.line) == ("error", "home/water", 2)
    assert "'Réseau public', 'Camion-citerne'" in problem.message
    assert "network (Red pública)" in problem.message


def test_a_few_unknown_codes_are_a_warning_and_stay_as_they_are(tmp_path):
    rows = "\n".join(f"{n},A,1,{'well' if n == 7 else 'network'},,u{n}" for n in range(1, 10))
    text = "_index,sector,size,home/water,home/goods,_uuid\n" + rows
    export = read_export(form(), [written(tmp_path, "household.csv", text)])
    (problem,) = [problem for problem in export.problems if problem.rule == "code_unknown"]
    assert (problem.level, problem.line, problem.value) == ("warning", 8, "well")
    assert export.households["water"].to_list()[6] == "well"


def test_several_answers_as_columns_of_0_and_1_become_one_text(tmp_path):
    text = """
_index,sector,size,home/goods/radio,home/goods/fridge
1,A,2,1,0
2,B,1,True,True
3,C,1,0,0
4,D,1,,
"""
    export = read_export(form(), [written(tmp_path, "household.csv", text)])
    assert export.households["goods"].to_list() == ["radio", "radio fridge", "", None]
    spread = option_columns(export.form, (), export.households)
    assert spread["goods/fridge"].to_list() == [0, 1, 0, None]


THREE_GOODS = HOUSEHOLD.replace(
    " | go | fridge | Refrigeradora | Fridge",
    " | go | fridge | Refrigeradora | Fridge\n | go | tv | Televisor | Television",
)


def goods(export: Export, code: str) -> list[int | None]:
    return option_columns(export.form, (), export.households)[f"goods/{code}"].to_list()


def test_an_option_without_a_column_is_not_known_and_is_named(tmp_path):
    text = """
_index,sector,size,home/goods/radio,home/goods/tv
1,A,2,1,0
2,B,1,0,0
3,C,1,,
"""
    export = read_export(form(THREE_GOODS), [written(tmp_path, "household.csv", text)])
    assert goods(export, "radio") == [1, 0, None]
    assert goods(export, "fridge") == [None, None, None]
    (problem,) = export.problems
    assert (problem.level, problem.rule, problem.column, problem.value) == (
        "warning",
        "option_absent",
        "goods",
        "fridge",
    )
    assert "'goods' have no column in the export (1: fridge)" in problem.message


def test_a_text_of_codes_says_0_of_every_code_that_it_leaves_out(tmp_path):
    text = "_index,sector,size,home/goods\n1,A,2,radio\n2,B,1,\n"
    export = read_export(form(THREE_GOODS), [written(tmp_path, "household.csv", text)])
    assert goods(export, "fridge") == [0, None]
    assert export.problems == ()


def test_an_option_that_a_later_version_added_is_not_known_of_the_earlier_rows(tmp_path):
    """Kobo leaves the new option's cell empty in the rows of the old version; those of the new have 0 and 1."""
    text = """
_index,sector,size,home/goods/radio,home/goods/fridge,home/goods/tv
1,A,2,1,0,
2,B,1,0,0,
3,C,1,0,1,0
4,D,1,0,0,1
"""
    export = read_export(form(THREE_GOODS), [written(tmp_path, "household.csv", text)])
    assert goods(export, "tv") == [None, None, 0, 1]
    assert goods(export, "radio") == [1, 0, 0, 0]
    (problem,) = export.problems
    assert (problem.rule, problem.facts["rows"], problem.value) == ("option_empty", [2, 3], "tv")


def test_where_only_1_is_ever_written_an_empty_cell_beside_it_is_a_0(tmp_path):
    text = """
_index,sector,size,home/goods/radio,home/goods/fridge,home/goods/tv
1,A,2,1,,
2,B,1,,1,1
3,C,1,,,
"""
    export = read_export(form(THREE_GOODS), [written(tmp_path, "household.csv", text)])
    assert goods(export, "tv") == [0, 1, None]
    assert export.problems == ()


def test_options_of_two_files_are_known_as_far_as_each_file_goes(tmp_path):
    first = "_uuid,sector,size,home/goods/radio,home/goods/fridge,home/goods/tv\na,A,2,1,0,1\n"
    second = "_uuid,sector,size,home/goods/radio,home/goods/fridge\nb,B,1,0,1\n"
    files = [written(tmp_path, "one.csv", first), written(tmp_path, "two.csv", second)]
    export = read_export(form(THREE_GOODS), files)
    assert goods(export, "tv") == [1, None]
    assert [(problem.rule, problem.file) for problem in export.problems] == [("option_absent", "two.csv")]


def test_text_beside_fewer_columns_than_options_is_compared_as_far_as_they_go(tmp_path):
    text = """
_index,sector,size,home/goods,home/goods/radio
1,A,2,radio fridge,1
2,B,1,fridge,0
"""
    export = read_export(form(THREE_GOODS), [written(tmp_path, "household.csv", text)])
    assert goods(export, "fridge") == [1, 1]
    assert export.problems == ()


def test_text_and_0_1_columns_that_disagree_are_pointed_out(tmp_path):
    text = """
_index,sector,size,home/goods,home/goods/radio,home/goods/fridge
1,A,2,radio,1,0
2,B,1,radio,1,1
"""
    export = read_export(form(), [written(tmp_path, "household.csv", text)])
    (problem,) = export.problems
    assert (problem.rule, problem.line, problem.level) == ("options_disagree", 3, "warning")


def test_the_export_of_another_form_is_refused(tmp_path):
    text = "farm,cows,milk\n1,2,3"
    with pytest.raises(InputError, match=r"not an export of the form 'Hogares': of its 3 columns 0 .*farm, cows, milk"):
        read_export(form(), [written(tmp_path, "farm.csv", text)])


def test_a_cut_off_workbook_is_refused(tmp_path):
    whole = export_workbook(tmp_path, "e.xlsx", {"main": [["sector"], ["A"]]}).read_bytes()
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"cut\.xlsx: The workbook cannot be opened"):
        read_export(form(), [cut])


def test_duplicated_submissions_are_an_error_with_their_rows(tmp_path):
    export = read_export(form(), [written(tmp_path, "household.csv", HOUSEHOLDS.replace("u2", "u1"))])
    (problem,) = [problem for problem in export.problems if problem.rule == "submission_duplicate"]
    assert (problem.level, problem.value, problem.facts["rows"]) == ("error", "u1", [2, 3])


def test_a_duplicated_submission_is_no_reason_to_say_that_households_are_missing(tmp_path):
    """The copy has the index of the first: its people belong to that one, and only the true reason is told."""
    again = HOUSEHOLDS.strip() + "\n" + HOUSEHOLDS.strip().splitlines()[1]
    files = [written(tmp_path, "household.csv", again), written(tmp_path, "members.csv", MEMBERS)]
    errors = [problem.rule for problem in read_export(form(), files).problems if problem.level == "error"]
    assert errors == ["submission_duplicate"]


def errors_of(export: Export) -> list[tuple[str, str | None, object]]:
    return [(p.rule, p.value, p.facts["rows"]) for p in export.problems if p.level == "error"]


def test_a_copied_row_without_any_id_is_found_by_its_number(tmp_path):
    """Line 4 is line 2 once more, with the same index: the first household's people would be counted once, the
    household twice."""
    bare = "\n".join(line.rsplit(",", 1)[0] for line in HOUSEHOLDS.strip().splitlines())
    again = bare + "\n" + bare.splitlines()[1]
    files = [written(tmp_path, "household.csv", again), written(tmp_path, "members.csv", MEMBERS)]
    assert errors_of(read_export(form(), files)) == [("submission_duplicate", "1", [2, 4])]


def test_two_households_with_one_number_are_refused_where_people_are_joined_by_it(tmp_path):
    text = HOUSEHOLDS.replace("\n2,B", "\n1,B")
    files = [
        written(tmp_path, "household.csv", text),
        written(tmp_path, "members.csv", MEMBERS.replace("3,2,", "3,1,")),
    ]
    assert errors_of(read_export(form(), files)) == [("index_repeated", "1", [2, 3])]


def test_a_column_uuid_is_the_id_of_the_submission_unless_most_rows_share_theirs(tmp_path):
    """Three of four ids stand once: the fifth row is a copy. A tablet's id stands on every row."""
    rows = [f"A,{size},{name}" for size, name in ((1, "u1"), (2, "u2"), (3, "u3"), (4, "u4"), (5, "u1"))]
    text = "\n".join(["sector,size,uuid", *rows])
    assert errors_of(read_export(form(), [written(tmp_path, "h.csv", text)])) == [
        ("submission_duplicate", "u1", [2, 6])
    ]
    tablets = "\n".join(["sector,size,uuid", *(f"A,{size},t{size % 2}" for size in range(6))])
    assert errors_of(read_export(form(), [written(tmp_path, "t.csv", tablets)])) == []


def test_a_person_that_stands_twice_with_one_number_is_refused(tmp_path):
    again = MEMBERS.strip() + "\n" + MEMBERS.strip().splitlines()[2]
    files = [written(tmp_path, "household.csv", HOUSEHOLDS), written(tmp_path, "members.csv", again)]
    assert errors_of(read_export(form(), files)) == [("submission_duplicate", "2", [3, 5])]


def test_households_without_a_key_that_are_alike_in_everything_are_told(tmp_path):
    text = "sector,size,home/water,home/goods\nA,2,network,radio\nB,1,truck,\nA,2,network,radio\n"
    (problem,) = read_export(form(), [written(tmp_path, "h.csv", text)]).problems
    assert (problem.level, problem.rule, problem.facts["rows"]) == ("warning", "rows_alike", [2, 4])


def test_people_without_their_household_are_an_error(tmp_path):
    members = MEMBERS.replace(",3,2,household", ",3,9,household")
    files = [written(tmp_path, "household.csv", HOUSEHOLDS), written(tmp_path, "members.csv", members)]
    (problem,) = [problem for problem in read_export(form(), files).problems if problem.rule == "parent_missing"]
    assert (problem.level, problem.line, problem.value) == ("error", 4, "9")


def test_mixed_versions_are_counted(tmp_path):
    text = "sector,size,__version__,_version__001\nA,1,v1,\nB,1,,v2\nC,1,v1,"
    export = read_export(form(), [written(tmp_path, "household.csv", text)])
    (problem,) = export.problems
    assert problem.rule == "versions_mixed"
    assert "v1 (2 submissions), v2 (1 submissions)" in problem.message


def test_text_where_a_number_is_asked_is_missing_and_told(tmp_path):
    export = read_export(form(), [written(tmp_path, "household.csv", "sector,size\nA,two\nB,1.5\nC,3.0")])
    assert export.households["size"].to_list() == [None, None, 3]
    (problem,) = export.problems
    assert (problem.rule, problem.level, problem.facts["values"]) == ("type_wrong", "error", ["two", "1.5"])


def test_three_thousand_bad_rows_are_one_problem(tmp_path):
    text = "sector,size\n" + "\n".join("A,many" for _ in range(3000))
    export = read_export(form(), [written(tmp_path, "household.csv", text)])
    (problem,) = export.problems
    assert problem.facts["count"] == 3000
    assert "3,000 rows: 2, 3, 4, 5, 6, …; found 'many'" in problem.message


def test_columns_beside_the_form_are_kept_and_told(tmp_path):
    export = read_export(form(), [written(tmp_path, "household.csv", "sector,size,weight\nA,1,1.25\nB,2,0.75")])
    assert export.households["weight"].to_list() == [1.25, 0.75]
    assert problem_rules(export) == [("warning", "column_unknown", "weight")]


def test_people_alone_carry_the_key_of_their_household(tmp_path):
    text = "KEY,sex,age,reads\nh1,female,34,yes\nh1,male,3,\nh2,female,71,no"
    export = read_export(form(), [written(tmp_path, "members.csv", text)])
    assert people(export) == PEOPLE
    assert ("warning", "households_missing", None) in problem_rules(export)


def test_a_repeat_over_the_same_people_is_laid_beside_the_members(tmp_path):
    school = " | begin repeat | school | | | | | | ${size}\n | select_one yn | goes | Va | Goes\n | end repeat\n"
    extended = form(HOUSEHOLD.replace("choices\n", school + "choices\n"))
    lesson = "school/goes,_index,_parent_index\nno,1,1\nyes,2,1\nno,3,2"
    files = [
        written(tmp_path, "household.csv", HOUSEHOLDS),
        written(tmp_path, "members.csv", MEMBERS),
        written(tmp_path, "school.csv", lesson),
    ]
    members = read_export(extended, files).members
    assert members is not None
    assert members.select("sex", "goes").rows() == [("female", "no"), ("male", "yes"), ("female", "no")]


def test_answers_are_held_against_limits_and_what_is_required(tmp_path):
    members = MEMBERS.replace("female,34,yes", "female,134,yes").replace("female,71,no", "female,71,")
    files = [written(tmp_path, "household.csv", HOUSEHOLDS), written(tmp_path, "members.csv", members)]
    found = {(p.rule, p.column): (p.level, p.line) for p in check_answers(read_export(form(), files))}
    # the boy of 3 is not asked whether he reads; the woman of 71 is
    assert found == {("constraint_broken", "age"): ("warning", 2), ("required_missing", "reads"): ("warning", 4)}


def test_questions_without_a_column_are_named(tmp_path):
    export = read_export(form(), [written(tmp_path, "household.csv", "sector,size\nA,1")])
    (problem,) = check_answers(export)
    assert problem.rule == "question_absent"
    assert "2 of 4 questions of this level have no column: water, goods" in problem.message


def test_a_check_of_form_and_data_gathers_everything(tmp_path):
    form_file = tmp_path / "form.xlsx"
    form_file.write_bytes(workbook(HOUSEHOLD))
    cut = written(tmp_path, "cut.xlsx", "no workbook")
    assert check_files(form_file, [cut]).problems[-1].rule == "workbook_broken"
    good = check_files(form_file, [written(tmp_path, "household.csv", HOUSEHOLDS)])
    assert good.export is not None
    assert not good.is_refused


# --- real files ----------------------------------------------------------------------------------------------------

REAL = {
    ("unhcr_sample_form.xlsx", "unhcr_sample_submissions.xlsx"): {"": 5, "members": 12},
    ("reach_msna_2024_tool.xlsx", "reach_msna_2024_dummy_submissions.xlsx"): {
        "": 241,
        "consented/demographics/roster": 965,
        "consented/edu/edu_ind": 965,
        "consented/health/health_ind": 965,
        "consented/nutrition/nut_ind": 965,
    },
    ("onadata/tutorial_w_repeats.xlsx", "onadata/tutorial_w_repeats.csv"): {"": 1, "children": 2},
    ("onadata/tutorial_w_repeats.xlsx", "onadata/tutorial_w_repeats_flattened.csv"): {"": 1, "children": 2},
    ("onadata/tutorial_w_repeats.xlsx", "onadata/tutorial_w_repeats_truncate_titles.csv"): {"": 1, "children": 2},
    (
        "onadata/childrens_survey.xlsx",
        "onadata/split/childrens_survey.csv",
        "onadata/split/children.csv",
        "onadata/split/children_cartoons.csv",
        "onadata/split/children_cartoons_characters.csv",
    ): {"": 2, "children": 3, "children/cartoons": 4, "children/cartoons/characters": 2},
    ("ceat_nairobi_2021.xls", "ceat_nairobi_households.csv", "ceat_nairobi_individuals.csv"): {
        "": 1147,
        "group_HH_members/Rep_Bio_HH": 3786,
    },
}


def real_export(shared_data: Path, names: tuple[str, ...]) -> Export:
    paths = [shared_data / "xlsform" / name for name in names]
    return read_export(read_form(paths[0]).form, paths[1:])


@pytest.mark.shared
@pytest.mark.parametrize(
    ("names", "rows"), REAL.items(), ids=lambda value: value[1] if isinstance(value, tuple) else ""
)
def test_a_real_export_comes_in_without_an_error(names, rows, shared_data: Path):
    export = real_export(shared_data, names)
    assert {"/".join(level): frame.height for level, frame in export.tables.items()} == rows
    assert [problem for problem in export.problems if problem.level == "error"] == []
    for frame in export.tables.values():
        assert frame["_household"].null_count() == 0


@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["tutorial_w_repeats.csv", "tutorial_w_repeats_flattened.csv", "tutorial_w_repeats_truncate_titles.csv"]
)
def test_the_three_layouts_of_one_submission_tell_the_same(name, shared_data: Path):
    export = real_export(shared_data, ("onadata/tutorial_w_repeats.xlsx", f"onadata/{name}"))
    assert export.tables[("children",)].select("childs_name", "childs_age").rows() == [("Tom", 12), ("Dick", 5)]
    assert export.households.select("name", "age", "has_children").rows() == [("Bob", 25, "1")]


@pytest.mark.shared
def test_nested_repeats_find_their_parents(shared_data: Path):
    names = next(names for names in REAL if "onadata/split/children.csv" in names)
    tables = real_export(shared_data, names).tables
    cartoons = tables[("children", "cartoons")]
    assert cartoons.select("name", "_parent").rows() == [
        ("Tom & Jerry", 1),
        ("Flinstones", 1),
        ("Shrek", 3),
        ("Dexter's Lab", 3),
    ]
    assert tables[("children", "cartoons", "characters")]["_parent"].to_list() == [4, 4]


@pytest.mark.shared
def test_members_of_nairobi_match_the_published_counts_by_sex(shared_data: Path):
    export = real_export(
        shared_data, ("ceat_nairobi_2021.xls", "ceat_nairobi_households.csv", "ceat_nairobi_individuals.csv")
    )
    assert export.members is not None
    counts = dict(
        export.members.group_by(pl.col("Site").cast(pl.String), pl.col("Sex").cast(pl.String))
        .len()
        .select(pl.concat_str("Site", "Sex", separator=" "), "len")
        .iter_rows()
    )
    # ceat_nairobi_golden.json, members_by_sex
    assert counts == {"Mabatini M": 854, "Mabatini F": 1081, "Vietnam M": 921, "Vietnam F": 930}


@pytest.mark.shared
def test_the_roster_of_reach_carries_the_answers_of_the_other_repeats(shared_data: Path):
    export = real_export(shared_data, ("reach_msna_2024_tool.xlsx", "reach_msna_2024_dummy_submissions.xlsx"))
    members = export.members
    assert members is not None
    # the file repeats the person's id on each sheet: an independent judge of the alignment
    education = export.tables[("consented", "edu", "edu_ind")]
    expected = dict(education.select("person_id", "edu_access").iter_rows())
    assert dict(members.select("person_id", "edu_access").iter_rows()) == expected
    assert export.households["weight"].sum() == pytest.approx(241, rel=0.5)


@pytest.mark.shared
def test_an_export_given_with_the_wrong_form_is_refused(shared_data: Path):
    with pytest.raises(InputError, match="not an export of the form"):
        real_export(shared_data, ("unhcr_sample_form.xlsx", "ceat_nairobi_households.csv"))


def test_a_whole_number_too_long_to_be_kept_is_told_and_not_lost_in_silence(tmp_path):
    (tmp_path / "form.csv").write_text("type,name,label\ninteger,age,Age\n")
    (tmp_path / "answers.csv").write_text(f"_uuid,age\nu1,30\nu2,{'9' * 40}\n")
    problems = check_files(tmp_path / "form.csv", [tmp_path / "answers.csv"]).problems
    (problem,) = [problem for problem in problems if problem.rule == "type_wrong"]
    assert (problem.line, problem.column, problem.value) == (3, "age", "9" * 40)
