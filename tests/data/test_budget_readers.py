"""Budget files of every kind, read into exact lines."""

from __future__ import annotations

import csv
import gzip
import io
import json
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from budget_model.errors import InputError
from budget_model.spending.lines import gender_totals_by_year, totals_by_year
from data.readers import delimited
from data.readers.budget_files import read_budget
from data.readers.mef import read_mef
from data.readers.table import read_mapping, read_table
from data.readers.tabular import LINE, OpenOptions, open_table
from tests.data.budget_files import MEF_HEADER, MEF_ROWS, TABLE_MAPPING, TABLE_ROWS, mef_row, write


def amounts_of(file, **options):
    """Totals of the only year."""
    (totals,) = totals_by_year(read_budget(file, **options).frame).values()
    return totals.amounts


# --- the ministry's file ---------------------------------------------------------------------------------------------


def test_a_main_amount_under_a_misspelt_header_is_refused_with_the_nearest(tmp_path):
    file = write(tmp_path, "mef.csv", MEF_ROWS)
    file.write_text(file.read_text(encoding="utf-8").replace("MONTO_DEVENGADO", "MONTO_DEVENGAD"), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_mef(file)
    (slip,) = refused.value.problems
    assert "looked for MONTO_DEVENGADO" in slip.message
    assert (slip.rule, slip.column, slip.line) == ("stage_missing", "MONTO_DEVENGAD", 1)


def test_month_zero_carries_the_budget_and_the_months_the_flows(tmp_path):
    lines = read_mef(write(tmp_path, "mef.csv", MEF_ROWS), "301291")
    first = lines.frame.filter(pl.col("code") == "301291/0001/5/07/2.3").to_dicts()[0]
    # 100 + 20, 80 + 20, 50.25 + 10.05, 40 + 10
    assert [first[stage] for stage in ("pia", "pim", "certified", "committed", "accrued", "paid")] == [
        Decimal(text) for text in ("100", "150.5", "120", "100", "60.30", "50")
    ]
    assert first["line"] == 2
    assert first["label:function"] == "PROTECCIÓN SOCIAL"
    assert lines.currency == "PEN"
    assert lines.problems == ()


def test_a_pim_repeated_in_the_months_is_not_added_again(tmp_path):
    rows = [
        MEF_HEADER,
        mef_row(0, "100,150,0,0,0,0,0"),
        mef_row(1, "100,150,9,8,7,5,0"),
        mef_row(2, "100,150,9,8,7,5,0"),
    ]
    lines = read_mef(write(tmp_path, "mef.csv", rows))
    total = totals_by_year(lines.frame)[2024]
    assert (total.amounts["pia"], total.amounts["pim"], total.amounts["accrued"]) == (100, 150, 10)
    assert [(problem.rule, problem.level) for problem in lines.problems] == [("budget_in_months", "warning")]
    assert "2 rows" in lines.problems[0].message


def test_without_a_month_zero_the_budget_is_missing_and_not_zero(tmp_path):
    rows = [MEF_HEADER, mef_row(1, "0,150,0,0,0,5,0")]
    lines = read_mef(write(tmp_path, "mef.csv", rows))
    assert totals_by_year(lines.frame)[2024].amounts["pim"] is None
    assert "no rows of month 0" in lines.problems[0].message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", "|"])
def test_delimiters_and_encodings_are_found_out(tmp_path, delimiter, encoding):
    rows = [row.replace(",", delimiter) for row in MEF_ROWS]
    lines = read_mef(write(tmp_path, "mef.csv", rows, encoding))
    assert totals_by_year(lines.frame)[2024].amounts["pim"] == Decimal("1158.5")
    assert lines.frame["label:function"].unique().to_list() == ["PROTECCIÓN SOCIAL"]


def test_headers_are_matched_without_regard_to_case_and_accents(tmp_path):
    header = MEF_HEADER.lower().replace("ano_eje", "Año_Eje")
    assert amounts_of(write(tmp_path, "mef.csv", [header, *MEF_ROWS[1:]]))["pim"] == Decimal("1158.5")


def test_a_lone_quotation_mark_in_a_piped_file_is_text(tmp_path):
    rows = [row.replace(",", "|").replace("MUNICIPALIDAD", 'TUBO DE 2"') for row in MEF_ROWS]
    assert amounts_of(write(tmp_path, "mef.csv", rows))["pim"] == Decimal("1158.5")


@pytest.mark.parametrize("september", ["SETIEMBRE", "SEPTIEMBRE"])
def test_the_annual_variant_sums_its_months(tmp_path, september):
    months = f"ENERO FEBRERO MARZO ABRIL MAYO JUNIO JULIO AGOSTO {september} OCTUBRE NOVIEMBRE DICIEMBRE".split()
    header = "ANO_EJE,SEC_EJEC,SEC_FUNC,MONTO_PIA,MONTO_PIM," + ",".join(f"MONTO_DEVENGADO_{month}" for month in months)
    row = "2023,301291,0001,10,20," + ",".join(f"{month}.01" for month in range(1, 13))
    amounts = amounts_of(write(tmp_path, "annual.csv", [header, row]))
    assert amounts["pim"] == 20
    assert amounts["accrued"] == Decimal("78.12")  # 1 + 2 + ... + 12, and 12 céntimos
    assert amounts["paid"] is None


def test_the_annual_total_goes_before_its_months(tmp_path):
    header = "ANO_EJE,SEC_FUNC,MONTO_PIM_ANUAL,MONTO_DEVENGADO_ANUAL,MONTO_DEVENGADO_ENERO,MONTO_COMPROMETIDO_ANUAL"
    amounts = amounts_of(write(tmp_path, "annual.csv", [header, "2023,1,20,12,12,15"]))
    assert (amounts["accrued"], amounts["committed"], amounts["pim"]) == (12, 15, 20)


def test_the_siaf_export_has_lower_case_names_and_texts_in_codes(tmp_path):
    header = "ano_eje,sec_func,fuente_financ,generica,mto_pia,mto_pim,mto_compro_anual," + ",".join(
        f"mto_devenga_{month:02d}" for month in range(1, 13)
    )
    row = "2024,0007,5. RECURSOS DETERMINADOS,2.3 BIENES Y SERVICIOS,1,2,2," + ",".join(["0.10"] * 12)
    lines = read_budget(write(tmp_path, "siaf.csv", [header, row]))
    assert lines.source == "mef"
    assert lines.frame["code"].to_list() == ["0007/5/2.3"]
    assert totals_by_year(lines.frame)[2024].amounts["accrued"] == Decimal("1.20")


@pytest.mark.parametrize(("municipality", "pim"), [("301291", "158.5"), ("300001", "1000"), ("150142", "1158.5")])
def test_one_municipality_by_sec_ejec_or_ubigeo(tmp_path, municipality, pim):
    file = write(tmp_path, "mef.csv", MEF_ROWS)
    assert amounts_of(file, municipality=municipality)["pim"] == Decimal(pim)


def test_a_ubigeo_leaves_out_other_levels_of_government(tmp_path):
    other = mef_row(0, "5,5,0,0,0,0,0", unit="000123").replace(",M,", ",E,", 1)
    assert amounts_of(write(tmp_path, "mef.csv", [*MEF_ROWS, other]), municipality="150142")["pim"] == Decimal("1158.5")


def test_small_blocks_and_merges_give_the_same_lines(tmp_path, monkeypatch):
    file = write(tmp_path, "mef.csv", MEF_ROWS)
    whole = read_mef(file).frame
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 100)
    monkeypatch.setattr("data.readers.mef.MERGE_ROWS", 1)
    assert read_mef(file).frame.equals(whole)


