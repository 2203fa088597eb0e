"""Real budget files, with csv, openpyxl and Decimal as an independent judge of our readers."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from budget_model.spending.lines import gender_totals_by_year, totals_by_year
from data.readers.budget_files import read_budget
from data.store import lines
from data.store.budget_imports import load_import
from data.store.engine import make_engine, session_factory
from data.workflows.budgets import import_budget_file
from tests.data.budget_files import add_site

pytestmark = pytest.mark.shared
EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "examples"
CARMEN = EXAMPLES / "carmen_de_areco.yaml"
CARMEN_COLUMNS = {
    "pia": "credito_aprobado",
    "pim": "credito_vigente",
    "committed": "compromiso",
    "accrued": "devengado",
    "paid": "pagado",
}


def csv_rows(file, encoding="utf-8-sig"):
    """Rows of a CSV file as the standard library reads them."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))


def summed(rows, column, factor=1):
    return sum(Decimal(row[column].replace(",", "")) * factor for row in rows if row[column].strip())


def totals(file, **options):
    return totals_by_year(read_budget(file, **options).frame)


def test_every_municipality_of_peru(shared_data):
    file = shared_data / "budget" / "peru_mef_municipalidades_2024_2025_raw.xlsx"
    columns = {"pia": 4, "pim": 5, "certified": 6, "committed": 7, "accrued": 9, "paid": 10}
    book = load_workbook(file, read_only=True)
    judge = list(book.active.iter_rows(min_row=2, values_only=True))
    book.close()
    found = totals(file)
    assert sum(total.lines for total in found.values()) == len(judge) == 3782
    for year, total in found.items():
        for stage, column in columns.items():
            expected = sum(Decimal(str(row[column]).replace(",", "")) for row in judge if int(row[0]) == year)
            assert total.amounts[stage] == expected


def test_villa_el_salvador_as_published(shared_data):
    file = shared_data / "budget" / "peru_mef_municipalidades_2024_2025_raw.xlsx"
    found = totals(file, municipality="150142")
    assert found[2024].amounts["pia"] == 144_996_235
    assert found[2024].amounts["pim"] == 203_605_168
    assert found[2024].amounts["accrued"] == 173_412_956
    assert (found[2025].amounts["pim"], found[2025].amounts["accrued"]) == (179_038_376, 21_135_468)


@pytest.fixture
def carmen(shared_data):
    return shared_data / "budget" / "carmen_de_areco"


def test_carmen_de_areco_meets_the_printed_totals_to_the_cent(carmen):
    golden = json.loads(
        (carmen / "presupuesto_completo_2024_con_ppg_golden.json").read_text(encoding="utf-8"), parse_float=Decimal
    )
    total = totals(carmen / "presupuesto_completo_2024_con_ppg.csv", mapping=CARMEN)[2024]
    assert total.lines == 117
    for stage, column in CARMEN_COLUMNS.items():
        assert total.amounts[stage] == golden["totales_generales_impresos"][column]


def test_the_gender_report_of_carmen_de_areco_meets_its_printed_totals_to_the_cent(carmen):
    golden = json.loads(
        (carmen / "presupuesto_completo_2024_con_ppg_golden.json").read_text(encoding="utf-8"), parse_float=Decimal
    )
    mapping = EXAMPLES / "carmen_de_areco_gender_report.yaml"
    frame = read_budget(carmen / "gastos_genero_2024.csv", mapping=mapping).frame
    weighted = gender_totals_by_year(frame)[2024].weighted
    for stage, column in CARMEN_COLUMNS.items():
        assert weighted[stage] == golden["total_genero_impreso"][column]
    assert weighted["pim"] == Decimal("1006048924.56")


