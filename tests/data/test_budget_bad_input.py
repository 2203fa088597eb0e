"""Bad budget files: one clear sentence with the place, exit code 1, and nothing stored."""

from __future__ import annotations

import gzip
import json
import zipfile
from decimal import Decimal

import pytest
import xlrd
from click.testing import CliRunner
from openpyxl import Workbook

from budget_model.errors import InputError
from data.commands.budget import budget
from data.readers.budget_files import read_budget
from data.store.engine import make_engine, session_factory
from tests.data.budget_files import MEF_HEADER, MEF_ROWS, TABLE_MAPPING, TABLE_ROWS, add_site, mef_row, write
from tests.data.spreadsheet_builders import Formula, write_ods, write_xls
from tests.support import store_fingerprint


def refusal(file, mapping=None, **options):
    """The problems that a file is refused with."""
    with pytest.raises(InputError) as refused:
        read_budget(file, mapping=mapping, **options)
    return refused.value.problems


def mapped(tmp_path, rows, mapping=TABLE_MAPPING, encoding="utf-8"):
    return refusal(write(tmp_path, "t.csv", rows, encoding), write(tmp_path, "map.yaml", [mapping]))


def test_an_unknown_header_says_what_was_looked_for_and_what_is_nearest(tmp_path):
    header = MEF_HEADER.replace("SEC_FUNC", "SEC_FUNCION").replace("MONTO_PIM", "MONTO_PIMM")
    problem = refusal(write(tmp_path, "mef.csv", [header, *MEF_ROWS[1:]]))[0]
    assert problem.line == 1
    assert "SEC_FUNC (nearest there: SEC_FUNCION)" in problem.message
    assert "MONTO_PIM (nearest there: MONTO_PIMM)" in problem.message


def test_a_broken_row_at_line_200_000_is_named_by_its_line(tmp_path):
    row = mef_row(1, "0,0,1,1,1,1,1")
    rows = [MEF_HEADER, *[row] * 199_998, row.rsplit(",", 2)[0], row]
    (problem,) = refusal(write(tmp_path, "mef.csv", rows))
    assert (problem.file, problem.line) == ("mef.csv", 200_000)
    assert "The record has 20 fields where the header has 22" in problem.message


def test_a_field_too_many_beside_a_field_too_few_is_still_found(tmp_path):
    problems = mapped(tmp_path, [TABLE_ROWS[0], "01,Salud,1,2,3", "02,Obras,y,calles,1,2,3"])
    assert [problem.line for problem in problems] == [2, 3]


def test_a_number_in_another_format_says_which_format_it_would_be(tmp_path):
    problems = mapped(tmp_path, [TABLE_ROWS[0], '01,Salud,"1.234,56",2,x,50'])
    assert [(problem.line, problem.column, problem.value) for problem in problems] == [
        (2, "aprobado", "1.234,56"),
        (2, "devengado", "x"),
    ]
    assert "It would be one with decimal mark ',' and '.' between thousands" in problems[0].message


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        ("(1234)", "with '-' before it"),
        ("1.2E+05", "write all its digits"),
        ("1.23456", "never rounded here"),
        ("S/ 12", "Write digits alone"),
        ("'12,34,567'", "Write digits alone"),
    ],
)
def test_what_is_no_amount_is_refused_with_advice(tmp_path, value, advice):
    (problem,) = mapped(tmp_path, [TABLE_ROWS[0], f'01,Salud,"{value}",2,3,50'])
    assert advice in problem.message


def test_many_bad_numbers_are_counted_and_not_a_wall(tmp_path):
    problems = mapped(tmp_path, [TABLE_ROWS[0], *[f"{i},Salud,a,2,3,50" for i in range(500)]])
    assert len(problems) == 21
    assert "480 more problems" in problems[-1].message


def test_a_stated_encoding_that_is_wrong_says_which_would_do(tmp_path):
    rows = [TABLE_ROWS[0], "01,Educación,1,2,3,50"]
    (problem,) = mapped(tmp_path, rows, TABLE_MAPPING + "encoding: utf-8\n", "latin-1")
    assert problem.line == 2
    assert "not in utf-8" in problem.message
    assert "latin-1 would do" in problem.message
    (problem,) = mapped(tmp_path, rows, TABLE_MAPPING + "encoding: latin-1\n", "utf-8")
    assert (problem.line, "utf-8 would do" in problem.message) == (2, True)