units = st.sampled_from(["301291", "300001", "0301291", "130129"])
names = st.sampled_from(["SALUD", "301291", '"A, B"', '"UNO\nDOS 301291"', "Ñ 42", '""'])
district_rows = st.tuples(units, st.sampled_from(["42", '"42"', " 42", "04", "142", "24"]), names, st.integers(0, 999))


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(district_rows, min_size=1, max_size=15),
    municipality=st.sampled_from(["301291", "150142"]),
    block=st.integers(40, 400),
    has_end=st.booleans(),
)
def test_only_looking_at_lines_that_may_matter_finds_the_same(rows, municipality, block, has_end, tmp_path_factory):
    """The judge: the same file as a workbook, of which every row is looked at."""
    texts = [MEF_HEADER]
    for number, (unit, district, name, amount) in enumerate(rows):
        row = mef_row(0, f"{amount},{amount},0,0,0,0,0", unit=unit, target=f"{number:04d}").split(",")
        texts.append(",".join([*row[:7], district, *row[8:10], name, *row[11:]]))
    folder = tmp_path_factory.mktemp("mef")
    file = folder / "mef.csv"
    file.write_bytes("\n".join(texts).encode() + (b"\n" if has_end else b""))
    book = Workbook()
    for row in csv.reader(io.StringIO("\n".join(texts), newline="")):
        book.active.append(row)
    book.save(folder / "mef.xlsx")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("data.readers.line_scan.BLOCK_BYTES", block)
        found, judge = [], []
        for target, result in ((file, found), (folder / "mef.xlsx", judge)):
            try:
                result += read_mef(target, municipality=municipality).frame.drop("line").sort("code").rows()
            except InputError as refused:
                result += [problem.rule for problem in refused.problems]
    assert found == judge


