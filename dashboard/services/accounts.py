"""Log-in: the person of a session, with her roles. Passwords and limits of attempts lie in `data.accounts`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from dashboard.auth.person import Person
from data import accounts

if TYPE_CHECKING:
    from dashboard.services import Store


class Refusal(StrEnum):
    """Why somebody was not let in."""

    WRONG = "wrong"
    TOO_MANY = "too many"


class AccountService:
    """Checks passwords and finds persons. The only service that is asked by strangers."""

    minutes_to_wait = max(1, round(accounts.WINDOW.total_seconds() / 60))

    def __init__(self, store: Store):
        self._store = store

    def person(self, user_id: int) -> Person | None:
        """The active user of a session, with today's roles, or None."""
        account = accounts.load_account(self._store.factory, user_id)
        return person_of(account) if account else None

    def log_in(self, login: str, password: str, address: str) -> Person | Refusal:
        """The person, or why not. Every attempt is recorded; too many failures close the door for a while."""
        outcome, account = accounts.log_in(self._store.factory, login, password, address)
        if outcome is accounts.Outcome.LOCKED:
            return Refusal.TOO_MANY
        return person_of(account) if account else Refusal.WRONG


def person_of(account: accounts.Account) -> Person:
    return Person(account.id, account.login, account.display_name, account.roles)