def test_mixed_encodings_are_named_and_not_guessed(tmp_path, monkeypatch):
    monkeypatch.setattr("data.readers.delimited.BLOCK_BYTES", 40)
    file = tmp_path / "t.csv"
    rows = [
        f"{TABLE_ROWS[0]}\n".encode(),
        *["0,Educación,1,2,3,50\n".encode()] * 5,
        "9,Educación,1,2,3,5\n".encode("latin-1"),
    ]
    file.write_bytes(b"".join(rows))
    with pytest.raises(InputError, match="line 7: The file mixes two encodings"):
        read_budget(file, mapping=write(tmp_path, "map.yaml", [TABLE_MAPPING.replace("[programa]", "[nombre]")]))


def test_utf_16_is_refused_by_name(tmp_path):
    (problem,) = mapped(tmp_path, TABLE_ROWS, encoding="utf-16")
    assert "UTF-16" in problem.message


@pytest.mark.parametrize("content", [b"", b"\n\n  \n"])
def test_an_empty_file_is_refused(tmp_path, content):
    file = tmp_path / "empty.csv"
    file.write_bytes(content)
    (problem,) = refusal(file)
    assert problem.rule == "file_empty"


def test_a_header_without_rows_is_refused(tmp_path):
    (problem,) = refusal(write(tmp_path, "mef.csv", [MEF_HEADER]))
    assert problem.rule == "no_rows"


def test_a_missing_file_is_refused(tmp_path):
    (problem,) = refusal(tmp_path / "nowhere.csv")
    assert problem.rule == "file_missing"


def test_a_truncated_workbook_is_refused(tmp_path):
    book = Workbook()
    for row in TABLE_ROWS:
        book.active.append(row.split(","))
    book.save(tmp_path / "whole.xlsx")
    content = (tmp_path / "whole.xlsx").read_bytes()
    file = tmp_path / "cut.xlsx"
    for size in (10, len(content) // 2, len(content) - 30):
        file.write_bytes(content[:size])
        (problem,) = refusal(file, write(tmp_path, "map.yaml", [TABLE_MAPPING]))
        assert problem.rule == "workbook_broken"
        assert "cut off" in problem.message


def test_a_workbook_that_is_another_zip_is_refused(tmp_path):
    file = tmp_path / "other.xlsx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert refusal(file)[0].rule == "workbook_broken"


def test_an_unknown_sheet_is_refused_with_the_nearest(tmp_path):
    book = Workbook()
    book.active.title = "Hoja1"
    book.save(tmp_path / "t.xlsx")
    (problem,) = refusal(tmp_path / "t.xlsx", write(tmp_path, "map.yaml", [TABLE_MAPPING + "sheet: hoja 1\n"]))
    assert "Did you mean 'Hoja1'?" in problem.message


def test_a_truncated_gzip_is_refused(tmp_path):
    file = tmp_path / "mef.csv.gz"
    file.write_bytes(gzip.compress("\n".join(MEF_ROWS).encode())[:-12])
    assert refusal(file)[0].rule == "gzip_broken"


def test_a_quotation_mark_that_is_never_closed_is_refused(tmp_path):
    (problem,) = mapped(tmp_path, [*TABLE_ROWS, '03,"Parques,1,2,3,50', "04,Luz,1,2,3,50"])
    assert (problem.rule, problem.line) == ("quote_open", 4)


def test_lines_that_stand_twice_are_refused_with_both_places(tmp_path):
    (problem,) = mapped(tmp_path, [*TABLE_ROWS, "01,Salud,1,2,3,50"])
    assert "'01' of 2023 stands here 2 times (lines 2, 4)" in problem.message
    assert problem.file == "t.csv"


def test_a_share_above_100_percent_is_refused(tmp_path):
    (problem,) = mapped(tmp_path, [TABLE_ROWS[0], "01,Salud,1,2,3,150"])
    assert (problem.line, problem.column, problem.value) == (2, "ppg", "150.0000")


def test_a_month_or_year_that_is_none_is_refused(tmp_path):
    problems = refusal(
        write(tmp_path, "mef.csv", [MEF_HEADER, mef_row(13, "0,0,0,0,0,0,0"), mef_row(0, "1,1,0,0,0,0,0", year=24)])
    )
    assert {(problem.line, problem.column, problem.value) for problem in problems} == {
        (2, "MES_EJE", "13"),
        (3, "ANO_EJE", "24"),
    }


def test_a_municipality_without_rows_is_refused(tmp_path):
    (problem,) = refusal(write(tmp_path, "mef.csv", MEF_ROWS), municipality="999999")
    assert "None of the 5 rows belongs to the municipality '999999'" in problem.message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("currency: ARS", "curency: ARS"), "Unknown key 'curency'. Did you mean 'currency'?"),
        (("accrued: devengado", "acrued: devengado"), "Unknown key 'acrued'. Did you mean 'accrued'?"),
        (("pim: vigente", "pim: vijente"), "no column 'vijente'. The nearest one there is 'vigente'"),
        (("currency: ARS", "currency: pesos"), "currency"),
        (("year: 2023\n", ""), "`year` is missing"),
        (("line: [programa]", "line: []"), "line"),
        (("gender_share: ppg", "decimal: ';'"), "line 6, column decimal: Expected '.' or ',', found ';'."),
        (("gender_share: ppg", "where: {ppg: [70, 90]}"), "None of the 2 rows has ppg = 70 or 90"),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_key(tmp_path, change, message):
    problems = mapped(tmp_path, TABLE_ROWS, TABLE_MAPPING.replace(*change))
    assert message in "\n".join(map(str, problems))