@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_a_file_that_is_cut_off_in_the_rows_of_others_is_refused(tmp_path, ending):
    rows = [*MEF_ROWS, *[mef_row(1, "0,0,1,1,1,1,1", unit="300001")] * 200]
    content = "\n".join(rows).encode()[:-30]
    file = tmp_path / f"mef.{ending}"
    file.write_bytes(gzip.compress(content)[:-20] if ending == "csv.gz" else content)
    with pytest.raises(InputError) as refused:
        read_mef(file, municipality="301291")
    assert refused.value.problems[0].rule == ("gzip_broken" if ending == "csv.gz" else "field_count")


def test_a_broken_row_of_the_municipality_is_named_by_its_line(tmp_path):
    rows = [MEF_HEADER, *[mef_row(1, "0,0,1,1,1,1,1", unit="300001")] * 30, mef_row(0, "7,8,0"), *MEF_ROWS[1:]]
    with pytest.raises(InputError) as refused:
        read_mef(write(tmp_path, "mef.csv", rows), municipality="301291")
    assert [(problem.rule, problem.line) for problem in refused.value.problems] == [("field_count", 32)]


@pytest.mark.parametrize(
    ("row", "rule", "advice"),
    [
        ("01,Salud, agua,1,2", "field_surplus", "Take out the ',' that is too many, or quote a text"),
        ("01,Salud,1", "field_count", "Put the missing ',' back."),
    ],
)
def test_a_record_with_a_field_too_many_is_not_told_to_add_a_separator(tmp_path, row, rule, advice):
    file = write(tmp_path, "gasto.csv", ["codigo,nombre,aprobado,vigente", row])
    text = "year: 2027\ncurrency: PEN\nline: [codigo]\nstages: {pia: aprobado, pim: vigente}\n"
    with pytest.raises(InputError) as refused:
        read_table(file, read_mapping(text, "mapping.yaml"))
    (problem,) = refused.value.problems
    assert (problem.rule, problem.line) == (rule, 2)
    assert advice in problem.message


def test_lines_of_a_municipality_keep_their_numbers_in_the_file(tmp_path):
    others = [mef_row(1, "0,0,1,1,1,1,1", unit="300001")] * 500
    rows = [MEF_HEADER, *others, mef_row(0, "7,8,0,0,0,0,0"), *others, mef_row(0, "1,2,0,0,0,0,0", target="0009")]
    lines = read_mef(write(tmp_path, "mef.csv", rows), municipality="301291")
    assert lines.frame["line"].to_list() == [502, 1003]
    assert (lines.rows_read, lines.rows_kept) == (1002, 2)


flow = st.integers(-10_000, 10_000)
mef_rows = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(["0001", "0002"]), flow, flow), min_size=1, max_size=25
)


@settings(max_examples=40, deadline=None)
@given(rows=mef_rows, seed=st.randoms())
def test_sums_by_line_are_those_of_decimals_in_any_order(rows, seed, tmp_path_factory):
    """The judge: csv and Decimal, row by row."""
    folder = tmp_path_factory.mktemp("mef")
    texts = [
        mef_row(
            month, f"{a}.{abs(b) % 100:02d},{a},0,0,0,{b}.5,0" if month == 0 else f"0,0,0,0,0,{b}.25,0", target=target
        )
        for month, target, a, b in rows
    ]
    seed.shuffle(texts)
    file = write(folder, "mef.csv", [MEF_HEADER, *texts])
    judge: dict[str, dict[str, Decimal]] = {}
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            line = judge.setdefault(row["SEC_FUNC"], {"pia": Decimal(0), "accrued": Decimal(0), "opened": Decimal(0)})
            line["accrued"] += Decimal(row["MONTO_DEVENGADO"])
            if row["MES_EJE"] == "0":
                line["pia"] += Decimal(row["MONTO_PIA"])
                line["opened"] += 1
    for line in read_mef(file).frame.iter_rows(named=True):
        expected = judge.pop(line["code"].split("/")[1])
        assert line["accrued"] == expected["accrued"]
        assert line["pia"] == (expected["pia"] if expected["opened"] else None)
    assert not judge


