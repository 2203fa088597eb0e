"""Several processes on one store: nothing is lost, nothing doubled, limits hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from data.store.engine import transaction
from data.store.scenarios import list_scenarios, load_allocation
from data.store.tables import AuditEntry, LoginAttempt, ModelSnapshot, Scenario
from tests.store_builders import make_place

PROCESSES, SAVES = 2, 25
ROOT = Path(__file__).resolve().parents[2]
START = """
import sys
from decimal import Decimal
from budget_model.errors import InputError
from data import accounts
from data.store.engine import make_engine, session_factory, transaction
from data.store.models import save_snapshot
from data.store.scenarios import save_scenario
from data.store.tables import User
url, site_id, round_id, owner_id, sha256, number = sys.argv[1:]
factory = session_factory(make_engine(url))
print("ready", flush=True)
sys.stdin.readline()
"""
SAVE_SCENARIOS = """
for count in range(25):
    with transaction(factory) as session:
        name = f"{number} {count}"
        amounts = {("care", "north"): Decimal(count) + Decimal("0.01"), ("care", "south"): Decimal(number)}
        save_scenario(session, int(site_id), session.get(User, int(owner_id)), sha256, name, amounts, {})
"""
SAVE_SAME_NAMES = """
refused = 0
for count in range(25):
    try:
        with transaction(factory) as session:
            owner = session.get(User, int(owner_id))
            save_scenario(session, int(site_id), owner, sha256, f"same {count}", {}, {})
    except InputError:
        refused += 1
print(refused)
"""
SAVE_SAME_MODELS = """
for count in range(25):
    with transaction(factory) as session:
        save_snapshot(session, int(site_id), int(round_id), 2026, {"count": count})
"""
GUESS = """
accounts.verify_password = lambda password_hash, password: False
print([accounts.log_in(factory, "ana", "guess", "10.0.0.1")[0] for _ in range(10)].count(accounts.Outcome.REFUSED))
"""


@pytest.fixture
def place(factory):
    with transaction(factory) as session:
        return make_place(session)


def run_together(database_url, place, script):
    """Start processes, let them go at the same moment, and give what each printed at its end."""
    facts = [place.site.id, place.survey_round.id, place.owner.id, place.model_sha256]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", START + script, database_url, *map(str, facts), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for number in range(PROCESSES)
    ]
    for process in running:
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    endings = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * PROCESSES, endings
    return [output for output, _ in endings]


def test_scenarios_saved_at_once_are_all_there_with_their_money_and_their_trail(database_url, factory, place):
    run_together(database_url, place, SAVE_SCENARIOS)
    with factory() as session:
        names = {scenario.name for scenario, _ in list_scenarios(session, place.site.id)}
        ids = session.scalars(select(Scenario.id)).all()
        spent = sum(sum(load_allocation(session, place.site.id, one).values()) for one in ids)
        entries = session.scalar(select(func.count()).where(AuditEntry.action == "scenario.save"))
    assert names == {f"{number} {count}" for number in range(PROCESSES) for count in range(SAVES)}
    assert entries == PROCESSES * SAVES
    # each process: 0 + 1 + … + 24 = 300, 25 cents, and 25 times its number (0 and 1)
    assert str(spent) == "625.50"


def test_a_name_wanted_by_two_at_once_is_given_to_one_and_refused_to_the_other(database_url, factory, place):
    refused = run_together(database_url, place, SAVE_SAME_NAMES)
    with factory() as session:
        assert len(list_scenarios(session, place.site.id)) == SAVES
    assert sum(map(int, refused)) == SAVES


def test_one_model_stored_by_two_at_once_is_one_model(database_url, factory, place):
    run_together(database_url, place, SAVE_SAME_MODELS)
    with factory() as session:
        assert session.scalar(select(func.count()).select_from(ModelSnapshot)) == 1 + SAVES


def test_guessing_from_two_processes_at_once_gets_no_more_tries(database_url, factory, place):
    tries = run_together(database_url, place, GUESS)
    with factory() as session:
        counted = session.scalar(select(func.count()).select_from(LoginAttempt))
    assert (sum(map(int, tries)), counted) == (5, 5)