def test_amount_times_share_differs_from_the_printed_report_by_its_rounding_only(carmen):
    """The municipality rounds each object of expenditure; the file has one row an activity, so that 24 cents are lost.

    1,006,048,924.3185 by the shares, 1,006,048,924.56 printed; no line differs by more than 7 cents.
    """
    frame = read_budget(carmen / "presupuesto_completo_2024_con_ppg.csv", mapping=CARMEN).frame
    rows = csv_rows(carmen / "presupuesto_completo_2024_con_ppg.csv")
    weighted = gender_totals_by_year(frame)[2024].weighted
    for stage, column in CARMEN_COLUMNS.items():
        assert weighted[stage] == sum(Decimal(row[column]) * Decimal(row["ppg_pct"]) / 100 for row in rows)
    assert weighted["pim"] == Decimal("1006048924.3185")
    report = read_budget(
        carmen / "gastos_genero_2024.csv", mapping=EXAMPLES / "carmen_de_areco_gender_report.yaml"
    ).frame
    printed = dict(report.select("code", "pim").iter_rows())
    ours = {code: pim * share for code, pim, share in frame.select("code", "pim", "gender_share").iter_rows() if share}
    assert ours.keys() == printed.keys()
    assert max(abs(ours[code] - printed[code]) for code in printed) <= Decimal("0.07")


def test_carmen_de_areco_is_stored_to_the_cent(carmen, factory):
    add_site(factory, "carmen", "ARS")
    file = carmen / "presupuesto_completo_2024_con_ppg.csv"
    _, result = import_budget_file(factory, "carmen", file, "test", mapping=CARMEN)
    assert result.new == 117
    with factory() as session:
        (total,) = lines.totals_by_year(session, 1)
        stored = lines.list_lines(session, 1, 2024)
    assert total.amounts["pim"] == Decimal("7807838493.41")
    assert sum(line.pim * line.gender_share for line in stored) == Decimal("1006048924.3185")


def test_villa_el_salvador_is_stored_as_published(shared_data, factory):
    add_site(factory, "ves", "PEN")
    file = shared_data / "budget" / "peru_mef_municipalidades_2024_2025_raw.xlsx"
    import_budget_file(factory, "ves", file, "test", municipality="301291", year=2024)
    with factory() as session:
        (total,) = lines.totals_by_year(session, 1)
    assert (total.year, total.amounts["pim"], total.amounts["accrued"]) == (2024, 203_605_168, 173_412_956)


def test_the_moldovan_package_with_its_factors(shared_data):
    folder = shared_data / "budget" / "fdp_moldova"
    rows = csv_rows(folder / "data" / "boost-moldova-2014.csv")
    lines_read = read_budget(folder / "datapackage.json")
    total = totals_by_year(lines_read.frame)[2014]
    assert total.amounts["pia"] == summed(rows, "approved", 1000)
    assert total.amounts["pim"] == summed(rows, "adjusted")
    assert total.amounts["accrued"] == summed(rows, "executed", 100)
    assert lines_read.currency == "MDL"
    assert {"factors_differ", "negative_amount"} <= {problem.rule for problem in lines_read.problems}


def test_the_albanian_package_of_the_older_style(shared_data):
    folder = shared_data / "budget" / "fdp_albania"
    rows = csv_rows(folder / "data" / "treasury.csv")
    total = totals(folder)[2014]
    assert (total.lines, total.amounts["accrued"], total.amounts["pim"]) == (40, summed(rows, "Value"), None)


@pytest.mark.parametrize("year", [2018, 2019])
def test_jalisco_by_its_mapping(shared_data, year):
    file = shared_data / "budget" / f"jalisco_egresos_{year}.csv"
    found = totals(file, mapping=EXAMPLES / "jalisco_egresos.yaml")
    rows = csv_rows(file, "latin-1")
    assert {number: total.lines for number, total in found.items()} == {year: len(rows)}
    assert found[year].amounts["pia"] == summed(rows, "importe")


def test_mexico_in_latin_1_and_gzip_by_its_mapping(shared_data):
    file = shared_data / "budget" / "mexico_pef_2018.csv.gz"
    found = read_budget(file, mapping=EXAMPLES / "mexico_pef_2018.yaml")
    frame = found.frame
    assert (found.rows_read, found.rows_kept) == (189_686, 189_686)
    women = frame.filter(pl.col("code") == "47/P/10")
    assert women["pia"].sum() == 421_460_738  # "Fortalecimiento de la Igualdad Sustantiva"
    judge = defaultdict(Decimal)
    for row in csv_rows(file, "latin-1"):
        judge["/".join(row[name] for name in ("ID_RAMO", "ID_MODALIDAD", "ID_PP"))] += Decimal(row["MONTO_APROBADO"])
    assert dict(frame.select("code", "pia").iter_rows()) == judge
    assert totals_by_year(frame)[2018].amounts["pia"] == 5_967_779_918_481
    assert "Promoción y defensa" in " ".join(frame["label:programme"])