# --- text files ------------------------------------------------------------------------------------------------------

cell = st.text(alphabet='ab1 ñ",;|\n', max_size=5)


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;|\t"),
    ending=st.sampled_from(["\n", "\r\n"]),
    block=st.integers(1, 60),
)
def test_blocks_are_what_the_csv_module_reads(rows, delimiter, ending, block, tmp_path_factory):
    file = tmp_path_factory.mktemp("csv") / "any.csv"
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=ending)
    writer.writerows([("a", "b", "c"), *rows])
    file.write_bytes(stream.getvalue().encode())
    expected, before = [], 1
    reader = csv.reader(io.StringIO(stream.getvalue().replace("\r\n", "\n"), newline=""), delimiter=delimiter)
    for row in reader:
        if any(text.strip() for text in row):
            expected.append((*(text.strip() for text in row), before))
        before = reader.line_num + 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "BLOCK_BYTES", block)
        table = open_table(file, None, OpenOptions(delimiter=delimiter))
        read = [row for frame in table.blocks() for row in frame.select("a", "b", "c", LINE).iter_rows()]
    assert read == expected[1:]


def test_gzip_is_unpacked_on_the_way(tmp_path):
    file = tmp_path / "mef.csv.gz"
    file.write_bytes(gzip.compress("\n".join(MEF_ROWS).encode("latin-1")))
    assert amounts_of(file)["pim"] == Decimal("1158.5")


def test_notes_above_the_header_are_passed_over(tmp_path):
    rows = ["# Source: somebody", "", *TABLE_ROWS]
    mapping = write(tmp_path, "map.yaml", [TABLE_MAPPING])
    lines = read_budget(write(tmp_path, "t.csv", rows), mapping=mapping)
    assert lines.frame["line"].to_list() == [4, 5]


# --- mapped tables ---------------------------------------------------------------------------------------------------


def read_mapped(tmp_path, rows, mapping, name="t.csv", encoding="utf-8"):
    return read_budget(write(tmp_path, name, rows, encoding), mapping=write(tmp_path, "map.yaml", [mapping]))


def test_a_mapped_table_with_gender_shares(tmp_path):
    lines = read_mapped(tmp_path, TABLE_ROWS, TABLE_MAPPING)
    totals = totals_by_year(lines.frame)[2023]
    assert totals.amounts["pim"] == 22
    assert totals.amounts["paid"] is None
    gender = gender_totals_by_year(lines.frame)[2023]
    assert (gender.lines, gender.full["pim"], gender.weighted["pia"]) == (1, 20, Decimal("5.25"))
    assert lines.frame["label:programme"].to_list() == ["Salud", "Obras"]


def test_commas_for_decimals_and_dots_for_thousands(tmp_path):
    mapping = "year: {column: anio}\ncurrency: ARS\ndecimal: ','\nthousands: '.'\nline: [cod]\nstages: {pim: monto}"
    rows = ["cod;anio;monto", "a;2023;1.234.567,89", "b;2024;0,5"]
    totals = totals_by_year(read_mapped(tmp_path, rows, mapping).frame)
    assert totals[2023].amounts["pim"] == Decimal("1234567.89")
    assert totals[2024].amounts["pim"] == Decimal("0.5")


def test_an_empty_amount_is_missing_and_not_zero(tmp_path):
    lines = read_mapped(tmp_path, [TABLE_ROWS[0], "01,Salud,,20,,50"], TABLE_MAPPING)
    assert lines.frame.select("pia", "pim", "accrued").row(0) == (None, Decimal(20), None)


def test_a_stage_may_have_a_column_a_year_and_another_unit(tmp_path):
    mapping = (
        "currency: INR\nfactor: 10000000\nline: [slug]\nwhere: {unit: Rs. Crore}\n"
        "stages: {pia: {2016: 2016-17(BE), 2017: 2017-18(BE)}, pim: {2016: 2016-17(RE)}}"
    )
    rows = [
        "slug,2016-17(BE),2016-17(RE),2017-18(BE),unit",
        "a,17408,17640.4,22094.7,Rs. Crore",
        "b,0.88,0.88,1.03,",
        "c,,,5,Rs. Crore",
    ]
    lines = read_mapped(tmp_path, rows, mapping)
    totals = totals_by_year(lines.frame)
    assert totals[2016].amounts["pim"] == Decimal("176404000000")
    assert totals[2016].lines == 1  # c did not exist yet
    assert totals[2017].amounts["pia"] == Decimal("220997000000")


