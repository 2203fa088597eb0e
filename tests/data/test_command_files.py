"""Every file on the command line: what is not there, is no file or cannot be read is refused alike, without a trace."""

from __future__ import annotations

import json
import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from budget_model.__main__ import COMMANDS, main
from data.commands.files import CheckedPath

EXAMPLES = Path(__file__).resolve().parents[2] / "data" / "examples"
MODEL = EXAMPLES / "water_and_care.yaml"


def all_commands():
    """(words on the command line, command) of every command that does something."""
    context = click.Context(main)
    waiting = [((name,), main.get_command(context, name)) for name in COMMANDS]
    while waiting:
        words, command = waiting.pop()
        if isinstance(command, click.Group):
            waiting += [((*words, name), one) for name, one in command.commands.items()]
        else:
            yield words, command


ALL = sorted(all_commands(), key=lambda pair: pair[0])
NAMES = [" ".join(words) for words, _ in ALL]


@pytest.mark.parametrize(("words", "command"), ALL, ids=NAMES)
def test_every_command_shows_an_example_of_itself(words, command):
    shown = CliRunner().invoke(main, [*words, "--help"]).stdout
    assert f"python -m budget_model {' '.join(words)}" in shown


@pytest.mark.parametrize(("words", "command"), ALL, ids=NAMES)
def test_every_command_but_the_server_answers_in_json(words, command):
    options = {option for parameter in command.params for option in parameter.opts}
    assert ("--json" in options) == (words != ("serve",))


@pytest.mark.parametrize(("words", "command"), ALL, ids=NAMES)
def test_every_path_of_a_command_is_looked_at_before_it_starts(words, command):
    paths = [parameter for parameter in command.params if isinstance(parameter.type, click.Path)]
    unchecked = [parameter.name for parameter in paths if not isinstance(parameter.type, CheckedPath)]
    # a form that is not there is a problem of the check, told in its document
    assert words == ("form", "check") or unchecked == []


# The command with {file} in place of the file that is wrong.
READERS = [
    ["simulate", "{file}"],
    ["simulate", str(MODEL), "--allocation", "{file}"],
    ["optimise", "{file}"],
    ["estimate", "{file}", "--indicators", str(EXAMPLES / "api_stratified.yaml")],
    ["estimate", str(MODEL), "--indicators", "{file}"],
    ["budget", "read", "{file}"],
    ["budget", "read", str(MODEL), "--map", "{file}"],
    ["budget", "import", "{file}", "--site", "x"],
    ["budget", "import", str(MODEL), "--site", "x", "--map", "{file}"],
    ["form", "publish", "x", "{file}"],
    ["form", "publish", "x", str(MODEL), "--module", "{file}"],
    ["survey", "import", "x", "1", "--persons", "{file}"],
    ["survey", "import", "x", "1", "--persons", str(MODEL), "--map", "{file}"],
    ["survey", "validate", "x", "1", "--rules", "{file}"],
    ["survey", "correct", "x", "1", "--file", "{file}"],
    ["indicators", "run", "x", "1", "--catalogue", "{file}"],
    ["indicators", "import", "x", "1", "{file}", "--map", str(MODEL)],
    ["indicators", "import", "x", "1", str(MODEL), "--map", "{file}"],
    ["programmes", "import", "x", "{file}"],
    ["scenario", "run", "x", "--allocation", "{file}"],
    ["focus", "add", "x", "{file}"],
    ["area", "import", "x", "{file}"],
    ["bank", "import", "{file}", "--site", "x"],
    ["votes", "count", "{file}"],
    ["verify", "{file}"],
]


def refused(arguments, file, *options):
    result = CliRunner().invoke(main, [part.replace("{file}", str(file)) for part in arguments] + list(options))
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Refused: ")
    return result.stderr


