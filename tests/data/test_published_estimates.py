"""Published estimates as a round of their own: stored as printed, refused whole, and the districts of ENAHO 2019."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from budget_model.errors import InputError
from data.readers.estimates_table import read_estimates_map
from data.store.engine import transaction
from data.store.estimates import load_estimates
from data.store.publications import load_published
from data.store.rounds import load_round
from data.store.tables import AuditEntry
from data.workflows.corrected import corrected_answers
from data.workflows.geometry import import_shapes
from data.workflows.published_estimates import StoredEstimates, import_estimates
from tests.store_builders import make_place, make_site
from tests.support import store_fingerprint

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "examples" / "enaho_2019_districts.yaml"
MAP = """
source: an office of statistics
coverage: {area: everything}
published: true
ends_on: 2019-12-31
columns: {area: place, indicator: what, estimate: value, cv: cv, sex: sex}
sexes: {mujer: female, hombre: male, total: all}
site: {place: all}
indicators:
  water: {id: WATER, version: 1, level: person, universe: "true", numerator: w = 1, direction: up, label: {en: Water}}
  hours: {id: HOURS, version: 1, level: person, universe: "true", mean: hours, direction: down, label: {en: Hours}}
  other: null
"""
TABLE = """place,what,sex,value,cv
all,water,total,.8,.05
north,water,mujer,.75,.1
north,water,hombre,1,0
north,hours,mujer,31.5,.2
south,water,total,,
south,other,total,7,
"""


def store(factory, table: str = TABLE, text: str = MAP) -> StoredEstimates:
    return import_estimates(
        factory, "lomas", "2019", table.encode(), "t.csv", read_estimates_map(text, "m.yaml"), "ana"
    )


@pytest.fixture
def place(factory):
    with transaction(factory) as session:
        make_place(session)


def test_figures_are_stored_as_printed_and_an_unknown_error_stays_unknown(factory, place):
    """se = cv × value: 0.1 × 0.75; a share of 1 with a cv of 0 has no error that anybody knows."""
    done = store(factory)
    assert (done.estimates, done.state, done.table.left_out) == (4, "published", 2)
    with factory() as session:
        survey_round = load_round(session, 1, "2019")
        frame = load_estimates(session, survey_round.id).set_index(["indicator", "area", "sex"])
        shown = load_published(session, survey_round.id).set_index(["indicator", "area", "sex"])
    women, men = frame.loc[("WATER", "north", "female")], frame.loc[("WATER", "north", "male")]
    assert (women["estimate"], women["cv"]) == (0.75, 0.1)
    assert women["standard_error"] == pytest.approx(0.075)
    assert 0 < women["ci_low"] < 0.75 < women["ci_high"] < 1
    assert men["cv"] == 0
    assert men[["standard_error", "ci_low", "n", "population"]].isna().all()
    assert frame.loc[("HOURS", "north", "female")]["standard_error"] == pytest.approx(6.3)
    assert ("WATER", "lomas", "all") in frame.index
    assert (shown["status"] == "shown").all()
    assert shown["estimate"].to_dict() == frame["estimate"].to_dict()


def test_a_table_that_is_not_published_by_its_source_is_for_officials_only(factory, place):
    assert store(factory, text=MAP.replace("published: true", "published: false")).state == "draft"
    with factory() as session:
        assert load_published(session, load_round(session, 1, "2019").id).empty


def test_every_problem_is_named_and_nothing_is_stored(factory, engine, place):
    before = store_fingerprint(engine)
    table = TABLE + "nort,water,total,.5,.1\nnorth,watr,total,.5,.1\nsouth,water,total,1.7,.1\nall,water,total,.8,x\n"
    with pytest.raises(InputError) as caught:
        store(factory, table)
    assert [(problem.line, problem.column) for problem in caught.value.problems] == [
        (8, "place"),
        (9, "what"),
        (10, "value"),
        (11, "cv"),
    ]
    assert "The nearest is 'north'" in str(caught.value)
    assert store_fingerprint(engine) == before


def test_a_cell_twice_and_a_missing_column_are_refused(factory, place):
    with pytest.raises(InputError, match="stands in line 2 already"):
        store(factory, TABLE + "all,water,total,.7,.1\n")
    with pytest.raises(InputError, match="no column 'value'"):
        store(factory, TABLE.replace("value", "valor"))


def test_a_map_with_an_unsound_indicator_is_refused(factory, place):
    with pytest.raises(InputError, match="numerator"):
        store(factory, text=MAP.replace(", mean: hours", ""))


def test_such_a_round_has_no_answers_to_work_on(factory, place, tmp_path):
    store(factory)
    with factory() as session, pytest.raises(InputError, match="no answers here"):
        corrected_answers(session, tmp_path, load_round(session, 1, "2019"))


@pytest.mark.shared
def test_district_figures_of_enaho_2019_come_in_with_their_map(factory, shared_data):
    """Villa El Salvador is 150142; the figures are those of the file."""
    with transaction(factory) as session:
        make_site(session, "lima-callao")
    table = (shared_data / "survey" / "peru_enaho_2019_district_indicators.csv").read_bytes()
    register = (shared_data / "geo" / "peru_ubigeo_distrito.csv").read_bytes()
    mapping = read_estimates_map(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    done = import_estimates(factory, "lima-callao", "2019", table, "t.csv", mapping, "ana", (register, "u.csv"))
    shapes = (shared_data / "geo" / "lima_callao_distritos.geojson").read_bytes()
    drawn = import_shapes(factory, "lima-callao", shapes, "g.geojson", "ana", 1, "distrito", {"MI PERÃz": "070107"})
    assert len(done.areas) == 51
    assert done.without_figure == ("150127", "150129", "150138", "150144")
    assert len(drawn.added) == 50
    with factory() as session:
        frame = load_estimates(session, load_round(session, 1, "2019").id).set_index(["area", "indicator"])
        entries = session.scalars(select(AuditEntry.action)).all()
    villa = frame.loc["150142"]
    assert villa["estimate"].to_dict() == {
        "EARTHFLOOR": 0.0,
        "ELECTRICITY": 1.0,
        "FIREWOOD": 0.0659362,
        "PIPEDWATER": 0.9620483,
        "SEWER": 0.8916065,
    }
    assert villa.loc["PIPEDWATER"]["cv"] == 0.0390681
    assert villa.loc["FIREWOOD"]["standard_error"] == pytest.approx(0.0659362 * 0.4286687)
    assert frame.loc[("lima-callao", "PIPEDWATER")]["estimate"] == 0.9322013
    assert {"estimates.import", "areas.shapes"} <= set(entries)
