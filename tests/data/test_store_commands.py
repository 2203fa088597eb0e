"""The commands `site`, `user` and `serve`: what they store and print, and that a refusal stores nothing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys

import pytest
from click.testing import CliRunner

from budget_model.__main__ import main
from data import accounts
from data.accounts import Outcome, log_in
from data.settings import PROJECT
from data.store.engine import make_engine, session_factory
from tests.support import store_fingerprint

PASSWORD = "a long enough password"
NAIROBI = ["site", "add", "nairobi", "--name", "Nairobi settlements", "--country", "KE", "--currency", "KES"]


@pytest.fixture
def run(sqlite_url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.delenv("USER_PASSWORD", raising=False)

    def run(*arguments, **options):
        return CliRunner().invoke(main, list(arguments), **options)

    return run


@pytest.fixture
def engine(sqlite_url):
    engine = make_engine(sqlite_url)
    yield engine
    engine.dispose()


def test_a_site_is_added_and_listed(run):
    added = run(*NAIROBI, "--source", "settlement survey", "--json")
    assert (added.exit_code, json.loads(added.stdout)["site"]["site"]) == (0, "nairobi")
    listed = json.loads(run("site", "list", "--json").stdout)
    assert listed == {
        "sites": [
            {
                "site": "nairobi",
                "name": "Nairobi settlements",
                "country": "KE",
                "currency": "KES",
                "synthetic": False,
                "official_code": None,
                "source": "settlement survey",
            }
        ]
    }
    assert "Nairobi settlements" in run("site", "list").stdout


def test_a_refused_site_ends_with_one_and_stores_nothing(run, engine):
    run(*NAIROBI)
    before = store_fingerprint(engine)
    again = run(*NAIROBI)
    assert (again.exit_code, again.stdout) == (1, "")
    assert "There is a site 'nairobi' already" in again.stderr
    assert store_fingerprint(engine) == before


def test_an_account_is_added_given_roles_and_can_log_in(run, engine):
    run(*NAIROBI)
    added = run("user", "add", "mrojas", "--name", "Marta Rojas", "--password-stdin", input=PASSWORD + "\n")
    assert added.exit_code == 0, added.stderr
    assert run("user", "role", "mrojas", "official", "--site", "nairobi").exit_code == 0
    everywhere = run("user", "role", "mrojas", "monitor", "--json")
    held = [{"role": "monitor", "site": None}, {"role": "official", "site": "nairobi"}]
    assert json.loads(everywhere.stdout) == {"user": {"login": "mrojas", "roles": held}}
    listed = json.loads(run("user", "list", "--json").stdout)
    assert listed["users"] == [{"login": "mrojas", "name": "Marta Rojas", "active": True, "roles": held}]
    assert "monitor at every site; official at nairobi" in run("user", "list").stdout
    assert log_in(session_factory(engine), "mrojas", PASSWORD, "10.0.0.1")[0] is Outcome.ADMITTED
    taken = run("user", "role", "mrojas", "monitor", "--take", "--json")
    assert json.loads(taken.stdout)["user"]["roles"] == held[1:]


def test_a_password_may_come_from_the_environment_or_be_asked_for_and_is_never_shown(run, monkeypatch):
    asked = run("user", "add", "ana", input=f"{PASSWORD}\n{PASSWORD}\n")
    monkeypatch.setenv("USER_PASSWORD", PASSWORD)
    given = run("user", "add", "beto", "--json")
    assert (asked.exit_code, given.exit_code) == (0, 0)
    assert PASSWORD not in asked.output + given.output
    assert json.loads(given.stdout)["user"]["login"] == "beto"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["user", "add", "mrojas", "--password-stdin"], "use 10 or more"),
        (["user", "add", "Marta Rojas", "--password-stdin"], "cannot be a log-in name"),
        (["user", "role", "nobody", "official"], "There is no user 'nobody' here"),
        (["user", "role", "nobody", "official", "--site", "nowhere"], "There is no site 'nowhere' here"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence_and_stores_nothing(run, engine, arguments, words):
    before = store_fingerprint(engine)
    refused = run(*arguments, input=("short" if words.startswith("use") else PASSWORD) + "\n")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert words in refused.stderr
    assert store_fingerprint(engine) == before


def test_wrong_usage_ends_with_two(run):
    assert run("user", "role", "ana", "king").exit_code == 2
    assert run("site", "add", "nairobi").exit_code == 2


@pytest.mark.parametrize("command", [("site", "list"), ("site", "add"), ("user", "add"), ("user", "role"), ("serve",)])
def test_help_shows_an_example(run, command):
    shown = run(*command, "--help")
    assert shown.exit_code == 0
    assert "Example:" in shown.stdout
    assert f"python -m budget_model {' '.join(command)}" in shown.stdout


def test_a_database_that_is_not_there_is_named_without_its_password(run, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://ana:secret@127.0.0.1:9/cbms")
    refused = run("site", "list")
    assert refused.exit_code == 1
    assert "cannot be used" in refused.stderr
    assert "secret" not in refused.output


def test_serve_hands_over_to_gunicorn_with_one_thread_for_sums(run, monkeypatch):
    started, beside = [], []
    monkeypatch.setattr(os, "execv", lambda program, arguments: started.append((program, arguments)))
    monkeypatch.setattr(os, "chdir", lambda folder: None)
    monkeypatch.setattr("data.commands.serve.start_worker", beside.append)
    monkeypatch.setattr("data.commands.serve.port_problem", lambda host, port: None)
    ended = run("serve", "--host", "0.0.0.0", "--port", "9000", "--workers", "3", "--job-workers", "2")
    assert ended.exit_code == 0
    assert beside == [2]
    assert run("serve", "--job-workers", "0").exit_code == 0
    assert beside == [2]
    started.pop()
    ((program, arguments),) = started
    assert program == sys.executable
    assert arguments[-5:] == ["--bind", "0.0.0.0:9000", "--workers", "3", "wsgi:server"]
    assert os.environ["OPENBLAS_NUM_THREADS"] == os.environ["OMP_NUM_THREADS"] == "1"


def test_serve_says_in_a_sentence_that_its_port_is_taken_before_anything_starts(run, monkeypatch):
    started = []
    monkeypatch.setattr(os, "execv", lambda *arguments: started.append(arguments))
    monkeypatch.setattr("data.commands.serve.start_worker", started.append)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run("serve", "--port", str(port))
    assert refused.exit_code == 1
    assert f"port {port} of 127.0.0.1 is in use by another program" in refused.stderr
    assert "PORT=" in refused.stderr
    assert started == []


def test_a_port_is_asked_for_without_any_package(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-S", "-m", "data.free_port", "127.0.0.1", str(taken.getsockname()[1])]
        busy = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (busy.returncode, busy.stderr) == (1, "")
    assert "is in use by another program" in busy.stdout
    wrong = subprocess.run([*command[:-1], "80x"], cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (
        1,
        "PORT is '80x'; it must be a number from 1 to 65535, such as PORT=8050.\n",
    )


def test_hashing_is_argon2id_with_memory():
    assert accounts.HASHER.type.name == "ID"
    assert accounts.HASHER.memory_cost >= 19 * 1024  # KiB; OWASP Password Storage Cheat Sheet: 19 MiB or more