def test_repeated_rows_are_added_up_where_the_mapping_says_so(tmp_path):
    mapping = TABLE_MAPPING + "repeated_lines: sum\n"
    lines = read_mapped(tmp_path, [*TABLE_ROWS, "01,Salud,1,2,,50"], mapping)
    assert lines.frame.height == 2
    assert lines.frame.row(0, named=True)["pim"] == 22


def test_a_workbook_with_numbers_dates_and_a_named_sheet(tmp_path):
    book = Workbook()
    book.active.append(["nothing here"])
    sheet = book.create_sheet("Hoja2")
    sheet.append(["Presupuesto 2023"])
    for row in (["Programa", "nombre", "aprobado", "vigente", "devengado", "ppg"], [1, "Salud", 0.1, 0.2, 0.3, 50]):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    mapping = write(tmp_path, "map.yaml", [TABLE_MAPPING + "sheet: Hoja2\n"])
    frame = read_budget(tmp_path / "t.xlsx", mapping=mapping).frame
    assert frame.select("code", "line", "pia", "pim", "accrued").row(0) == (
        "1",
        3,
        Decimal("0.1"),
        Decimal("0.2"),
        Decimal("0.3"),
    )


# --- the query page, and data packages -------------------------------------------------------------------------------

CONSULTA = [
    "Año,Departamento,Provincia,Municipalidad,PIA,PIM,Certificación,Compromiso Anual,Atención de Compromiso Mensual,"
    "Devengado,Girado,Avance %",
    '2024,15: LIMA,1501: LIMA,150142-301291: MUNICIPALIDAD DE A,"1,000","2,500",9,8,7,6,5,0.2',
    '2024,15: LIMA,1501: LIMA,150143-301292: MUNICIPALIDAD DE B,"1","2",1,1,1,1,1,50.0',
]


def test_the_query_page_as_csv(tmp_path):
    lines = read_budget(write(tmp_path, "consulta.csv", CONSULTA))
    assert lines.source == "consulta"
    first = lines.frame.row(0, named=True)
    assert first["code"] == "150142-301291"
    assert first["label:entity"] == "MUNICIPALIDAD DE A"
    assert first["label:department"] == "LIMA"
    assert (first["pim"], first["committed"], first["paid"]) == (2500, 8, 5)


@pytest.mark.parametrize("municipality", ["150143", "301292"])
def test_one_municipality_of_the_query_page(tmp_path, municipality):
    assert amounts_of(write(tmp_path, "consulta.csv", CONSULTA), municipality=municipality)["pim"] == 2


def package(tmp_path, style="model", **measure):
    measures = {"amount": {"source": "value", "currency": "EUR", "phase": "adjusted", **measure}}
    dimensions = {
        "date": {"dimensionType": "datetime", "attributes": {"year": {"source": "year"}}, "primaryKey": "year"},
        "function": {
            "dimensionType": "classification",
            "classificationType": "functional",
            "primaryKey": ["code"],
            "attributes": {"code": {"source": "code"}, "label": {"source": "name", "labelfor": "code"}},
        },
    }
    content = {
        "name": "p",
        "resources": [{"name": "r", "path": "data.csv"}],
        style: {"measures": measures, "dimensions": dimensions},
    }
    write(tmp_path, "datapackage.json", [json.dumps(content)])
    write(
        tmp_path, "data.csv", ["year,code,name,value", "2014,01,Health,1.5", "2014,01,Health,2.25", "2015,02,Roads,4"]
    )
    return tmp_path


@pytest.mark.parametrize("style", ["model", "mapping"])
def test_both_styles_of_data_packages(tmp_path, style):
    lines = read_budget(package(tmp_path, style, factor=1000))
    totals = totals_by_year(lines.frame)
    assert (totals[2014].amounts["pim"], totals[2015].amounts["pim"]) == (3750, 4000)
    assert totals[2014].lines == 1
    assert lines.currency == "EUR"
    assert lines.frame["label:function"].to_list() == ["Health", "Roads"]
    assert [problem.rule for problem in lines.problems] == ["rows_summed"]


def test_an_unknown_phase_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"phase 'imagined'\. Known: approved, adjusted, executed"):
        read_budget(package(tmp_path, phase="imagined"))


def test_a_package_never_reads_outside_of_its_folder(tmp_path):
    package(tmp_path)
    descriptor = tmp_path / "datapackage.json"
    descriptor.write_text(descriptor.read_text(encoding="utf-8").replace("data.csv", "../secret.csv"), encoding="utf-8")
    with pytest.raises(InputError, match="leads out of the package's folder"):
        read_budget(descriptor)