def test_a_table_without_a_mapping_is_refused(tmp_path):
    assert refusal(write(tmp_path, "t.csv", TABLE_ROWS), source="table")[0].rule == "mapping_missing"


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"resources": [{"path": "x.csv"}]})])
def test_a_descriptor_that_says_too_little_is_refused(tmp_path, content):
    assert refusal(write(tmp_path, "datapackage.json", [content]))[0].rule.startswith("descriptor")


def bad_files(tmp_path):
    """A file of each kind of mistake, with the arguments it is imported with."""
    mapping = str(write(tmp_path, "map.yaml", [TABLE_MAPPING]))
    yield write(tmp_path, "header.csv", ["a,b", "1,2"]), []
    yield write(tmp_path, "fields.csv", [*MEF_ROWS, "2024,1"]), []
    yield write(tmp_path, "number.csv", [*TABLE_ROWS, "03,x,1;5,2,3,0"]), ["--map", mapping]
    yield write(tmp_path, "twice.csv", [*TABLE_ROWS, TABLE_ROWS[1]]), ["--map", mapping]
    yield write(tmp_path, "currency.csv", TABLE_ROWS), ["--map", mapping]
    yield write(tmp_path, "year.csv", MEF_ROWS), ["--year", "1999"]
    yield write(tmp_path, "large.csv", [MEF_HEADER, mef_row(0, "123456789012345678,1,0,0,0,0,0")]), []


def test_refused_files_change_nothing_that_was_stored(tmp_path, sqlite_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    add_site(session_factory(engine), "villa", "PEN")
    good = write(tmp_path, "good.csv", MEF_ROWS)
    assert CliRunner().invoke(budget, ["import", str(good), "--site", "villa"]).exit_code == 0
    before = store_fingerprint(engine)
    for file, options in bad_files(tmp_path):
        done = CliRunner().invoke(budget, ["import", str(file), "--site", "villa", *options])
        assert done.exit_code == 1, file
        assert done.stdout == ""
        assert done.stderr.startswith(f"Refused: {file.name}"), done.stderr
        assert store_fingerprint(engine) == before, file
    unknown = CliRunner().invoke(budget, ["import", str(good), "--site", "nowhere"])
    assert (unknown.exit_code, "There is no site 'nowhere'" in unknown.stderr) == (1, True)
    assert store_fingerprint(engine) == before
    engine.dispose()


def test_a_row_that_nothing_names_is_refused_with_its_line(tmp_path):
    (problem,) = mapped(tmp_path, [*TABLE_ROWS, ",TOTAL,11.5,22,15.25,0"])
    assert (problem.line, problem.column, problem.rule) == (4, "programa", "line_code_missing")
    assert "leave the row out (`where` in a mapping) if it is a total" in problem.message


def test_a_row_of_the_ministry_without_a_target_is_refused_with_its_line(tmp_path):
    total = mef_row(1, "0,0,120,100,80,60.30,50", target="")
    (problem,) = refusal(write(tmp_path, "mef.csv", [*MEF_ROWS, total]))
    assert (problem.line, problem.column, problem.rule) == (7, "SEC_FUNC", "line_code_missing")


def test_rows_that_lack_one_of_several_codes_are_kept_and_told_as_possible_subtotals(tmp_path):
    rows = [TABLE_ROWS[0], "01,Salud,1,2,3,50", "01,,4,5,6,50", ",Obras,7,8,9,50"]
    mapping = write(tmp_path, "map.yaml", [TABLE_MAPPING.replace("line: [programa]", "line: [programa, nombre]")])
    lines = read_budget(write(tmp_path, "t.csv", rows), mapping=mapping)
    assert lines.frame["code"].to_list() == ["01/Salud", "01/", "/Obras"]
    (note,) = [problem for problem in lines.problems if problem.rule == "line_code_part_missing"]
    assert (note.level, note.line) == ("warning", 3)
    assert "2 rows lack one of the codes" in note.message


def test_digits_of_another_script_are_no_amount(tmp_path):
    (problem,) = mapped(tmp_path, [TABLE_ROWS[0], "01,Salud,٥,2,3,50"])
    assert (problem.line, problem.column, problem.rule) == (2, "aprobado", "amount_format")


def test_an_amount_that_a_factor_would_round_is_refused(tmp_path):
    (problem,) = mapped(tmp_path, [TABLE_ROWS[0], "01,Salud,10.55,2,3,50"], TABLE_MAPPING + "factor: 0.001\n")
    assert (problem.line, problem.column) == (2, "aprobado")
    assert "10.5500 times the factor 0.001 has more digits than are kept" in problem.message


def test_a_factor_is_exact_however_large_the_product(tmp_path):
    mapping = write(tmp_path, "map.yaml", [TABLE_MAPPING + "factor: 1000000\n"])
    table = write(tmp_path, "t.csv", [TABLE_ROWS[0], "01,Salud,123456789012.3456,2,3,50"])
    assert f"{read_budget(table, mapping=mapping).frame['pia'][0]:f}" == "123456789012345600.0000"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("encoding: klingon", "This is no encoding that is known here; use utf-8, latin-1 or cp850"),
        ("encoding: base64", "This is no encoding that is known here"),
        ("delimiter: é", "A delimiter is a sign such as"),
        ("delimiter: 'x'", "A delimiter is a sign such as"),
        ("factor: .nan", "Expected a finite number, found nan"),
        ("factor: .inf", "Expected a finite number, found inf"),
    ],
)
def test_a_mapping_that_no_file_can_be_read_by_is_refused(tmp_path, line, message):
    (problem,) = mapped(tmp_path, TABLE_ROWS, f"{TABLE_MAPPING}{line}\n")
    assert problem.line == 7
    assert problem.message.startswith(message)


