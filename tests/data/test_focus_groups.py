"""Sessions of focus groups in the store: versions, refusals that change nothing, names, the mix, files, commands."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from budget_model.__main__ import main
from budget_model.errors import InputError, NotFoundError
from data.readers.focus_groups import read_sessions
from data.store import focus_groups as store
from data.store.engine import make_engine, session_factory
from data.store.tables import AuditEntry, FocusGroupSession, PriorityMix
from data.workflows.focus_groups import edit_session, find_hints, record_of, save_sessions, withdraw_session
from data.workflows.priorities import load_mix, load_priorities, set_mix
from tests.focus_builders import make_focus_site, make_record, men_record
from tests.support import store_fingerprint


@pytest.fixture
def site(factory):
    return make_focus_site(factory).site


def save(factory, *records, **options):
    return save_sessions(factory, "lomas", records, "ana", **options)


def refusal(factory, *records, **options):
    with pytest.raises(InputError) as refused:
        save(factory, *records, **options)
    return refused.value.problems


# ---- versions --------------------------------------------------------------------------------------------------------


def test_a_session_is_stored_as_it_was_entered(factory, site):
    [done] = save(factory, make_record(area="north"))
    assert (done.code, done.version, done.is_new) == ("FG-1", 1, True)
    with factory() as session:
        stored = record_of(session, store.load_version(session, site.id, "FG-1"))
    assert stored == make_record(area="north")


def test_an_edit_is_a_new_version_and_the_old_one_stays(factory, site):
    save(factory, make_record())
    changed = make_record(findings="Falta agua desde las cinco.")
    done = edit_session(factory, "lomas", changed, "beto", based_on=1, reason="la hora")
    assert (done.version, done.is_new) == (2, True)
    with factory() as session:
        first, second = store.list_versions(session, site.id, "FG-1")
        assert (first.findings, first.saved_by) == ("Falta agua desde las seis de la tarde.", "ana")
        assert (second.findings, second.saved_by, second.reason) == ("Falta agua desde las cinco.", "beto", "la hora")
        assert store.load_scores(session, [first.id])[first.id] == store.load_scores(session, [second.id])[second.id]
        assert [one.version for one in store.list_sessions(session, site.id)] == [2]


def test_an_edit_does_not_make_an_invented_session_real(factory, site):
    save(factory, make_record(is_synthetic=True))
    edit_session(factory, "lomas", make_record(place="Plaza"), "ana", based_on=1)
    with factory() as session:
        assert store.load_version(session, site.id, "FG-1").is_synthetic


def test_saving_the_same_again_stores_nothing(factory, engine, site):
    save(factory, make_record())
    before = store_fingerprint(engine)
    [done] = save(factory, make_record())
    assert (done.version, done.is_new) == (1, False)
    assert store_fingerprint(engine) == before


def test_an_edit_of_an_older_version_is_refused(factory, engine, site):
    save(factory, make_record())
    edit_session(factory, "lomas", make_record(place="Plaza"), "ana", based_on=1)
    before = store_fingerprint(engine)
    with pytest.raises(InputError, match="version 2"):
        edit_session(factory, "lomas", make_record(place="Mercado"), "beto", based_on=1)
    assert store_fingerprint(engine) == before


def test_a_withdrawn_session_does_not_count_and_stays_on_record(factory, site):
    save(factory, make_record(), men_record())
    done = withdraw_session(factory, "lomas", "FG-1", "ana", reason="se anotó dos veces")
    assert (done.version, done.is_new) == (2, True)
    assert not withdraw_session(factory, "lomas", "FG-1", "ana", reason="otra vez").is_new
    with factory() as session:
        assert [one.code for one in store.list_sessions(session, site.id)] == ["FG-2"]
        assert len(store.list_sessions(session, site.id, with_withdrawn=True)) == 2
        assert load_priorities(session, site.id)["women"] is None
    with pytest.raises(InputError, match="why"):
        withdraw_session(factory, "lomas", "FG-2", "ana", reason=" ")


def test_saving_a_withdrawn_session_again_brings_it_back(factory, site):
    save(factory, make_record())
    withdraw_session(factory, "lomas", "FG-1", "ana", reason="error")
    [done] = save(factory, make_record())
    assert (done.version, done.is_new) == (3, True)


def test_every_change_is_audited_without_the_notes(factory, site):
    save(factory, make_record())
    withdraw_session(factory, "lomas", "FG-1", "ana", reason="error")
    with factory() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action.like("focus.%"))).all()
    assert [(entry.action, entry.subject, entry.actor) for entry in entries] == [
        ("focus.save", "FG-1", "ana"),
        ("focus.withdraw", "FG-1", "ana"),
    ]
    assert "Falta agua" not in json.dumps([entry.detail for entry in entries])


def test_a_session_of_another_site_is_not_there(factory, site):
    make_focus_site(factory, "otra")
    save(factory, make_record())
    with pytest.raises(NotFoundError, match="FG-1"):
        edit_session(factory, "otra", make_record(), "ana", based_on=1)
    with pytest.raises(NotFoundError, match="FG-1"):
        withdraw_session(factory, "otra", "FG-1", "ana", reason="x")


def test_pressing_save_twice_stores_a_new_session_once(factory, site):
    first, second = (save(factory, make_record(code=None))[0] for _ in range(2))
    assert (first.code, first.is_new, second.code, second.is_new) == ("FG-001", True, "FG-001", False)


def test_codes_that_are_given_out_at_once_differ(factory, site):
    def one(number):
        [done] = save(factory, make_record(code=None, place=f"Local {number}"))
        return done.code

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(one, range(6)))
    assert sorted(codes) == [f"FG-00{number}" for number in range(1, 7)]


# ---- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"held_on": date.today() + timedelta(days=3)}, "focus.date"),
        ({"held_on": date(1889, 1, 1)}, "focus.date"),
        ({"composition": "children"}, "focus.composition"),
        ({"method": "votes"}, "focus.method"),
        ({"code": "../x"}, "focus.code"),
        ({"place": " "}, "focus.place"),
        ({"facilitator": ""}, "focus.facilitator"),
        ({"findings": "a" * 20_001}, "focus.findings"),
        ({"quotes": ("a",) * 51}, "focus.quotes"),
        ({"area": "moon"}, "focus.area"),
        ({"participants": {}}, "focus.nobody.women"),
        ({"participants": {"female": {"18-29": 0}}}, "focus.nobody.women"),
        ({"participants": {"female": {"18-29": -1}}}, "focus.number"),
        ({"participants": {"female": {"18-29": 2.5}}}, "focus.number"),
        ({"participants": {"female": {"18-29": True}}}, "focus.number"),
        ({"participants": {"female": {"17-30": 3}}}, "focus.band"),
        ({"participants": {"other": {"18-29": 3}}}, "focus.band"),
        ({"participants": {"female": {"18-29": 3}, "male": {"18-29": 1}}}, "focus.other_sex.men"),
        ({"priorities": {}}, "focus.no_scores.women"),
        ({"priorities": {"women": {"WATER": 1.0}, "men": {"WATER": 1.0}}}, "focus.other_group.men"),
        ({"priorities": {"women": {"WATRE": 1.0}}}, "focus.need"),
        ({"priorities": {"women": {"HOURS": 1.0}}}, "focus.need"),  # a mean counts nobody
        ({"priorities": {"women": {"WATER": -1.0}}}, "focus.score"),
        ({"priorities": {"women": {"WATER": float("nan")}}}, "focus.score"),
        ({"priorities": {"women": {"WATER": 0.0}}}, "focus.all_zero.women"),
        ({"method": "ranks", "priorities": {"women": {"WATER": 0.0}}}, "focus.score"),
        ({"composition": "mixed"}, "focus.nobody.men"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(factory, engine, site, changes, rule):
    before = store_fingerprint(engine)
    problems = refusal(factory, men_record(), make_record(**changes))
    assert rule in [problem.rule for problem in problems]
    assert store_fingerprint(engine) == before


def test_all_problems_of_all_sessions_come_at_once(factory, site):
    problems = refusal(factory, make_record(place="", area="moon"), men_record(method="votes", code="FG-1"))
    assert {"focus.place", "focus.area", "focus.method", "focus.code_twice"} <= {problem.rule for problem in problems}


def test_an_unknown_need_gets_the_nearest_right_one(factory, site):
    [problem] = refusal(factory, make_record(priorities={"women": {"WATRE": 1.0}}))
    assert "Did you mean 'WATER'?" in problem.message


# ---- names -----------------------------------------------------------------------------------------------------------

NAMED = make_record(findings="Según María Quispe falta agua.", quotes=("Llamen al 987 654 321",))


def test_names_and_numbers_in_the_notes_are_refused_until_somebody_answers_for_them(factory, engine, site):
    before = store_fingerprint(engine)
    problems = refusal(factory, NAMED)
    assert [(problem.rule, problem.column, problem.facts["found"]) for problem in problems] == [
        ("focus.hint.name", "findings", "María Quispe"),
        ("focus.hint.phone", "quotes", "987 654 321"),
    ]
    assert store_fingerprint(engine) == before
    [left] = refusal(factory, NAMED, accepted=["María Quispe"])
    assert left.rule == "focus.hint.phone"
    save(factory, NAMED, accepted=["María Quispe", "987 654 321"])
    with factory() as session:
        assert store.load_version(session, site.id, "FG-1").hints_accepted == 2


def test_a_confirmation_holds_only_for_what_was_shown(factory, site):
    other = replace(NAMED, findings="Según Rosa Huamán falta agua.")
    problems = refusal(factory, other, accepted=["María Quispe", "987 654 321"])
    assert [problem.facts["found"] for problem in problems] == ["Rosa Huamán"]


def test_names_of_areas_needs_and_the_organisation_are_no_persons(factory, site):
    text = "Las mujeres de North y la Red de mujeres Micaela Bastidas piden agua."
    with factory() as session:
        assert find_hints(session, site.id, [make_record(findings=text)]) == []
        titled = find_hints(session, site.id, [make_record(place="Casa de la señora Rosa")])
    assert [problem.rule for problem in titled] == ["focus.hint.titled"]


# ---- priorities and mix ----------------------------------------------------------------------------------------------


def test_priorities_of_women_and_men_come_from_their_own_sessions(factory, site):
    mixed = make_record(
        code="FG-3",
        composition="mixed",
        participants={"female": {"60+": 11}, "male": {"60+": 4}},
        priorities={"women": {"WATER": 0.0, "CARE": 1.0, "WORK": 1.0}, "men": {"WATER": 1.0, "HINS": 1.0}},
    )
    save(factory, make_record(), men_record(), mixed)
    with factory() as session:
        found = load_priorities(session, site.id, "participants")
    # women, 11 and 11: (0.625 + 0)/2, (0.375 + 0.5)/2, (0 + 0.5)/2
    assert found["women"].shares == {"CARE": 0.4375, "WATER": 0.3125, "WORK": 0.25}
    # men, 8 and 4; water is on both tables: (8·1/3 + 4·1/2)/12 = 7/18; work 1/2, care 1/6, health 1/2; sum 14/9
    shares = {"WATER": 7 / 18, "WORK": 1 / 2, "CARE": 1 / 6, "HINS": 1 / 2}
    assert found["men"].shares == pytest.approx({need: share / (14 / 9) for need, share in shares.items()})
    assert (found["men"].sessions, found["men"].participants) == (2, 12)


def test_nobody_said_anything_means_survey_only(factory, site):
    with factory() as session:
        mix = load_mix(session, site.id)
    assert (mix.focus_share, mix.set_by) == (Decimal(0), None)


def test_a_mix_has_author_date_and_reason_and_the_earlier_ones_stay(factory, site):
    save(factory, make_record())
    set_mix(factory, "lomas", Decimal("0.3"), "participants", "ana", "acuerdo del 2 de abril")
    done = set_mix(factory, "lomas", Decimal("0.25"), "session", "beto", "revisado")
    assert (done.focus_share, done.weighting, done.set_by) == (Decimal("0.25"), "session", "beto")
    with factory() as session:
        shares = session.scalars(select(PriorityMix.focus_share).order_by(PriorityMix.id.desc())).all()
        assert shares == [Decimal("0.25"), Decimal("0.3")]
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "focus.mix")).all()
    assert len(actions) == 2


@pytest.mark.parametrize(
    ("share", "weighting", "reason", "rule"),
    [
        ("1.01", "participants", "x", "focus.mix"),
        ("-0.1", "participants", "x", "focus.mix"),
        ("0.305", "participants", "x", "focus.mix"),
        ("NaN", "participants", "x", "focus.mix"),
        ("0.3", "area", "x", "focus.weighting"),
        ("0.3", "session", " ", "focus.mix_reason"),
    ],
)
def test_a_mix_that_cannot_be_is_refused(factory, engine, site, share, weighting, reason, rule):
    save(factory, make_record())
    before = store_fingerprint(engine)
    with pytest.raises(InputError) as refused:
        set_mix(factory, "lomas", Decimal(share), weighting, "ana", reason)
    assert [problem.rule for problem in refused.value.problems] == [rule]
    assert store_fingerprint(engine) == before


def test_focus_groups_cannot_count_where_there_are_none(factory, site):
    with pytest.raises(InputError, match="no focus group session"):
        set_mix(factory, "lomas", Decimal("0.3"), "session", "ana", "x")


# ---- files and commands ----------------------------------------------------------------------------------------------

YAML = """sessions:
  - code: FG-1
    held_on: 2026-03-14
    place: Local comunal
    group: women
    facilitator: Red de mujeres Micaela Bastidas
    participants: {female: {18-29: 4, 30-44: 7}}
    priorities: {women: {WATER: 10, CARE: 6, WORK: 0}}
    findings: Falta agua desde las seis de la tarde.
    quotes: [No alcanza para todas.]
  - code: FG-2
    held_on: 2026-03-15
    area: north
    place: Local comunal
    group: men
    facilitator: Red de mujeres Micaela Bastidas
    participants: {male: 8}
    method: ranks
    priorities: {men: {WORK: 1, WATER: 2, CARE: 3}}
