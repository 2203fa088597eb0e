"""Stores in which an earlier import of an extract made an area of the people whose sector is hidden."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import func, select

from data.store.areas import AreaRecord, area_ids, list_areas, root_area, save_areas
from data.store.audit import list_entries
from data.store.engine import transaction
from data.store.migrate import downgrade, migrate
from data.store.tables import Area, Estimate, FocusGroupSession, Indicator, Need, SexContrast
from data.workflows.anonymise import HIDDEN_AREA
from tests.store_builders import make_place


def with_figures_of(session, place, codes: tuple[str, ...]) -> None:
    """An estimate, a contrast and a need for each of these areas, and a session held in each."""
    site_id, round_id = place.site.id, place.survey_round.id
    indicator = Indicator(site_id=site_id, code="TAP", version=1, definition={})
    session.add(indicator)
    session.flush()
    for code, area_id in area_ids(session, site_id).items():
        if code not in codes:
            continue
        key = {"round_id": round_id, "indicator_id": indicator.id, "area_id": area_id}
        session.add_all(
            [
                Estimate(**key, sex="all", estimate=0.5, n=4, population=4.0, count=2.0),
                SexContrast(**key, difference=0.1),
                Need(**key, target_group="women", universe=4.0, deficit=2.0),
                FocusGroupSession(
                    site_id=site_id,
                    code=code,
                    version=1,
                    state="active",
                    saved_at=datetime(2026, 1, 2, tzinfo=UTC),
                    saved_by="ana",
                    held_on=date(2026, 1, 1),
                    area_id=area_id,
                    place="hall",
                    composition="women",
                    facilitator="house",
                    method="points",
                    participants={},
                    findings="",
                    quotes=[],
                ),
            ]
        )


def test_the_area_of_hidden_people_goes_with_its_figures_and_nothing_else_does(engine, factory, database_url):
    with transaction(factory) as session:
        place = make_place(session)
        other = make_place(session, "other")
        save_areas(session, place.site.id, "test", [AreaRecord(HIDDEN_AREA, "Not shown (protection)")])
        save_areas(session, place.site.id, "test", [AreaRecord("below", "Below", 2, HIDDEN_AREA)])
        with_figures_of(session, place, ("north", HIDDEN_AREA))
        site_id, other_id = place.site.id, other.site.id
    downgrade(database_url, "0041")
    migrate(database_url)
    with factory() as session:
        assert [area.code for area in list_areas(session, site_id)] == ["lomas", "north", "south", "below"]
        assert [area.code for area in list_areas(session, other_id)] == ["other", "north", "south"]
        north, root = area_ids(session, site_id)["north"], root_area(session, site_id).id
        for table in (Estimate, SexContrast, Need):
            assert list(session.scalars(select(table.area_id))) == [north]
        places = dict(session.execute(select(FocusGroupSession.code, FocusGroupSession.area_id)).all())
        assert places == {"north": north, HIDDEN_AREA: root}
        assert session.scalar(select(Area.parent_id).where(Area.code == "below")) == root
        told = [entry for entry in list_entries(session, site_id) if entry.action == "areas.remove"]
        assert [entry.detail["figures"] for entry in told] == [
            {"estimate": 1, "sex_contrast": 1, "need": 1, "published_figure": 0}
        ]


def test_a_store_without_such_an_area_stays_as_it_is(engine, factory, database_url):
    with transaction(factory) as session:
        make_place(session)
    downgrade(database_url, "0041")
    migrate(database_url)
    with factory() as session:
        assert session.scalar(select(func.count()).select_from(Area)) == 3
        assert not [entry for entry in list_entries(session) if entry.action == "areas.remove"]