def test_a_column_that_is_named_twice_is_refused(tmp_path):
    (problem,) = mapped(tmp_path, TABLE_ROWS, TABLE_MAPPING.replace("[programa]", "[programa, programa]"))
    assert "The column 'programa' is named twice" in problem.message


def test_a_stage_from_the_column_of_another_stage_is_told(tmp_path):
    rows = [TABLE_ROWS[0].replace("aprobado", "pia"), *TABLE_ROWS[1:]]
    mapping = write(tmp_path, "map.yaml", [TABLE_MAPPING.replace("{pia: aprobado, pim: vigente", "{pim: pia")])
    (note,) = [p for p in read_budget(write(tmp_path, "t.csv", rows), mapping=mapping).problems if "cross" in p.rule]
    assert note.message == "The mapping reads the stage pim from the column 'pia'. Check that it is meant."


@pytest.mark.parametrize(("cell", "shown"), [("#REF!", "'#REF!'"), ("#DIV/0!", "'#DIV/0!'"), ("=1+1", "'=1+1'")])
def test_an_error_of_a_spreadsheet_or_a_formula_without_a_value_is_no_missing_amount(tmp_path, cell, shown):
    book = Workbook()
    for row in [TABLE_ROWS[0].split(","), ["01", "Salud", cell, 20, 15.25, 50], ["02", "Obras", 1, 2, 0, 0]]:
        book.active.append(row)
    book.active["H9"] = "#N/A"  # in a column that nobody reads
    book.save(tmp_path / "t.xlsx")
    (problem,) = refusal(tmp_path / "t.xlsx", write(tmp_path, "map.yaml", [TABLE_MAPPING]))
    assert (problem.sheet, problem.line, problem.column) == ("Sheet", 2, "aprobado")
    assert problem.message.startswith(f"{shown} is no amount")


def rows_with(cell: object) -> list[list[object]]:
    return [TABLE_ROWS[0].split(","), ["01", "Salud", cell, 20, 15.25, 50], ["02", "Obras", 1, 2, 0, 0]]


@pytest.mark.parametrize("cell", ["#REF!", "#DIV/0!", Formula("#N/A")])
@pytest.mark.parametrize("is_small", [False, True])
def test_an_error_cell_of_an_old_workbook_is_refused_with_its_place(tmp_path, cell, is_small):
    file = write_xls(tmp_path / "t.xls", rows_with(cell), is_small=is_small)
    assert xlrd.open_workbook(file).sheet_by_index(0).cell_type(1, 2) == xlrd.XL_CELL_ERROR  # as a third party reads it
    (problem,) = refusal(file, write(tmp_path, "map.yaml", [TABLE_MAPPING]))
    assert (problem.sheet, problem.line, problem.column) == ("Hoja", 2, "aprobado")
    assert problem.message.startswith(f"'{cell}' is no amount")


