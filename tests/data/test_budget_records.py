"""What an import leaves behind: its record with every change, tags that stay, exports that come in again the same."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from budget_model.errors import InputError
from budget_model.spending.alerts import Move
from budget_model.spending.lines import LABEL, STAGES, check_frame
from data.commands.budget import budget
from data.readers.budget_export import read_export
from data.store import lines
from data.store.budget_imports import list_changes, list_imports, load_import
from data.store.engine import transaction
from data.store.users import add_user, find_user, give_role
from data.workflows.budgets import export_lines, import_budget_file, load_lines_frame
from data.workflows.tag_files import export_tags, import_tags
from data.workflows.tagged_lines import approved_tags
from data.workflows.tags import approve_tag, propose_tag, review_tag
from data.workflows.trends import late_moves
from data.writers.budget_lines import budget_file_bytes
from tests.data.budget_files import MEF_HEADER, MEF_ROWS, TABLE_MAPPING, TABLE_ROWS, add_site, mef_row, write
from tests.support import store_fingerprint
from tests.tag_builders import PRINCIPAL

CODE = "301291/0001/5/07/2.3"
CHANGED = [
    MEF_HEADER,
    mef_row(0, "100,250.5,0,0,0,0,0"),
    mef_row(1, "0,0,100,80,60,50.25,40"),
    mef_row(2, "0,0,20,20,20,10.05,10"),
    mef_row(0, "7,8,0,0,0,0,0", target="0003"),
]


@pytest.fixture
def villa(factory):
    add_site(factory, "villa", "PEN")
    with transaction(factory) as session:
        for login in ("ana", "beto"):
            user = add_user(session, login=login, display_name=login, password_hash="x", actor="test")
            give_role(session, user, "official", 1, "test")
    return factory


def imported(factory, file, site="villa", **options):
    return import_budget_file(factory, site, file, "ana", municipality=options.pop("municipality", None), **options)[1]


def approve(factory, code=CODE, year=2024, site="villa"):
    propose_tag(factory, site, year, code, PRINCIPAL, "Plan", "ana", evidence=["Acta 1", "=cmd()"])
    review_tag(factory, site, year, code, "beto")
    approve_tag(factory, site, year, code, "beto")


def test_a_re_import_tells_what_moved_came_and_went_with_amounts_and_tags(villa, tmp_path):
    imported(villa, write(tmp_path, "first.csv", MEF_ROWS), municipality="301291")
    approve(villa)
    done = imported(villa, write(tmp_path, "second.csv", CHANGED))
    with villa() as session:
        record = load_import(session, 1, done.import_id)
        changes = {change.code: change for change in list_changes(session, done.import_id)}
        first = list_imports(session, 1)[-1]
        assert list_changes(session, first.id) == []  # the year was empty: the lines are counted only
    assert (first.new_count, first.rows_read, first.rows_kept, first.municipality) == (2, 5, 4, "301291")
    assert (record.new_count, record.changed_count, record.unchanged_count, record.gone_count) == (1, 1, 0, 1)
    assert (record.source, record.source_file, record.rows_read, record.rows_kept) == ("mef", "second.csv", 4, 4)
    assert {code: change.kind for code, change in changes.items()} == {
        CODE: "moved",
        "301291/0003/5/07/2.3": "new",
        "301291/0002/5/07/2.3": "gone",
    }
    moved = changes[CODE]
    assert (moved.before["pim"], moved.after["pim"], moved.is_tagged) == ("150.50", "250.50", True)
    assert not changes["301291/0003/5/07/2.3"].is_tagged
    assert record.totals["2024"]["before"]["pim"] == "158.50"
    assert record.totals["2024"]["file"]["pim"] == "258.50"


def test_another_label_is_a_change_of_label_and_not_of_money(villa, tmp_path):
    imported(villa, write(tmp_path, "first.csv", MEF_ROWS))
    renamed = [row.replace("PROTECCIÓN SOCIAL", "PROTECCION SOCIAL") for row in MEF_ROWS]
    done = imported(villa, write(tmp_path, "second.csv", renamed))
    assert (done.diff.counts["moved"], done.diff.counts["relabelled"], done.changed) == (0, 3, 3)


def test_tags_stay_with_their_lines_and_come_back_with_them(villa, tmp_path):
    first = write(tmp_path, "first.csv", MEF_ROWS)
    imported(villa, first)
    approve(villa)
    approve(villa, "301291/0002/5/07/2.3")
    imported(villa, write(tmp_path, "second.csv", CHANGED), remove_gone=True)
    with villa() as session:
        assert len(lines.list_lines(session, 1, 2024)) == 2
        assert len(approved_tags(session, 1)) == 2
    imported(villa, first)
    with villa() as session:
        tag = approved_tags(session, 1)[2024, "301291/0002/5/07/2.3"]
    assert (tag.tag.marker, tag.version) == ("2", 3)


def test_several_executing_units_at_one_site_are_warned_of(villa, tmp_path):
    lines_read, _ = import_budget_file(villa, "villa", write(tmp_path, "mef.csv", MEF_ROWS), "ana")
    assert "several_entities" in [problem.rule for problem in lines_read.problems]
    with villa() as session:
        assert "several_entities" in [warning["rule"] for warning in list_imports(session, 1)[0].warnings]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_with_tags_comes_in_again_the_same(villa, tmp_path, engine, ending):
    imported(villa, write(tmp_path, "mef.csv", MEF_ROWS))
    approve(villa)
    out = tmp_path / f"out.{ending}"
    assert export_lines(villa, "villa", out) == 3
    again = imported(villa, out)
    assert (again.new, again.changed, again.unchanged, again.tags.proposed) == (0, 0, 3, ())
    assert again.tags.unchanged == 1
    add_site(villa, "copy", "PEN")
    with transaction(villa) as session:
        give_role(session, find_user(session, "ana"), "official", 2, "test")
    copied = imported(villa, out, site="copy")
    assert (copied.new, copied.tags.proposed) == (3, ((2024, CODE),))
    with villa() as session:
        both = [load_lines_frame(session, site).drop("line", "source_file") for site in (1, 2)]
    assert both[0].equals(both[1].select(both[0].columns))
    assert export_lines(villa, "copy", tmp_path / "third.csv") == 3
    third = imported(villa, tmp_path / "third.csv")
    assert (third.unchanged, third.tags.unchanged) == (3, 1)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_file_of_tags_comes_in_again_the_same(villa, tmp_path, engine, ending):
    imported(villa, write(tmp_path, "mef.csv", MEF_ROWS))
    approve(villa)
    out = tmp_path / f"tags.{ending}"
    assert export_tags(villa, "villa", out) == 1
    before = store_fingerprint(engine)
    done = import_tags(villa, "villa", out, "beto")
    assert (done.proposed, done.unchanged) == ((), 1)
    assert store_fingerprint(engine) == before


def tags_file(tmp_path, *rows):
    return write(tmp_path, "tags.csv", ["year,code,marker,women_share_percent,women_share_method,rationale", *rows])


def test_a_file_of_tags_proposes_and_never_approves(villa, tmp_path, engine):
    imported(villa, write(tmp_path, "mef.csv", MEF_ROWS))
    file = tags_file(tmp_path, f"2024,{CODE},0,40,survey,Counted", "2024,301291/0002/5/07/2.3,,,,")
    before = store_fingerprint(engine)
    assert import_tags(villa, "villa", file, "ana", is_dry_run=True).proposed == ((2024, CODE),)
    assert store_fingerprint(engine) == before
    done = import_tags(villa, "villa", file, "ana")
    assert (done.proposed, done.unchanged, done.empty) == (((2024, CODE),), 0, 1)
    with villa() as session:
        assert approved_tags(session, 1) == {}


def test_a_file_of_tags_is_refused_with_every_place_and_changes_nothing(villa, tmp_path, engine):
    imported(villa, write(tmp_path, "mef.csv", MEF_ROWS))
    file = tags_file(tmp_path, f"2024,{CODE},7,40,survey,x", "2024,gone,0,,,x", f"2024,{CODE},0,,,x", "2024,,0,,,x")
    before = store_fingerprint(engine)
    with pytest.raises(InputError) as nameless:
        import_tags(villa, "villa", file, "ana")
    assert [(problem.rule, problem.line) for problem in nameless.value.problems] == [("tag_row_nameless", 5)]
    file = tags_file(tmp_path, f"2024,{CODE},7,40,survey,x", "2024,gone,0,,,x", f"2024,{CODE},0,,,x")
    with pytest.raises(InputError) as refused:
        import_tags(villa, "villa", file, "ana")
    assert [(problem.rule, problem.line) for problem in refused.value.problems] == [
        ("line_twice", 4),
        ("tag_line_gone", 3),
    ]
    file = tags_file(tmp_path, f"2024,{CODE},7,40,,x")
    with pytest.raises(InputError) as refused:
        import_tags(villa, "villa", file, "ana")
    assert {(problem.rule, problem.line) for problem in refused.value.problems} == {
        ("tag_code_unknown", 2),
        ("tag_share_method", 2),
    }
    with pytest.raises(InputError, match="A tag has no column 'colour'"):
        import_tags(villa, "villa", write(tmp_path, "x.csv", ["year,code,colour", f"2024,{CODE},red"]), "ana")
    assert store_fingerprint(engine) == before


# --- exports as files ------------------------------------------------------------------------------------------------

UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp", "Zs", "Co", "Cn")
TEXT = st.text(
    st.one_of(
        st.sampled_from("'=+-@,;\"# \n"), st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs", "Co", "Cn"))
    ),
    min_size=1,
    max_size=12,
).filter(lambda text: text == text.strip() and text.strip("\ufeff") == text)
LINE_CODE = TEXT.filter(lambda text: text.strip(" /") != "")  # a line without a code is refused
NAME = st.one_of(
    TEXT.filter(lambda name: "\n" not in name and not name.startswith("#")),
    st.sampled_from(("year", "pia", "tag.marker", "label.year", "pia (2)", "currency", "programme")),
)
AMOUNT = st.one_of(st.none(), st.decimals(-(10**13), 10**13, places=4), st.decimals(0, 10**6, places=2))
SHARE = st.one_of(st.none(), st.decimals(0, 1, places=4))


@st.composite
def frames(draw):
    rows = draw(
        st.lists(
            st.tuples(LINE_CODE, AMOUNT, AMOUNT, SHARE, TEXT), min_size=1, max_size=6, unique_by=lambda row: row[0]
        )
    )
    columns = {"year": [2025] * len(rows), "code": [row[0] for row in rows]}
    frame = pl.DataFrame(columns).with_columns(pl.col("year").cast(pl.Int32))
    amounts = {stage: [row[place] for row in rows] for stage, place in (("pia", 1), ("accrued", 2))}
    frame = frame.with_columns(pl.Series(name, cells, pl.Decimal(38, 4)) for name, cells in amounts.items())
    frame = frame.with_columns(pl.Series("gender_share", [row[3] for row in rows], pl.Decimal(38, 6)))
    return check_frame(frame.with_columns(pl.Series(LABEL + draw(NAME), [row[4] for row in rows], pl.String)))


@given(frames(), st.sampled_from(["csv", "xlsx"]))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
def test_whatever_is_exported_is_read_again_the_same(tmp_path_factory, frame, ending):
    file = tmp_path_factory.mktemp("export") / f"out.{ending}"
    sourced = frame.with_columns(pl.lit("a.csv").alias("source_file"))
    file.write_bytes(budget_file_bytes(file.name, "Villa", "PEN", False, sourced))
    read = read_export(file)
    assert read.currency == "PEN"
    assert read.frame.drop("line").equals(frame.drop("line"), null_equal=True)


def test_the_commands_tell_of_imports(tmp_path, sqlite_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    from data.store.engine import make_engine, session_factory

    engine = make_engine(sqlite_url)
    add_site(session_factory(engine), "villa", "PEN")
    engine.dispose()
    mapping = write(tmp_path, "map.yaml", [TABLE_MAPPING.replace("ARS", "PEN")])
    arguments = ["--site", "villa", "--map", str(mapping), "--json"]
    run = CliRunner().invoke(budget, ["import", str(write(tmp_path, "t.csv", TABLE_ROWS)), *arguments])
    document = json.loads(run.stdout)
    assert (document["rows_read"], document["rows_kept"], document["new"], document["import_id"]) == (2, 2, 2, 1)
    assert document["years"]["2023"]["pim"] == "22"
    changed = [TABLE_ROWS[0], "01,Salud,10.5,21,15.25,50"]
    CliRunner().invoke(budget, ["import", str(write(tmp_path, "t.csv", changed)), *arguments])
    shown = json.loads(CliRunner().invoke(budget, ["imports", "show", "2", "--site", "villa", "--json"]).stdout)
    assert [(change["kind"], change["code"]) for change in shown["changes"]] == [("moved", "01"), ("gone", "02")]
    assert shown["totals"]["2023"]["before"]["pim"] == "22"
    listed = json.loads(CliRunner().invoke(budget, ["imports", "list", "--site", "villa", "--json"]).stdout)
    assert [one["id"] for one in listed["imports"]] == [2, 1]
    assert Decimal(listed["imports"][0]["totals"]["2023"]["file"]["pim"]) == 21
    assert set(STAGES) == set(shown["changes"][0]["before"])


def test_a_tagged_line_that_becomes_another_thing_is_told_with_both_names_though_its_amount_moved_too(villa, tmp_path):
    mapping = write(tmp_path, "map.yaml", [TABLE_MAPPING.replace("ARS", "PEN")])
    imported(villa, write(tmp_path, "first.csv", TABLE_ROWS), source="table", mapping=mapping)
    approve(villa, "01", 2023)
    rows = [TABLE_ROWS[0], "01,Parques,99,99,9,50", "02,Otras obras,1,2,0,0"]  # 02 is not tagged
    done = imported(villa, write(tmp_path, "second.csv", rows), source="table", mapping=mapping)
    with villa() as session:
        changes = {change.code: (change.kind, change.name) for change in list_changes(session, done.import_id)}
        told = [one for one in load_import(session, 1, done.import_id).warnings if one["rule"] == "tagged_line_renamed"]
    assert changes == {"01": ("moved", "Salud → Parques"), "02": ("relabelled", "Obras → Otras obras")}
    assert len(told) == 1
    assert "1 tagged lines" in told[0]["message"]
    assert "'01' of 2023: Salud → Parques" in told[0]["message"]


@pytest.mark.parametrize(("day", "is_late"), [((2024, 12, 9), True), ((2025, 1, 20), True), ((2025, 3, 1), False)])
def test_what_a_file_of_the_years_end_moved_is_told_and_a_later_correction_is_not(villa, tmp_path, day, is_late):
    first = imported(villa, write(tmp_path, "first.csv", MEF_ROWS), municipality="301291").import_id
    second = imported(villa, write(tmp_path, "second.csv", CHANGED)).import_id
    with transaction(villa) as session:
        load_import(session, 1, first).at = datetime(2024, 10, 5, tzinfo=UTC)
        load_import(session, 1, second).at = datetime(*day, tzinfo=UTC)
    with villa() as session:
        moves = late_moves(session, 1, 2024)
    moved = Move((2024, CODE), Decimal("150.5"), Decimal("250.5"), "2024-10-05", date(*day).isoformat())
    assert moves == ([moved] if is_late else [])


def test_the_command_prints_what_is_stored_beside_the_file(villa, tmp_path, monkeypatch, database_url):
    """PIA: 100 and 7 are stored; the second file has the 100 alone, and what is gone stays: 107 after it."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    first = write(tmp_path, "a.csv", [MEF_HEADER, CHANGED[1], CHANGED[-1]])
    second = write(tmp_path, "b.csv", [MEF_HEADER, CHANGED[1]])
    runner = CliRunner()
    runner.invoke(budget, ["import", str(first), "--site", "villa", "--json"])
    done = json.loads(runner.invoke(budget, ["import", str(second), "--site", "villa", "--json"]).stdout)
    stored = done["stored"]["2024"]
    assert (done["years"]["2024"]["pia"], stored["before"]["pia"], stored["after"]["pia"]) == ("100", "107", "107")
    shown = runner.invoke(budget, ["import", str(second), "--site", "villa"]).stdout.splitlines()
    assert any("in the file" in line and " 100 " in line for line in shown)
    assert any("stored after" in line and " 107 " in line for line in shown)