def test_india_by_its_mapping_leaves_out_the_ministrys_total(shared_data):
    file = shared_data / "budget" / "india_women_2012_2018.csv"
    rows = [row for row in csv_rows(file) if row["unit"] and not row["slug_name"].startswith("total")]
    found = totals(file, mapping=EXAMPLES / "india_women_schemes.yaml")
    columns = {"accrued": ["2012-13", "2013-14", "2014-15", "2015-16"], "pim": ["2016-17(RE)"]}
    columns["pia"] = ["2016-17(BE)", "2017-18(BE)"]
    for stage, names in columns.items():
        for name in names:
            assert found[int(name[:4])].amounts[stage] == summed(rows, name, 10**7)
    assert found[2012].amounts["pia"] is None


def every_file(budget):
    """File, mapping, currency of the site that it comes in at."""
    yield budget / "peru_mef_municipalidades_2024_2025_raw.xlsx", None, "PEN"
    yield budget / "carmen_de_areco" / "presupuesto_completo_2024_con_ppg.csv", CARMEN, "ARS"
    yield (
        budget / "carmen_de_areco" / "gastos_genero_2024.csv",
        EXAMPLES / "carmen_de_areco_gender_report.yaml",
        "ARS",
    )
    yield budget / "mexico_pef_2018.csv.gz", EXAMPLES / "mexico_pef_2018.yaml", "MXN"
    yield budget / "jalisco_egresos_2018.csv", EXAMPLES / "jalisco_egresos.yaml", "MXN"
    yield budget / "jalisco_egresos_2019.csv", EXAMPLES / "jalisco_egresos.yaml", "MXN"
    yield budget / "india_women_2012_2018.csv", EXAMPLES / "india_women_schemes.yaml", "INR"
    yield budget / "fdp_moldova" / "datapackage.json", None, "MDL"
    yield budget / "fdp_albania" / "datapackage.json", None, "ALL"


def test_every_real_file_comes_in_with_its_totals_and_its_record(shared_data, sqlite_url):
    """What is stored adds up to what was read, stage by stage; the record says so, and again nothing changes."""
    factory = session_factory(make_engine(sqlite_url))
    for number, (file, mapping, currency) in enumerate(every_file(shared_data / "budget"), start=1):
        add_site(factory, f"site-{number}", currency)
        found, done = import_budget_file(factory, f"site-{number}", file, "test", mapping=mapping)
        read = totals_by_year(found.frame)
        with factory() as session:
            stored = {total.year: total for total in lines.totals_by_year(session, number)}
            record = load_import(session, number, done.import_id)
        assert {year: (total.lines, total.amounts) for year, total in stored.items()} == {
            year: (total.lines, total.amounts) for year, total in read.items()
        }
        assert record.rows_read >= record.rows_kept > 0
        assert record.new_count == found.frame.height
        for year, total in read.items():
            told = record.totals[str(year)]["file"]
            assert {stage: None if text is None else Decimal(text) for stage, text in told.items()} == total.amounts
        again = import_budget_file(factory, f"site-{number}", file, "test", mapping=mapping)[1]
        assert (again.new, again.changed, again.unchanged) == (0, 0, found.frame.height)


def test_india_with_a_column_a_year(shared_data, tmp_path):
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "currency: INR\nfactor: 10000000\nline: [slug_name]\nwhere: {unit: Rs. Crore}\n"
        "stages: {accrued: {2012: 2012-13, 2015: 2015-16}}\n",
        encoding="utf-8",
    )
    file = shared_data / "budget" / "india_women_2012_2018.csv"
    rows = [row for row in csv_rows(file) if row["unit"]]
    found = totals(file, mapping=mapping)
    assert found[2012].amounts["accrued"] == summed(rows, "2012-13", 10**7)
    assert found[2015].amounts["accrued"] == summed(rows, "2015-16", 10**7)