@pytest.mark.parametrize("cell", ["#REF!", Formula("Err:502"), Formula("=1+1")])
def test_an_error_cell_of_an_open_document_is_refused_with_its_place(tmp_path, cell):
    file = write_ods(tmp_path / "t.ods", rows_with(cell))
    (problem,) = refusal(file, write(tmp_path, "map.yaml", [TABLE_MAPPING]))
    assert (problem.sheet, problem.line, problem.column) == ("Hoja", 2, "aprobado")
    assert problem.message.startswith(f"'{cell}' is no amount")


@pytest.mark.parametrize("name", ["t.xls", "t.ods"])
def test_a_last_column_of_nothing_but_errors_is_no_column_of_missing_amounts(tmp_path, name):
    rows = [[*row[:5], cell] for row, cell in zip(rows_with(10), ("ppg", "#N/A", "#N/A"), strict=True)]
    make = write_xls if name.endswith("xls") else write_ods
    problems = refusal(make(tmp_path / name, rows), write(tmp_path, "map.yaml", [TABLE_MAPPING]))
    assert [(problem.line, problem.value) for problem in problems] == [(2, "#N/A"), (3, "#N/A")]


@pytest.mark.parametrize("name", ["t.xls", "t.ods"])
def test_a_sound_workbook_of_another_format_is_read_as_it_stands(tmp_path, name):
    file = (write_xls if name.endswith("xls") else write_ods)(tmp_path / name, rows_with(10))
    frame = read_budget(file, mapping=write(tmp_path, "map.yaml", [TABLE_MAPPING])).frame
    assert [str(amount) for amount in frame["pia"]] == ["10.0000", "1.0000"]


def test_a_sheet_that_is_named_for_a_file_without_sheets_is_told(tmp_path):
    mapping = write(tmp_path, "map.yaml", [TABLE_MAPPING + "\nsheet: Hoja1"])
    notes = read_budget(write(tmp_path, "t.csv", TABLE_ROWS), mapping=mapping).problems
    (note,) = [one for one in notes if one.rule == "sheet_unused"]
    assert note.level == "warning"
    assert note.message == (
        "The mapping names the sheet 'Hoja1', but a CSV file has no sheets: all of the file was read. Take `sheet` out "
        "of the mapping, or give the workbook."
    )


PACKAGE = {
    "resources": [{"name": "r", "path": "d.csv"}],
    "model": {
        "measures": {"m": {"source": "amount", "phase": "approved", "currency": "EUR"}},
        "dimensions": {
            "time": {"dimensionType": "datetime", "attributes": {"year": {"source": "year"}}, "primaryKey": "year"},
            "line": {"attributes": {"id": {"source": "id"}}, "primaryKey": "id"},
        },
    },
}


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("model.measures", ["m"], "model.measures must be an object"),
        ("model.measures.m", "amount", "model.measures.m must be an object"),
        ("model.measures.m.source", 5, "model.measures.m.source must be a text"),
        ("model.measures.m.currency", ["EUR"], "model.measures.m.currency must be a text"),
        ("model.measures.m.factor", "NaN", "The factor of 'm' is NaN; it must be above 0"),
        ("model.measures.m.factor", 0, "The factor of 'm' is 0; it must be above 0"),
        ("model.dimensions.line", "id", "model.dimensions.line must be an object"),
        ("model.dimensions.line.attributes", ["id"], "model.dimensions.line.attributes must be an object"),
        ("model.dimensions.line.attributes.id", "id", "model.dimensions.line.attributes.id must be an object"),
        ("model.dimensions.line.primaryKey", 5, "primaryKey must be a text"),
        ("resources", ["d.csv"], "resources[0] must be an object"),
        ("resources.0.dialect", ";", "resources[0].dialect must be an object"),
        ("resources.0.dialect", {"delimiter": ";;"}, "dialect.delimiter must be a single sign"),
        ("resources.0.encoding", "klingon", "which is no encoding known here"),
        ("resources.0.schema", {"fields": ["amount"]}, "schema.fields[0] must be an object"),
        ("resources.0.schema", {"fields": [{"name": "amount", "decimalChar": "xx"}]}, "must be a single sign"),
        ("fiscalPeriod", "2020", "fiscalPeriod must be an object"),
    ],
)
def test_a_descriptor_of_another_shape_is_refused_with_the_part(tmp_path, path, value, words):
    document = json.loads(json.dumps(PACKAGE))
    *steps, last = path.split(".")
    part = document
    for step in steps:
        part = part[int(step)] if isinstance(part, list) else part[step]
    part[last] = value
    write(tmp_path, "d.csv", ["id,year,amount", "a,2020,5"])
    (problem,) = refusal(write(tmp_path, "datapackage.json", [json.dumps(document)]))
    assert (problem.file, words in problem.message) == ("datapackage.json", True)


