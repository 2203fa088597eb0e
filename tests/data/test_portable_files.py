"""The files of the portable model and the `simulate` command that reads them."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from budget_model.coverage.calibrate import calibrate
from budget_model.coverage.project import build_horizon
from budget_model.errors import InputError
from data.commands.explain import explain
from data.commands.simulate import simulate
from data.readers.portable_model import read_allocation, read_plan, read_portable_model
from data.readers.yaml_document import parse_yaml

EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "examples"
MODEL = EXAMPLES / "water_and_care.yaml"
ALLOCATION = EXAMPLES / "water_and_care_allocation.csv"


def run(*arguments):
    return CliRunner().invoke(simulate, [str(argument) for argument in arguments])


def written(folder, name, text):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


# ---- YAML


def test_scalars_mean_what_was_written():
    document, _ = parse_yaml("{a: 0101, b: no, c: 1e6, d: 2026-01-01, e: true, f: -3, g: null, 150142: x}", "f.yaml")
    assert document == {
        "a": "0101", "b": "no", "c": 1e6, "d": "2026-01-01", "e": True, "f": -3, "g": None, "150142": "x"
    }  # fmt: skip


def test_every_part_knows_its_line():
    _, lines = parse_yaml("a:\n  b: 1\n  c:\n    - x\n    - y\n", "f.yaml")
    assert lines[("a", "b")] == 2
    assert lines[("a", "c", 1)] == 5


def test_a_key_that_appears_twice_is_refused_with_its_line():
    with pytest.raises(InputError, match=r"f.yaml, line 3: The key 'a' appears twice"):
        parse_yaml("a: 1\nb: 2\na: 3\n", "f.yaml")


def test_a_list_in_the_place_of_a_key_is_refused_with_its_line():
    with pytest.raises(InputError, match=r"f.yaml, line 2: A key is a word or a number; here stands a list"):
        parse_yaml("a: 1\n? [x, y]\n: 2\n", "f.yaml")


@pytest.mark.parametrize("text", ["a: [1, 2", "a: b: c", "\tx", "!!python/object:os.system x", "a: *b"])
def test_what_is_not_plain_yaml_is_refused_with_its_line(text):
    with pytest.raises(InputError, match=r"f.yaml, line 1"):
        parse_yaml(text, "f.yaml")


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [*x]",
        "a: &a [1,1,1,1,1,1,1,1,1]\n"
        + "".join(
            f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        ),
    ],
    ids=["contains itself", "multiplies itself"],
)
def test_a_document_that_unfolds_without_end_is_refused(text, monkeypatch):
    monkeypatch.setattr("data.readers.yaml_document.MAX_PARTS", 10_000)
    with pytest.raises(InputError, match="without aliases"):
        parse_yaml(text, "f.yaml")


def test_a_file_in_another_encoding_is_refused_with_the_line(tmp_path):
    file = tmp_path / "model.yaml"
    file.write_bytes("currency: PEN\n# Año\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"line 2: The file is not UTF-8"):
        read_portable_model(file)


def test_problems_of_a_model_carry_their_lines(tmp_path):
    text = MODEL.read_text(encoding="utf-8").replace("effectiveness: 0.5", "effectivness: 0.5")
    with pytest.raises(InputError) as caught:
        read_portable_model(written(tmp_path, "model.yaml", text))
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "effectivness" in row)
    assert f"model.yaml, line {line}: programmes[1].serves[0].effectivness: unknown key" in str(caught.value)
    assert "Did you mean 'effectiveness'?" in str(caught.value)


# ---- allocation


def test_what_an_allocation_does_not_name_stays_at_its_baseline(tmp_path):
    model = read_portable_model(MODEL)
    allocation = read_allocation(written(tmp_path, "a.csv", "area,amount,programme\ncentre,1.5,network\n\n"), model)
    assert allocation[0].tolist() == [90000, 1.5]
    assert (allocation[1:] == model.baseline[1:]).all()


def test_every_mistake_of_an_allocation_is_named_with_its_line(tmp_path):
    rows = ["netwrk,hillside,1", "network,centr,2", "network,centre,1.000,50", "network,centre,x", "network,centre,-1"]
    rows = ["programme,area,amount", *rows, "network,centre,nan", "tankers,centre,1", "tankers,centre,2"]
    with pytest.raises(InputError) as caught:
        read_allocation(written(tmp_path, "a.csv", "\n".join(rows)), read_portable_model(MODEL))
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4, 5, 6, 7, 9]
    message = str(caught.value)
    for words in ("Did you mean 'network'?", "Did you mean 'centre'?", "Found 4 values, not 3", "'x' is not a number",
                  "The amount -1 is negative", "'nan' is not a number", "stands on line 8 already"):  # fmt: skip
        assert words in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\n", "found nothing"),
        ("", "The file is empty"),
        ("programme;area;amount\n", "not semicolons"),
        ("programme,area\n", "found 'programme', 'area'"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path, text, words):
    with pytest.raises(InputError, match=words):
        read_allocation(written(tmp_path, "a.csv", text), read_portable_model(MODEL))


# ---- plans


def horizon_of(years):
    return build_horizon(calibrate(read_portable_model(MODEL)), years)


def test_a_plan_names_years_and_leaves_the_rest_at_its_baseline(tmp_path):
    plan = read_plan(written(tmp_path, "p.csv", "programme,area,year,amount\nnetwork,centre,2,1.5\n"), horizon_of(3))
    assert plan[:, 0, 1].tolist() == [40000, 1.5, 40000]
    assert plan[:, 0, 0].tolist() == [90000] * 3


def test_a_file_without_years_holds_for_every_year(tmp_path):
    plan = read_plan(written(tmp_path, "p.csv", "programme,area,amount\nnetwork,centre,7\n"), horizon_of(3))
    assert plan[:, 0, 1].tolist() == [7, 7, 7]


def test_mistakes_in_the_years_of_a_plan_are_named_with_their_lines(tmp_path):
    rows = ["network,centre,3,1", "network,centre,0,1", "network,centre,2027,1", "network,centre,x,1"]
    rows = ["programme,area,year,amount", *rows, "network,centre,2,1", "network,centre,2,4"]
    with pytest.raises(InputError) as caught:
        read_plan(written(tmp_path, "p.csv", "\n".join(rows)), horizon_of(2))
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4, 5, 7]
    assert "it has the years 1 to 2" in str(caught.value)
    assert "stands on line 6 already" in str(caught.value)


def test_a_single_allocation_has_no_years(tmp_path):
    with pytest.raises(InputError, match="found 'programme', 'area', 'year', 'amount'"):
        read_allocation(written(tmp_path, "a.csv", "programme,area,year,amount\n"), read_portable_model(MODEL))


# ---- command


def test_years_are_printed_one_by_one_and_over_the_horizon(tmp_path):
    file = written(tmp_path, "p.csv", "programme,area,year,amount\ntankers,hillside,2,15000\n")
    document = json.loads(run(MODEL, "--years", 3, "--allocation", file, "--json").stdout)
    assert [year["year"] for year in document["years"]] == [1, 2, 3]
    assert [year["allocated"] for year in document["years"]] == [470000, 455000, 470000]
    changes = [[row["change"] for row in year["coverage"] if row["need"] == "WATER"] for year in document["years"]]
    assert changes[0] == changes[2] == [0] * 4
    assert min(changes[1]) < 0
    assert document["horizon"]["groups"]["women"]["lost"] > 0


def test_a_plan_for_people_shows_each_year():
    answer = run(MODEL, "--years", 2)
    assert answer.exit_code == 0
    assert "person-years" in answer.stdout
    assert "Spent: 940,000.00 PEN" in answer.stdout


def test_too_long_a_plan_is_refused():
    answer = run(MODEL, "--years", 11)
    assert answer.exit_code == 1
    assert "1 to 10" in answer.stderr


def test_the_baseline_is_printed_as_one_json_document():
    answer = run(MODEL, "--json")
    assert answer.exit_code == 0
    document = json.loads(answer.stdout)
    assert set(document["coverage"][0]) == {
        "need", "area", "group", "universe", "baseline", "scenario", "covered", "uncovered", "change"
    }  # fmt: skip
    assert {"needs", "covered", "coverage", "coverage_baseline"} <= set(document["groups"]["women"])
    assert document["spent"] == 470000
    water = document["coverage"][0]
    assert (water["universe"], water["change"]) == (5200, 0)
    assert water["baseline"] == pytest.approx(1 - 1300 / 5200, abs=1e-9)
    nobody = [row for row in document["coverage"] if row["universe"] == 0]
    assert [row["scenario"] for row in nobody] == [None]


def test_an_allocation_changes_what_it_pays_for():
    document = json.loads(run(MODEL, "--allocation", ALLOCATION, "--json").stdout)
    change = {(row["need"], row["area"], row["group"]): row["change"] for row in document["coverage"]}
    assert change["CARE", "centre", "women"] < 0 < change["WATER", "hillside", "women"]
    assert change["LITERACY", "centre", "women"] == 0
    assert document["problems"] == []


def test_records_that_exceed_the_survey_are_listed_with_both_figures():
    cells = json.loads(run(MODEL, "--json").stdout)["inconsistent"]
    assert [(cell["need"], cell["area"], cell["group"]) for cell in cells] == [("CARE", "centre", "women")]
    assert cells[0]["survey"] == pytest.approx(20 / 700)
    assert cells[0]["records"] > 20 / 700


def broken_allocation(folder):
    rows = [["programme", "area", "amount"], ["network", "hillside", 500000], ["adult-school", "centre", 1]]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return written(folder, "broken.csv", text.getvalue())


LIMITS = ["above-budget", "above-ceiling", "beyond-max-change", "locked"]


def test_an_allocation_that_breaks_limits_is_refused_naming_each(tmp_path):
    answer = run(MODEL, "--allocation", broken_allocation(tmp_path), "--json")
    assert answer.exit_code == 1
    assert answer.stdout == ""
    for words in ("above the budget", "above the ceiling", "by more than the 50% allowed", "the line is locked"):
        assert words in answer.stderr


def test_free_evaluates_all_the_same_and_lists_the_problems(tmp_path):
    answer = run(MODEL, "--allocation", broken_allocation(tmp_path), "--json", "--free")
    assert answer.exit_code == 0
    document = json.loads(answer.stdout)
    assert [problem["rule"] for problem in document["problems"]] == LIMITS
    assert document["spent"] == 500000 + 40000 + 35000 + 220000 + 60000 + 1


DRAWS = ("--draws", 50, "--seed", 7)


def test_draws_put_an_interval_beside_every_figure():
    document = json.loads(run(MODEL, "--allocation", ALLOCATION, *DRAWS, "--json").stdout)
    water = document["coverage"][0]
    assert water["p5"] < water["scenario"] < water["p95"]
    women = document["groups"]["women"]
    assert women["p5"] < women["coverage"] < women["p95"]
    assert document["draws"]["n"] == 50
    plain = json.loads(run(MODEL, "--allocation", ALLOCATION, "--json").stdout)
    assert water["scenario"] == plain["coverage"][0]["scenario"]


def test_the_same_seed_prints_the_same_digits_and_another_does_not():
    first, second = (run(MODEL, "--allocation", ALLOCATION, *DRAWS, "--json").stdout for _ in range(2))
    assert first == second
    assert first != run(MODEL, "--allocation", ALLOCATION, "--draws", 50, "--seed", 8, "--json").stdout


def test_an_allocation_is_compared_with_another_draw_by_draw(tmp_path):
    other = written(tmp_path, "b.csv", "programme,area,amount\nnetwork,hillside,60000\n")
    answer = run(MODEL, "--allocation", ALLOCATION, "--against", other, *DRAWS, "--json")
    assert json.loads(answer.stdout)["draws"]["beats_other"]["groups"]["men"] == {
        "better": 1.0, "equal": 0.0, "worse": 0.0
    }  # fmt: skip
    assert run(MODEL, "--against", other).exit_code == 2


def test_people_see_intervals_chances_and_the_tornado():
    answer = run(MODEL, "--allocation", ALLOCATION, *DRAWS, "--tornado")
    assert answer.exit_code == 0
    for words in ("5th to 95th percentile of 50 draws (seed 7)", "Covers more than today's budget in", "unit_cost"):
        assert words in answer.stdout


def test_a_plan_with_draws_has_intervals_in_every_year():
    document = json.loads(run(MODEL, "--years", 2, *DRAWS, "--json").stdout)
    assert all("p5" in row for year in document["years"] for row in year["coverage"])
    assert "coverage_p95" in document["horizon"]["groups"]["men"]


def test_no_draws_at_all_are_refused():
    answer = run(MODEL, "--draws", 0)
    assert answer.exit_code == 1
    assert "1,000 is usual" in answer.stderr


def test_people_get_a_table():
    answer = run(MODEL, "--allocation", ALLOCATION)
    assert answer.exit_code == 0
    assert "WATER" in answer.stdout
    assert "Spent: 470,000.00 PEN" in answer.stdout


def test_wrong_usage_exits_with_two_and_a_missing_file_with_one():
    assert run(MODEL, "--alocation", "a.csv").exit_code == 2
    missing = run(MODEL, "--allocation", "nowhere.csv")
    assert (missing.exit_code, missing.stdout) == (1, "")
    assert "Refused: nowhere.csv: There is no such file" in missing.stderr


def test_a_baseline_above_the_budget_is_evaluated_without_an_allocation_and_the_breach_is_told(tmp_path):
    text = MODEL.read_text(encoding="utf-8")
    budget = next(line for line in text.splitlines() if line.strip().startswith("budget:"))
    cut = written(tmp_path, "cut.yaml", text.replace(budget, "  budget: 1000"))
    answer = run(cut, "--json")
    document = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert [problem["rule"] for problem in document["problems"]] == ["above-budget"]
    assert all(row["baseline"] == row["scenario"] for row in document["coverage"])
    assert "The allocation adds up to 470,000.00 PEN" in run(cut).stderr
    today = written(tmp_path, "today.csv", "programme,area,amount\n")
    assert run(cut, "--allocation", today).exit_code == 1
    assert run(cut, "--allocation", today, "--free").exit_code == 0


def test_a_baseline_below_its_floor_is_evaluated_and_told(tmp_path):
    text = MODEL.read_text(encoding="utf-8")
    law = written(tmp_path, "law.yaml", text.replace("    floor: 0\n", "    floor: 100000\n"))
    document = json.loads(run(law, "--json").stdout)
    assert {problem["rule"] for problem in document["problems"]} == {"below-floor"}


# ---- explain


def test_reasons_are_printed_for_people_and_as_one_document():
    answer = CliRunner().invoke(explain, [str(MODEL), "--allocation", str(ALLOCATION)])
    assert answer.exit_code == 0
    for words in ("background", "Needs that the next 1,000 PEN would meet", "money went to"):
        assert words in answer.stdout
    printed = CliRunner().invoke(explain, [str(MODEL), "--allocation", str(ALLOCATION), "--json"]).stdout
    document = json.loads(printed)
    assert [cut["programme"] for cut in document["cuts"]] == ["tankers", "day-care"]
    assert document["cuts"][0]["beside"]["programme"] == "network"


def test_an_allocation_that_breaks_limits_is_explained_only_on_request(tmp_path):
    file = str(broken_allocation(tmp_path))
    refused = CliRunner().invoke(explain, [str(MODEL), "--allocation", file])
    assert refused.exit_code == 1
    assert "above the budget" in refused.stderr
    assert CliRunner().invoke(explain, [str(MODEL), "--allocation", file, "--free"]).exit_code == 0


def test_a_document_that_multiplies_itself_is_refused_before_it_is_unfolded():
    layers = "\n".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30))
    with pytest.raises(InputError, match="unfolds into more than 3,000,000 parts"):  # 1e29 of them
        parse_yaml("a0: &a0 [x, x]\n" + layers, "bomb.yaml")


def test_aliases_that_do_not_multiply_are_fine():
    document, _ = parse_yaml("a: &a {x: 1}\nb: *a\nc: [*a, *a]\n", "f.yaml")
    assert document == {"a": {"x": 1}, "b": {"x": 1}, "c": [{"x": 1}, {"x": 1}]}


def test_a_field_without_an_end_is_refused(tmp_path):
    text = "programme,area,amount\nnetwork,'" + "x" * 200_000 + ",1\n"
    with pytest.raises(InputError, match=r"a\.csv, line 2: This is not CSV from here on"):
        read_allocation(written(tmp_path, "a.csv", text), read_portable_model(MODEL))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("areas:", "aeras:", "unknown key 'aeras'. Did you mean 'areas'?"),
        ("needs:", "need:", "unknown key 'need'. Did you mean 'needs'?"),
        ("effectiveness: 0.9", "efectiveness: 0.9", "unknown key 'efectiveness'. Did you mean 'effectiveness'?"),
        ("unit_cost: 140", "unit_cost: 1" + "0" * 400, "unit_cost: a number beyond all bounds is not a finite number"),
        ("ceiling: 0.95", "ceiling: 95", "95 is outside the allowed range: it may be 1 at most"),
        ("unit_cost: 140", "unit_cost: yes", "expected a number, found the text 'yes'"),
        ("unit_cost: 140", "unit_cost: true", "expected a number, found the truth value true"),
    ],
)
def test_one_slip_in_a_model_gives_one_sentence(tmp_path, before, after, words):
    text = MODEL.read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(InputError) as refused:
        read_portable_model(written(tmp_path, "m.yaml", text.replace(before, after, 1)))
    (problem,) = refused.value.problems
    assert words in problem.message
    assert problem.line is not None


def test_amounts_of_any_size_are_calibrated(tmp_path):
    text = MODEL.read_text(encoding="utf-8").replace("unit_cost: 140", "unit_cost: 1.0e-300")
    text = "\n".join(line for line in text.splitlines() if "unit_cost_range" not in line)
    document = json.loads(run(written(tmp_path, "tiny.yaml", text), "--json").stdout)
    assert len(document["inconsistent"]) > 0
    assert all(row["baseline"] == row["scenario"] for row in document["coverage"])
