"""Notes in the store: versions that only grow, one of two who save, a trail for every site; and `budget note`."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from click.testing import CliRunner

from budget_model.errors import InputError, NotFoundError, StaleVersionError
from budget_model.spending.notes import parse_note
from data.commands.budget import budget
from data.store import budget_notes as store
from data.store.audit import list_entries
from data.store.engine import make_engine, session_factory, transaction
from data.store.tables import BudgetNoteVersion
from data.workflows.budget_notes import active_notes, change_note, pin_note, withdraw_note
from tests.store_builders import make_site
from tests.support import store_fingerprint

MERGED = parse_note("2023-05", "Ordinance 412 merged two programmes", "pim", "https://example.pe/412")
SPLIT = parse_note("2024", "They were split again")


@pytest.fixture
def sites(factory):
    with transaction(factory) as session:
        return {slug: make_site(session, slug).id for slug in ("lomas", "pampa")}


def pin(factory, note=MERGED, slugs=("lomas",), author="Ana Quispe"):
    return pin_note(factory, slugs, note, author, "ana").id


def notes_of(factory, site_id):
    with factory() as session:
        return active_notes(session, [site_id])


def trail(factory, site_id):
    with factory() as session:
        return [(one.action, one.actor, one.subject) for one in list_entries(session, site_id) if "note." in one.action]


def test_a_note_is_kept_as_it_was_written_for_the_sites_that_were_named(factory, sites):
    made = pin(factory)
    [found] = notes_of(factory, sites["lomas"])
    assert (found.id, found.newest.note, found.newest.author, found.newest.saved_by) == (
        made,
        MERGED,
        "Ana Quispe",
        "ana",
    )
    assert notes_of(factory, sites["pampa"]) == []
    assert trail(factory, sites["lomas"]) == [("note.pin", "ana", str(made))]
    assert trail(factory, sites["pampa"]) == []


def test_a_note_of_two_sites_stands_in_both_trails(factory, sites):
    made = pin(factory, slugs=("lomas", "pampa"))
    assert [one.id for site in sites.values() for one in notes_of(factory, site)] == [made, made]
    withdraw_note(factory, made, "Never published", "beto", 1)
    for site in sites.values():
        assert notes_of(factory, site) == []
        assert trail(factory, site)[0] == ("note.withdraw", "beto", str(made))


def test_notes_come_in_the_order_of_time_and_not_of_writing(factory, sites):
    late, early = pin(factory, SPLIT), pin(factory, MERGED)
    whole, day = pin(factory, parse_note("2023", "All year")), pin(factory, parse_note("2023-12-31", "The end"))
    assert [one.id for one in notes_of(factory, sites["lomas"])] == [early, whole, day, late]


def test_the_same_note_is_not_pinned_twice_but_another_persons_is(factory, sites):
    first = pin(factory)
    again = pin_note(factory, ["lomas"], MERGED, "Ana Quispe", "ana")
    assert (again.id, again.is_new) == (first, False)
    assert pin(factory, author="Dora Luna") != first
    assert pin(factory, slugs=("lomas", "pampa")) != first


def test_nothing_is_deleted_a_withdrawn_note_keeps_all_its_versions(factory, sites):
    made = pin(factory)
    change_note(factory, made, SPLIT, "Dora Luna", "dora", 1, "Wrong year")
    withdraw_note(factory, made, "Never published", "ana", 2)
    with factory() as session:
        found = store.load_note(session, made)
        assert session.query(BudgetNoteVersion).count() == 3
    assert [(one.version, one.state, one.note, one.author, one.reason, one.saved_by) for one in found.versions] == [
        (3, "withdrawn", SPLIT, "Dora Luna", "Never published", "ana"),
        (2, "active", SPLIT, "Dora Luna", "Wrong year", "dora"),
        (1, "active", MERGED, "Ana Quispe", "", "ana"),
    ]
    assert notes_of(factory, sites["lomas"]) == []
    actions = [one[0] for one in trail(factory, sites["lomas"])]
    assert actions == ["note.withdraw", "note.change", "note.pin"]


def test_whoever_is_second_is_told_what_the_first_did_and_stores_nothing(factory, sites):
    made = pin(factory)
    change_note(factory, made, SPLIT, "Dora Luna", "dora", 1)
    before = store_fingerprint(factory.kw["bind"])
    with pytest.raises(StaleVersionError) as told:
        withdraw_note(factory, made, "Never published", "ana", 1)
    assert (told.value.based_on, told.value.found, told.value.by) == (1, 2, "dora")
    assert told.value.changes["when"] == ("2023-05", "2024")
    with pytest.raises(StaleVersionError):
        change_note(factory, made, MERGED, "Ana Quispe", "ana", 1)
    assert store_fingerprint(factory.kw["bind"]) == before


def test_of_many_who_save_at_once_one_is_stored(factory, sites):
    made = pin(factory)

    def save(number):
        try:
            change_note(factory, made, parse_note("2023", f"Words of {number}"), f"P{number}", f"p{number}", 1)
        except StaleVersionError:
            return 0
        return 1

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(save, range(6))) == 1
        assert len(set(pool.map(lambda _: pin(factory, SPLIT), range(6)))) == 1
    [found] = [one for one in notes_of(factory, sites["lomas"]) if one.id == made]
    assert [one.version for one in found.versions] == [2, 1]


def test_a_refused_step_changes_nothing(factory, sites):
    made = pin(factory)
    withdraw_note(factory, made, "Never published", "ana", 1)
    before = store_fingerprint(factory.kw["bind"])
    for refused in (
        lambda: withdraw_note(factory, made, "again", "ana", 2),
        lambda: change_note(factory, made, SPLIT, "Ana", "ana", 2),
        lambda: pin_note(factory, [], SPLIT, "Ana", "ana"),
        lambda: pin_note(factory, ["lomas"], SPLIT, " ", "ana"),
        lambda: pin_note(factory, ["lomas"], SPLIT, "A\u202eb", "ana"),
    ):
        with pytest.raises(InputError):
            refused()
    with pytest.raises(NotFoundError):
        pin_note(factory, ["lomas", "nowhere"], SPLIT, "Ana", "ana")
    with pytest.raises(NotFoundError):
        withdraw_note(factory, made + 1, "no", "ana")
    assert store_fingerprint(factory.kw["bind"]) == before


@pytest.fixture
def run(sqlite_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    engine = make_engine(sqlite_url)
    with transaction(session_factory(engine)) as session:
        for slug in ("lomas", "pampa"):
            make_site(session, slug)
    engine.dispose()

    def called(*arguments, code=0):
        result = CliRunner().invoke(budget, ["note", *arguments])
        assert result.exit_code == code, result.output
        return json.loads(result.stdout) if "--json" in arguments else result.output

    return called


def test_notes_are_pinned_listed_and_withdrawn_on_the_command_line(run):
    words = ("--when", "2023-05", "--text", "=Ordinance 412", "--author", "Ana", "--stage", "pim")
    made = run("add", "--site", "lomas", "--site", "pampa", *words, "--source", "acta 12", "--json")
    assert made == {"note": made["note"], "version": 1, "is_new": True}
    assert run("add", "--site", "pampa", "--site", "lomas", *words, "--source", "acta 12", "--json")["is_new"] is False
    [one] = run("list", "--site", "pampa", "--json")["notes"]
    assert (one["when"], one["text"], one["stage"], one["source"], one["author"], one["sites"], one["saved_by"]) == (
        "2023-05",
        "=Ordinance 412",
        "pim",
        "acta 12",
        "Ana",
        ["lomas", "pampa"],
        "command line",
    )
    assert "=Ordinance 412" in run("list")
    number = str(made["note"])
    assert "version" in run("withdraw", number, "--reason", "x", "--version", "7", code=1)
    assert run("withdraw", number, "--reason", "Not published", "--json")["state"] == "withdrawn"
    assert run("list", "--json")["notes"] == []
    [gone] = run("list", "--withdrawn", "--json")["notes"]
    assert (gone["state"], gone["reason"], len(gone["versions"])) == ("withdrawn", "Not published", 2)


def test_the_command_line_says_what_is_wrong_with_a_note(run):
    refused = run("add", "--site", "lomas", "--when", "2023-02-30", "--text", "x\u202ey", "--author", "Ana", code=1)
    assert "2023-02-30" in refused
    assert "U+202E" in refused
    assert run("list", "--json")["notes"] == []
    run("withdraw", "7", "--reason", "x", code=1)
    run("add", "--site", "nowhere", "--when", "2023", "--text", "x", "--author", "Ana", code=1)