@pytest.mark.parametrize("arguments", READERS, ids=lambda arguments: " ".join(arguments[:2] + arguments[-2:-1]))
def test_a_file_that_is_missing_or_empty_or_under_a_file_is_refused_with_exit_code_one(arguments, tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    assert "There is no such file" in refused(arguments, tmp_path / "nowhere.csv")
    assert "There is no such file" in refused(arguments, tmp_path / "empty" / "x.csv", "--json")
    assert "0 bytes" in refused(arguments, tmp_path / "empty", "--json")
    assert "cannot be reached" in refused(arguments, tmp_path / ("x" * 300))


def test_a_folder_in_place_of_a_file_is_called_one(tmp_path):
    for arguments in READERS:
        words = refused(arguments, tmp_path)
        assert "no such file" not in words
        takes_folders = arguments[0] in ("bank", "form") or arguments[:2] in (["estimate", "{file}"],) or (
            arguments[0] == "budget" and arguments[2] == "{file}")  # fmt: skip
        assert takes_folders or "This is a folder, not a file" in words


def test_a_pipe_is_refused_before_anything_waits_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert "a pipe or a device" in refused(READERS[0], tmp_path / "pipe")


BINARY = bytes(range(256)) * 20
TEXTS = [
    ["simulate", "{file}"],
    ["optimise", "{file}"],
    ["estimate", str(MODEL), "--indicators", "{file}"],
    ["budget", "read", str(MODEL), "--map", "{file}"],
]


@pytest.mark.parametrize("content", [BINARY, b"\0" * 100, "a: ñ".encode("latin-1"), "a: b".encode("utf-16")])
def test_what_is_no_utf8_text_is_refused_where_text_is_read(content, tmp_path):
    (tmp_path / "x.yaml").write_bytes(content)
    for arguments in TEXTS:
        words = refused(arguments, tmp_path / "x.yaml")
        assert "UTF-8" in words or "UTF-16" in words


def test_a_character_that_yaml_forbids_is_refused_with_its_line(tmp_path):
    (tmp_path / "x.yaml").write_text("a: b\nc: \x07\n")
    assert "x.yaml, line 2: The character U+0007 may not stand in YAML" in refused(READERS[0], tmp_path / "x.yaml")


WRITERS = [
    ["budget", "export", "{file}", "--site", "x"],
    ["form", "export", "cbms_grb", "{file}"],
    ["area", "export", "x", "--out", "{file}"],
    ["survey", "validate", "x", "1", "--report", "{file}"],
    ["votes", "seal", str(MODEL), "{file}"],
]


@pytest.mark.parametrize("arguments", WRITERS, ids=lambda arguments: " ".join(arguments[:2]))
def test_where_nothing_can_be_written_is_told_before_the_work_begins(arguments, tmp_path):
    (tmp_path / "file.csv").write_bytes(b"x")
    (tmp_path / "folder.csv").mkdir()
    assert "There is no folder" in refused(arguments, tmp_path / "nowhere" / "out.csv")
    assert "There is no folder" in refused(arguments, tmp_path / "file.csv" / "out.csv", "--json")
    assert "There is a folder of this name" in refused(arguments, tmp_path / "folder.csv")


def test_a_questionnaire_is_written_and_said_in_json(tmp_path):
    result = CliRunner().invoke(main, ["form", "export", "cbms_grb", str(tmp_path / "out.xlsx"), "--json"])
    assert json.loads(result.stdout) == {"form": "cbms_grb", "target": str(tmp_path / "out.xlsx")}
    assert (tmp_path / "out.xlsx").stat().st_size > 1000


@pytest.mark.parametrize("name", ["nowhere.xlsx", "nowhere/x.csv"])
def test_a_form_check_tells_a_missing_file_in_its_document(name, tmp_path):
    result = CliRunner().invoke(main, ["form", "check", str(tmp_path / name), "--json"])
    (problem,) = json.loads(result.stdout)["problems"]
    assert (result.exit_code, problem["rule"], problem["level"]) == (1, "file_missing", "error")