def test_the_package_that_these_are_made_of_is_read(tmp_path):
    write(tmp_path, "d.csv", ["id,year,amount", "a,2020,5"])
    lines = read_budget(write(tmp_path, "datapackage.json", [json.dumps(PACKAGE)]))
    assert lines.frame["pia"].to_list() == [5]


CLASS_HEADER = MEF_HEADER.replace("GENERICA,", "GENERICA,ESPECIFICA_DET,")


def class_row(month, amounts, specific="1"):
    """A row down to the last class of expenditure."""
    return mef_row(month, f"{specific},{amounts}")


def test_a_row_of_the_ministry_that_stands_twice_is_refused_with_both_lines(tmp_path):
    rows = [CLASS_HEADER, class_row(0, "100,150.5,0,0,0,0,0"), class_row(1, "0,0,0,80,80,50,0")]
    again = class_row(1, "0,0,0,80.0,80.00,50,0")  # the same amounts, written another way
    (problem,) = refusal(write(tmp_path, "m.csv", [*rows, again]), municipality="301291")
    assert (problem.rule, problem.line, problem.value) == ("row_repeated", 4, "3")
    assert "the same as that of line 3" in problem.message


def test_a_repeated_row_is_found_across_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("data.readers.delimited.BLOCK_BYTES", 120)
    rows = [CLASS_HEADER, *(class_row(0, f"{place},1,0,0,0,0,0", str(place)) for place in range(1, 40))]
    (problem,) = refusal(write(tmp_path, "m.csv", [*rows, rows[5]]))
    assert (problem.rule, problem.line, problem.value) == ("row_repeated", 41, "6")


def test_rows_that_differ_in_any_code_or_hold_no_money_are_no_copies(tmp_path):
    rows = [CLASS_HEADER, class_row(0, "1,1,0,0,0,0,0"), class_row(0, "1,1,0,0,0,0,0", "2")]
    empty = class_row(3, "0,0,0,0,0,0,0")
    lines = read_budget(write(tmp_path, "m.csv", [*rows, empty, empty]))
    assert (lines.frame["pia"].sum(), lines.problems) == (2, ())


def test_a_key_with_other_amounts_is_added_and_told(tmp_path):
    rows = [CLASS_HEADER, class_row(0, "100,150,0,0,0,0,0"), class_row(0, "20,20,0,0,0,0,0")]
    lines = read_budget(write(tmp_path, "m.csv", rows))
    assert lines.frame["pia"].sum() == 120
    (told,) = lines.problems
    assert (told.rule, told.level, told.line, told.value) == ("row_key_repeated", "warning", 3, "2")


def test_equal_rows_of_a_file_without_the_last_class_are_added_and_told(tmp_path):
    rows = [MEF_HEADER, mef_row(0, "100,150,0,0,0,0,0"), mef_row(0, "100,150,0,0,0,0,0")]
    lines = read_budget(write(tmp_path, "m.csv", rows))
    assert lines.frame["pia"].sum() == 200
    (told,) = lines.problems
    assert (told.rule, told.level, told.line, told.value) == ("row_maybe_repeated", "warning", 3, "2")


def test_a_point_that_may_stand_between_thousands_is_refused(tmp_path):
    rows = [MEF_HEADER, mef_row(0, "1.000,1.500,0,0,0,0,0"), mef_row(0, "900,12.250,0,0,0,0,0", target="0002")]
    pia, pim = refusal(write(tmp_path, "m.csv", rows))
    assert (pia.rule, pia.line, pia.column, pia.value) == ("amount_ambiguous", 2, "MONTO_PIA", "1.000")
    assert (pim.line, pim.column, pim.value) == (2, "MONTO_PIM", "1.500")
    assert "2 cells" in pim.message


@pytest.mark.parametrize("other", ["0.500", "12.25", "3.5", "1234", "1234.500", "1.2345"])
def test_one_amount_that_tells_what_the_point_is_clears_its_column(tmp_path, other):
    rows = [MEF_HEADER, mef_row(0, "0,1.500,0,0,0,0,0"), mef_row(0, f"0,{other},0,0,0,0,0", target="0002")]
    lines = read_budget(write(tmp_path, "m.csv", rows))
    assert lines.frame["pim"].sum() == Decimal("1.5") + Decimal(other)


