"""Budgets of municipalities and inhabitants of districts: what comes in, what is refused, what a second file moves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_model.errors import InputError
from budget_model.spending.ranking import PROVINCE, rank
from data.readers.district_population import Inhabitants, parse_district_population
from data.store import municipalities as store
from data.workflows.municipalities import import_budgets, import_population
from tests.support import audit_entries, store_fingerprint

HEADER = "Año,Departamento,Provincia,Municipalidad,PIA,PIM,Devengado"
ROWS = (
    '2024,15: LIMA,01: LIMA,150142-301291: MUNICIPALIDAD DISTRITAL DE VILLA EL SALVADOR,"100","200","150"',
    '2024,15: LIMA,01: LIMA,150101-301250: MUNICIPALIDAD METROPOLITANA DE LIMA,"1,000","2,000","500"',
)


def query_page(folder, *rows, name="consulta.csv"):
    path = folder / name
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_budgets_come_in_to_the_sol_and_a_second_file_tells_what_moved(factory, tmp_path):
    done = import_budgets(factory, query_page(tmp_path, *ROWS), "test")
    assert (done.years, done.counts.new) == ((2024,), 2)
    again = import_budgets(factory, query_page(tmp_path, ROWS[0].replace('"150"', '"160"'), ROWS[1]), "test")
    assert (again.counts.new, again.counts.changed, again.counts.unchanged) == (0, 1, 1)
    with factory() as session:
        there = store.list_budgets(session, "PE", 2024)
        lima, villa = there
        assert (lima.code, lima.governs, lima.amounts["pim"]) == ("150101-301250", PROVINCE, Decimal(2000))
        assert {stage: amount for stage, amount in villa.amounts.items() if amount} == {
            "pia": 100,
            "pim": 200,
            "accrued": 160,
        }
        assert villa.amounts["paid"] is None
        assert (villa.name, villa.department) == ("MUNICIPALIDAD DISTRITAL DE VILLA EL SALVADOR", "LIMA")
        assert [entry.action for entry in audit_entries(session)].count("municipal_budgets.import") == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\n".join([HEADER, ROWS[0].replace('"200"', '"dos"'), ROWS[1]]), "line 2, column PIM"),
        ("ANO_EJE,SEC_EJEC,SEC_FUNC,MONTO_PIM,MONTO_DEVENGADO,MES_EJE\n2024,301291,0001,5,3,0\n", "kind 'mef'"),
    ],
)
def test_a_broken_row_and_lines_of_one_municipality_are_refused_and_change_nothing(factory, tmp_path, text, told):
    before = store_fingerprint(factory.kw["bind"])
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        import_budgets(factory, path, "test")
    assert store_fingerprint(factory.kw["bind"]) == before


def test_inhabitants_belong_to_the_district_of_the_budget(factory, tmp_path):
    import_budgets(factory, query_page(tmp_path, *ROWS), "test")
    file = tmp_path / "population.csv"
    file.write_text("code,year,persons,women,men\n150142,2023,50,26,24\n", encoding="utf-8")
    assert import_population(factory, file, "a count", "test") == 1
    with factory() as session:
        found = rank(store.list_budgets(session, "PE", 2024), "budget_per_person")
        assert [(one.municipality.code, one.value) for one in found.ranked] == [("150142-301291", 4)]  # 200 / 50
        assert store.population_source(session, "PE") == ("a count", 2023)
    with pytest.raises(InputError, match="State who counted"):
        import_population(factory, file, " ", "test")


def test_density_times_area_is_persons_and_districts_without_a_figure_stay_unknown():
    text = "inei,superficie,pob_densidad_2020\n010101,153.78,201.43711796072299\n050511,S.I.,S.I.\n030612,NA,NA\n"
    assert parse_district_population(text, "t.csv") == (Inhabitants("010101", 2020, 30977),)  # 30,977.0000000


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("150142,2023,5.5,,", "line 2, column persons"),
        ("150142,2023,50,26,25", "26 women and 25 men are not 50"),
        ("150142,99,50,,", "column year"),
        (",2023,50,,", "column code"),
        ("150142,2023,50,,\n150142,2024,51,,", "stands twice"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_place(row, told):
    with pytest.raises(InputError, match=told):
        parse_district_population(f"code,year,persons,women,men\n{row}\n", "t.csv")


def test_a_table_of_something_else_is_refused():
    with pytest.raises(InputError, match="code,year,persons"):
        parse_district_population("a,b\n1,2\n", "t.csv")


@pytest.mark.shared
def test_every_municipality_of_the_ministrys_file_has_its_printed_figures(factory, shared_data):
    import_budgets(factory, shared_data / "budget" / "peru_mef_municipalidades_2024_2025_raw.xlsx", "test")
    import_population(factory, shared_data / "geo" / "peru_ubigeo_distrito.csv", "district table", "test")
    with factory() as session:
        found = rank(store.list_budgets(session, "PE", 2024), "execution")
        assert len(found.ranked) == 1891
        villa = found.find("150142-301291")
        assert (villa.municipality.amounts["pim"], villa.municipality.amounts["accrued"]) == (203605168, 173412956)
        assert round(float(100 * villa.value), 1) == 85.2  # as printed in the file
