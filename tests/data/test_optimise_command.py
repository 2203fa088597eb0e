"""`optimise` on the command line: one JSON document, an exit code, nothing else on standard output."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from data.commands.optimise import optimise

EXAMPLE = Path("data/examples/water_and_care.yaml")


def run(path, *options):
    return CliRunner().invoke(optimise, [str(path), *options])


def written(tmp_path, **changes):
    """The example with some keys of its constraints, or its objective, changed."""
    document = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    document["objective"] = changes.pop("objective", "total")
    document["constraints"] |= changes
    path = tmp_path / "model.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def test_json_carries_status_value_bound_gap_and_whole_cents():
    result = run(EXAMPLE, "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["status"] == "bounded"  # CARE is nested and served twice
    assert answer["value"] <= answer["bound"]
    assert answer["gap"] <= 1e-4
    assert answer["baseline_value"] == pytest.approx(36_590, abs=1)
    assert len(answer["allocation"]) == 8
    assert sum(row["amount"] for row in answer["allocation"]) == pytest.approx(answer["spent"])
    assert answer["spent"] <= 470_000
    assert "budget" in {row["constraint"] for row in answer["binding"]}


def test_a_frontier_has_as_many_points_as_were_asked_for():
    answer = json.loads(run(EXAMPLE, "--json", "--frontier", "4").stdout)
    assert len(answer["frontier"]) == 4
    assert answer["frontier"][-1]["value"] == pytest.approx(answer["value"], rel=1e-3)
    assert run(EXAMPLE, "--frontier", "1").exit_code == 2


def test_infeasible_is_an_answer_with_reasons(tmp_path):
    path = written(tmp_path, min_coverage={"CARE": {"women": 0.99}})
    result = run(path, "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["status"] == "infeasible"
    assert {row["constraint"] for row in answer["conflicts"]} >= {"min_coverage"}
    assert "contradict" in run(path).stdout


def test_a_misspelt_constraint_is_refused_with_the_nearest_right_one(tmp_path):
    for wrong, right in (
        ("max_gapp", "max_gap"),
        ("earmark", "earmarks"),
        ("min_coverage_by_aera", "min_coverage_by_area"),
    ):
        result = run(written(tmp_path, **{wrong: 1}))
        assert result.exit_code == 1
        assert f"Did you mean '{right}'?" in result.stderr
        assert result.stdout == ""


def test_people_see_a_table_and_what_binds():
    shown = run(EXAMPLE).stdout
    assert "Status: bounded" in shown
    assert "Binds:  budget" in shown
