"""Settings are read once, frozen, and refuse with a sentence."""

from __future__ import annotations

import dataclasses

import pytest

from budget_model.errors import InputError
from dashboard.config import DEVELOPMENT_SECRET, Settings


def test_a_missing_secret_is_refused_with_the_way_out():
    with pytest.raises(InputError, match=r"SECRET_KEY is not set.*token_hex"):
        Settings.from_environment({})


def test_a_short_secret_is_refused_and_not_repeated_in_the_message():
    with pytest.raises(InputError, match="has only 5 characters") as refusal:
        Settings.from_environment({"SECRET_KEY": "abcde"})
    assert "abcde" not in str(refusal.value)


def test_development_needs_no_secret():
    settings = Settings.from_environment({"DEVELOPMENT": "1"})
    assert settings.is_development
    assert settings.secret_key == DEVELOPMENT_SECRET


def test_settings_are_frozen_and_do_not_print_their_secret():
    settings = Settings.from_environment({"SECRET_KEY": "s" * 32})
    assert "ssss" not in repr(settings)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.secret_key = "t"  # type: ignore[misc]
