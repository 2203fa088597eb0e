"""Settings of the dashboard: read once from the environment, then frozen. Refuses to start with a sentence."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from budget_model.errors import InputError, Problem
from data.settings import StoreSettings

SHORTEST_SECRET = 32
DEVELOPMENT_SECRET = "development only: everybody knows this key"  # noqa: S105
TRUE_WORDS = {"1", "true", "yes", "on"}


@dataclass(frozen=True)
class Settings:
    """What a deployment decides."""

    store: StoreSettings
    secret_key: str = field(repr=False)
    is_development: bool = False
    is_behind_https: bool = False  # cookies only over https, and the proxy's headers are believed
    session_length: timedelta = timedelta(hours=8)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """`SECRET_KEY`, `DEVELOPMENT`, `BEHIND_HTTPS`, and what `StoreSettings` reads.

        Raises `InputError` where the secret is missing or short and `DEVELOPMENT` is not set.
        """
        environment = os.environ if environment is None else environment
        is_development = _is_true(environment.get("DEVELOPMENT"))
        return cls(
            store=StoreSettings.from_environment(environment),
            secret_key=_secret_key(environment.get("SECRET_KEY", ""), is_development),
            is_development=is_development,
            is_behind_https=_is_true(environment.get("BEHIND_HTTPS")),
        )


def _is_true(text: str | None) -> bool:
    return (text or "").strip().lower() in TRUE_WORDS


def _secret_key(secret: str, is_development: bool) -> str:
    if not secret and is_development:
        return DEVELOPMENT_SECRET
    if len(secret) < SHORTEST_SECRET:
        found = f"has only {len(secret)} characters" if secret else "is not set"
        raise InputError(
            Problem(
                rule="secret-key",
                message=f"SECRET_KEY {found}; sessions could be forged. Set it to at least {SHORTEST_SECRET} random "
                "characters (python -c 'import secrets; print(secrets.token_hex(32))'), start with ./script/server, "
                "which makes one, or set DEVELOPMENT=1 on your own machine.",
            )
        )
    return secret
