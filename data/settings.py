"""Where the database and the data bank lie: read once from the environment, then frozen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class StoreSettings:
    """Places of what is stored."""

    database_url: str
    bank_folder: Path  # survey answers as Parquet, one folder a site and round

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> StoreSettings:
        """`DATABASE_URL` and `BANK_FOLDER`; without them both lie in `var/` beside the code."""
        environment = os.environ if environment is None else environment
        folder = Path(environment.get("VAR_FOLDER", PROJECT / "var"))
        return cls(
            database_url=environment.get("DATABASE_URL", f"sqlite:///{folder / 'cbms_grb.sqlite'}"),
            bank_folder=Path(environment.get("BANK_FOLDER", folder / "bank")),
        )
