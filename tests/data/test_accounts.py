"""Passwords and log-in: hashed with argon2id, limited across processes, and silent about who exists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from budget_model.errors import InputError
from data import accounts
from data.accounts import Outcome, hash_password, load_account, log_in, verify_password
from data.store.engine import transaction
from data.store.tables import LoginAttempt, User
from data.store.users import add_user, give_role

PASSWORD = "a long enough password"
NOON = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


@pytest.fixture
def ana(factory):
    with transaction(factory) as session:
        user = add_user(session, login="ana", display_name="Ana", password_hash=hash_password(PASSWORD), actor="test")
        give_role(session, user, "official", None, "test")
        return user


def attempts(factory, login, password, moments, address="10.0.0.1"):
    return [log_in(factory, login, password, address, NOON + timedelta(seconds=second))[0] for second in moments]


def test_a_password_is_kept_as_an_argon2id_hash_with_its_own_salt():
    first, second = hash_password(PASSWORD), hash_password(PASSWORD)
    assert first.startswith("$argon2id$")
    assert first != second
    assert verify_password(first, PASSWORD)
    assert not verify_password(first, PASSWORD + " ")
    assert not verify_password("no hash at all", PASSWORD)


def test_a_short_password_is_refused_without_repeating_it():
    with pytest.raises(InputError, match="use 10 or more") as refusal:
        hash_password("short")
    assert "short'" not in str(refusal.value)


def test_who_knows_the_password_comes_in_with_the_roles_held(factory, ana):
    outcome, account = log_in(factory, " ANA ", PASSWORD, "10.0.0.1")
    assert outcome is Outcome.ADMITTED
    assert (account.id, account.display_name, account.roles) == (ana.id, "Ana", {("official", None)})
    assert load_account(factory, ana.id) == account
    assert load_account(factory, 4711) is None


def test_nobody_learns_whether_a_name_exists(factory, ana, monkeypatch):
    checked = []
    monkeypatch.setattr(accounts, "verify_password", lambda password_hash, password: checked.append(password_hash))
    assert log_in(factory, "ana", "wrong", "10.0.0.1") == (Outcome.REFUSED, None)
    assert log_in(factory, "nobody", "wrong", "10.0.0.1") == (Outcome.REFUSED, None)
    # both verify one hash of the same cost
    assert [password_hash.rsplit("$", 2)[0] for password_hash in checked] == [checked[0].rsplit("$", 2)[0]] * 2


def test_a_closed_account_is_refused_like_a_wrong_password(factory, ana):
    with transaction(factory) as session:
        session.get_one(User, ana.id).is_active = False
    assert log_in(factory, "ana", PASSWORD, "10.0.0.1") == (Outcome.REFUSED, None)
    assert load_account(factory, ana.id) is None


@pytest.mark.parametrize("login", ["ana", "nobody"])
def test_five_failures_within_a_minute_lock_for_a_minute_whoever_it_is(factory, ana, login, monkeypatch):
    monkeypatch.setattr(accounts, "verify_password", lambda password_hash, password: False)
    seconds = [0, 10, 20, 30, 40, 41, 99, 100]
    outcomes = attempts(factory, login, "wrong", seconds)
    assert outcomes == [Outcome.REFUSED] * 5 + [Outcome.LOCKED] * 2 + [Outcome.REFUSED]


def test_the_right_password_does_not_open_a_locked_account(factory, ana, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(accounts, "verify_password", lambda password_hash, password: False)
        attempts(factory, "ana", "wrong", range(5))
    assert attempts(factory, "ana", PASSWORD, [5, 64]) == [Outcome.LOCKED, Outcome.ADMITTED]


def test_an_address_that_tries_many_names_is_locked_and_others_are_not(factory, ana, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(accounts, "verify_password", lambda password_hash, password: False)
        for number in range(5):
            attempts(factory, f"guess{number}", "wrong", [number])
    assert attempts(factory, "ana", PASSWORD, [6]) == [Outcome.LOCKED]
    assert attempts(factory, "ana", PASSWORD, [6], address="10.0.0.2") == [Outcome.ADMITTED]


def test_slow_failures_lock_nobody(factory, ana, monkeypatch):
    monkeypatch.setattr(accounts, "verify_password", lambda password_hash, password: False)
    assert attempts(factory, "ana", "wrong", range(0, 160, 20)) == [Outcome.REFUSED] * 8


def test_addresses_are_forgotten_after_a_day(factory, ana, monkeypatch):
    monkeypatch.setattr(accounts, "verify_password", lambda password_hash, password: False)
    attempts(factory, "ana", "wrong", [0, 86_401])
    with factory() as session:
        assert session.scalars(select(LoginAttempt.at)).all() == [NOON + timedelta(seconds=86_401)]