"""
TABLE = """session,held_on,group,place,facilitator,female 18-29,female 30-44,male,need,women_score,men_score,\
method,area,findings,quotes
FG-1,2026-03-14,women,Local comunal,Red de mujeres Micaela Bastidas,4,7,,WATER,10,,\
,,Falta agua desde las seis de la tarde.,No alcanza para todas.
FG-1,,,,,,,,CARE,6,,,,,
FG-1,,,,,,,,WORK,0,,,,,
FG-2,2026-03-15,men,Local comunal,Red de mujeres Micaela Bastidas,,,8,WORK,,1,ranks,north,,
FG-2,2026-03-15,men,,,,,,WATER,,2,,,,
FG-2,,,,,,,,CARE,,3,,,,
"""


def write(folder, name, text):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_yaml_file_and_a_table_give_the_same_sessions(tmp_path):
    from_yaml = read_sessions(write(tmp_path, "s.yaml", YAML))
    from_table = read_sessions(write(tmp_path, "s.csv", TABLE))
    assert replace(from_yaml[0], file=None, line=None) == make_record()
    assert [replace(one, file=None, line=None) for one in from_table] == [
        replace(one, file=None, line=None) for one in from_yaml
    ]
    assert [one.line for one in from_table] == [2, 5]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("FG-1,2026-03-14", "FG-1,14/03/2026", "line 2, column held_on: '14/03/2026' is not a day"),
        ("WATER,10,", "WATER,diez,", "line 2, column women_score: 'diez' is not a number"),
        ("WATER,10,", 'WATER,"1,5",', "line 2, column women_score: '1,5' is not a number"),
        ("FG-1,,,,,,,,CARE,6", "FG-1,,,Plaza,,,,,CARE,6", "line 3, column place: The first row of the session says"),
        ("CARE,6", "WATER,6", "line 3, column need: The need 'WATER' stands twice"),
        ("FG-1,,,,,,,,CARE,6", ",,,,,,,,CARE,6", "line 3, column session: The session has no code"),
        (
            "score,men_score",
            "score,men_scores",
            "column men_scores: The column is not known. Did you mean 'men_score'?",
        ),
        ("held_on", "date", "There is no column 'held_on'"),
        ("Bastidas,4,7", "Bastidas,4.5,7", "line 2, column female 18-29: '4.5' is not a whole number"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(tmp_path, old, new, told):
    with pytest.raises(InputError) as refused:
        read_sessions(write(tmp_path, "s.csv", TABLE.replace(old, new, 1)))
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("group: women", "group: woman", "line 5"),
        ("female: {18-29: 4", "female: {18-29: four", "line 7"),
        ("WATER: 10", "WATER: true", "line 8"),
        ("    findings:", "    finding:", "Did you mean 'findings'?"),
        ("held_on: 2026-03-14", "held_on: someday", "line 3"),
    ],
)
def test_a_yaml_file_that_cannot_be_read_says_where(tmp_path, old, new, told):
    with pytest.raises(InputError) as refused:
        read_sessions(write(tmp_path, "s.yaml", YAML.replace(old, new, 1)))
    assert told in str(refused.value)


@pytest.fixture
def run(sqlite_url, monkeypatch, tmp_path):
    """Commands on a store with a site."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("BANK_FOLDER", str(tmp_path / "bank"))
    engine = make_engine(sqlite_url)
    make_focus_site(session_factory(engine))
    engine.dispose()
    return lambda *arguments: CliRunner().invoke(main, ["focus", *map(str, arguments)])