def test_a_mapping_that_names_the_decimal_mark_leaves_no_doubt(tmp_path):
    rows = [TABLE_ROWS[0], "01,Salud,1.500,1.500,1.500,50"]
    aprobado, *_ = mapped(tmp_path, rows)
    assert (aprobado.rule, aprobado.column) == ("amount_ambiguous", "aprobado")
    mapping = write(tmp_path, "told.yaml", [TABLE_MAPPING, 'decimal: "."'])
    assert read_budget(tmp_path / "t.csv", mapping=mapping).frame["pia"].item() == Decimal("1.5")


def test_a_last_line_without_its_end_is_told(tmp_path):
    file = write(tmp_path, "m.csv", MEF_ROWS)  # its last row ends in an amount of 0, which lost nothing
    file.write_bytes(file.read_bytes()[:-1])
    told = read_budget(file).problems[0]
    assert (told.rule, told.level, told.file) == ("end_open", "warning", "m.csv")
    assert "1000,1000,0,0,0,0,0" in told.message


@pytest.mark.parametrize("place", [0, 2])
def test_a_shifted_row_of_the_municipality_is_refused_and_not_filtered_away(tmp_path, place):
    """A field too many at the beginning and one too few at the end: the count is right, SEC_EJEC one further on."""
    cells = mef_row(1, "0,0,100,80,60,50.25,40").split(",")
    shifted = ",".join([*cells[:place], "", *cells[place:-1]])
    rows = [MEF_HEADER, mef_row(0, "100,150.5,0,0,0,0,0"), shifted, mef_row(2, "0,0,20,20,20,10.05,10")]
    problems = refusal(write(tmp_path, "m.csv", rows), municipality="301291")
    columns = MEF_HEADER.split(",")
    assert (problems[0].rule, problems[0].line) == ("value_wrong", 3)
    assert problems[0].column == (columns[0] if place == 0 else "SEC_EJEC")


def test_a_row_that_is_the_total_of_the_others_is_refused(tmp_path):
    rows = [*TABLE_ROWS, "Total,,11.5,22,15.25,50"]  # 10.5 + 1, 20 + 2, 15.25 + 0
    (problem,) = mapped(tmp_path, rows)
    assert (problem.rule, problem.line, problem.value) == ("line_is_total", 4, "Total")


@pytest.mark.parametrize(
    "row", ["TOTAL GENERAL,,11,22,15.25,50", "03,Parques,11.5,22,15.25,50", "03,Subtotal,1,3,2,50"]
)
def test_a_row_that_may_be_a_total_is_kept_and_told(tmp_path, row):
    file, mapping = write(tmp_path, "t.csv", [*TABLE_ROWS, row]), write(tmp_path, "map.yaml", [TABLE_MAPPING])
    lines = read_budget(file, mapping=mapping)
    assert lines.frame.height == 3
    assert [(one.rule, one.level, one.line) for one in lines.problems] == [("line_maybe_total", "warning", 4)]


def test_a_line_about_totality_is_no_total(tmp_path):
    rows = [*TABLE_ROWS, "03,Obra totalmente nueva,1,2,3,50", "04,Atención total de la salud,1,2,3,50"]
    file, mapping = write(tmp_path, "t.csv", rows), write(tmp_path, "map.yaml", [TABLE_MAPPING])
    assert not [one for one in read_budget(file, mapping=mapping).problems if "total" in one.rule]


FULL_HEADER = (
    "ANO_EJE,MES_EJE,SEC_EJEC,SEC_FUNC,PROGRAMA_PPTO,PROGRAMA_PPTO_NOMBRE,FUENTE_FINANCIAMIENTO,"
    "FUENTE_FINANCIAMIENTO_NOMBRE,RUBRO,RUBRO_NOMBRE,TIPO_TRANSACCION,GENERICA,GENERICA_NOMBRE,MONTO_PIA,MONTO_PIM,"
    "MONTO_DEVENGADO,MONTO_GIRADO"
)


def full_row(target: str = "0001") -> str:
    return f"2024,0,301291,{target},0030,SEGURIDAD,5,RECURSOS DETERMINADOS,07,FONCOMUN,2,3,BIENES,100,150,90,80"


def moved_left(row: str, column: str) -> str:
    """One cell taken out, the rest of the row moved to the left, an empty cell at its end."""
    cells = row.split(",")
    del cells[FULL_HEADER.split(",").index(column)]
    return ",".join([*cells, ""])