def test_a_file_is_added_listed_and_mixed_in(run, tmp_path):
    added = run("add", "lomas", write(tmp_path, "s.yaml", YAML), "--json")
    assert [one["is_new"] for one in json.loads(added.stdout)["sessions"]] == [True, True]
    assert "unchanged" in run("add", "lomas", write(tmp_path, "s.csv", TABLE)).stdout
    mixed = run("mix", "lomas", "0.3", "--reason", "acuerdo", "--json")
    assert json.loads(mixed.stdout)["mix"]["focus_share"] == 0.3
    document = json.loads(run("list", "lomas", "--json").stdout)
    assert document["priorities"]["women"]["shares"] == {"CARE": 0.375, "WATER": 0.625, "WORK": 0.0}
    assert document["priorities"]["men"]["ranks"] == {"WORK": 1, "WATER": 2, "CARE": 3}
    # women: water, care, work; men: work, water, care: sum of d² is 1 + 1 + 4 = 6, rho = 1 - 36/24
    assert document["agreement_women_men"] == {
        "spearman": pytest.approx(-0.5),
        "kendall": pytest.approx(-1 / 3),
        "n": 3,
    }
    people = run("list", "lomas").stdout
    assert "Spearman -0.50" in people
    assert "30% focus groups" in people


def test_names_in_a_file_are_refused_by_place_until_confirmed(run, tmp_path):
    file = write(tmp_path, "s.yaml", YAML.replace("Falta agua desde", "Según Rosa Huamán falta agua desde"))
    refused = run("add", "lomas", file)
    assert refused.exit_code == 1
    assert "s.yaml, line 2, column findings: 'Rosa Huamán' in the findings looks like a name" in refused.stderr
    confirmed = run("add", "lomas", file, "--names-checked")
    assert confirmed.exit_code == 0
    assert "Confirmed" in confirmed.stderr


def test_a_wrong_share_is_refused(run):
    assert "is not a number" in run("mix", "lomas", "much", "--reason", "x").stderr
    assert run("mix", "lomas", "1.5", "--reason", "x").exit_code == 1


def test_a_session_is_withdrawn_by_command(run, tmp_path):
    run("add", "lomas", write(tmp_path, "s.yaml", YAML))
    assert run("withdraw", "lomas", "FG-1", "--reason", "dos veces").exit_code == 0
    listed = json.loads(run("list", "lomas", "--json", "--all").stdout)
    assert [(one["code"], one["is_active"]) for one in listed["sessions"]] == [("FG-2", True), ("FG-1", False)]


def test_the_table_of_sessions_only_grows(factory, site):
    save(factory, make_record())
    edit_session(factory, "lomas", make_record(place="Plaza"), "ana", based_on=1)
    with factory() as session:
        assert session.scalar(select(func.count()).select_from(FocusGroupSession)) == 2