@pytest.mark.parametrize(
    ("taken", "told"),
    [
        ("SEC_FUNC", "PROGRAMA_PPTO"),  # 0030 looks like a target; the name after it is no code of a programme
        ("PROGRAMA_PPTO", "PROGRAMA_PPTO"),
        ("FUENTE_FINANCIAMIENTO", "FUENTE_FINANCIAMIENTO"),
        ("GENERICA", "GENERICA"),
        ("MONTO_PIA", "MONTO_GIRADO"),
    ],
)
def test_a_row_that_lost_a_cell_and_has_an_empty_one_at_its_end_is_refused(tmp_path, taken, told):
    rows = [FULL_HEADER, full_row(), moved_left(full_row("0002"), taken), full_row("0003")]
    for municipality in (None, "301291"):
        (problem,) = refusal(write(tmp_path, "m.csv", rows), municipality=municipality)
        assert (problem.rule, problem.line, problem.column) == ("row_shifted", 3, told)
        assert "shifted by one" in problem.message


def test_all_shifted_rows_are_told_at_once_and_the_list_is_bounded(tmp_path):
    rows = [FULL_HEADER, full_row(), *(moved_left(full_row(f"{place:04}"), "GENERICA") for place in range(2, 32))]
    problems = refusal(write(tmp_path, "m.csv", rows))
    assert [problem.line for problem in problems[:-1]] == list(range(3, 23))
    assert "10 more problems" in problems[-1].message


def test_codes_with_their_words_and_words_without_a_code_are_no_shift(tmp_path):
    """A variant with `5. RECURSOS DETERMINADOS` and `3.BIENES Y SERVICIOS`, and one that has names alone."""
    header = "ANO_EJE,SEC_EJEC,META,FUNCION,FUENTE_FINANC,GENERICA,MTO_PIM,MTO_DEVENGA_01"
    words = "2024,301291,0001,SALUD,5. RECURSOS DETERMINADOS,3.BIENES Y SERVICIOS,10,5"
    names = "2024,301291,0002,EDUCACION,RECURSOS DETERMINADOS,BIENES Y SERVICIOS,20,6"
    assert read_budget(write(tmp_path, "words.csv", [header, words])).frame["pim"].sum() == 10
    assert read_budget(write(tmp_path, "names.csv", [header, names])).frame["pim"].sum() == 20


@pytest.mark.parametrize("municipality", [None, "301291"])
def test_a_file_that_is_cut_off_inside_its_last_amount_is_refused_unless_somebody_says_that_it_is_whole(
    tmp_path, municipality
):
    """Paid 200 became 2: the row has all its cells, and only the line end is missing."""
    rows = [MEF_HEADER, mef_row(0, "500,500,0,0,0,0,0"), mef_row(1, "0,0,300,300,300,250,200")]
    file = write(tmp_path, "m.csv", rows)
    file.write_bytes(file.read_bytes()[:-3])
    (problem,) = refusal(file, municipality=municipality)
    assert (problem.rule, problem.line, problem.column) == ("end_uncertain", 3, "MONTO_GIRADO")
    assert (problem.value, "--last-line-is-whole" in problem.message) == ("2", True)
    lines = read_budget(file, municipality=municipality, last_line_is_whole=True)
    assert (lines.frame["paid"].sum(), lines.problems[0].rule) == (2, "end_open")


def test_an_amount_with_the_decimals_of_all_others_is_whole(tmp_path):
    rows = [MEF_HEADER, mef_row(0, "500,500,0,0,0,0,0.00"), mef_row(1, "0,0,300,300,300,250,200.50")]
    file = write(tmp_path, "m.csv", rows)
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    assert read_budget(file).frame["paid"].sum() == Decimal("200.5")
    file.write_bytes(content[:-2])
    assert refusal(file)[0].rule == "end_uncertain"  # 200.5: one decimal where the others have two


def test_a_last_row_of_another_municipality_may_end_as_it_likes(tmp_path):
    rows = [MEF_HEADER, mef_row(1, "0,0,3,3,3,2,2"), mef_row(1, "0,0,3,3,3,2,20", unit="300001")]
    file = write(tmp_path, "m.csv", rows)
    file.write_bytes(file.read_bytes()[:-1])
    lines = read_budget(file, municipality="301291")
    assert (lines.frame["paid"].sum(), lines.problems[0].rule) == (2, "end_open")


def test_a_pdf_is_called_a_pdf(tmp_path):
    for name in ("budget.csv", "budget.xlsx", "budget.pdf"):
        (tmp_path / name).write_bytes(b"%PDF-1.7\n%\x00\x00\n")
        (problem,) = refusal(tmp_path / name)
        assert (problem.rule, "is a PDF" in problem.message) == ("file_is_pdf", True)
