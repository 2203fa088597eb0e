"""Where the database, the data bank and the queue of jobs lie: read once from the environment, then frozen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
QUEUE = "queue.sqlite"


@dataclass(frozen=True)
class StoreSettings:
    """Places of what is stored."""

    database_url: str
    bank_folder: Path  # survey answers as Parquet, one folder a site and round
    broker_url: str | None = None  # Redis, where several machines share the jobs; None: a file on this machine
    stated_queue_file: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> StoreSettings:
        """`DATABASE_URL`, `BANK_FOLDER` and `BROKER_URL` (or `REDIS_URL`).

        Without them everything lies in `VAR_FOLDER`, by default `var/` beside the code.
        """
        environment = os.environ if environment is None else environment
        folder = Path(environment.get("VAR_FOLDER", PROJECT / "var"))
        return cls(
            database_url=environment.get("DATABASE_URL", f"sqlite:///{folder / 'cbms_grb.sqlite'}"),
            bank_folder=Path(environment.get("BANK_FOLDER", folder / "bank")),
            broker_url=environment.get("BROKER_URL") or environment.get("REDIS_URL") or None,
            stated_queue_file=folder / QUEUE,
        )

    @property
    def queue_file(self) -> Path:
        """The file of the queue where there is no broker: beside a SQLite database, else in the folder of variables."""
        kind, _, path = self.database_url.partition(":///")
        if kind.startswith("sqlite") and path and path != ":memory:":
            return Path(path).expanduser().parent / QUEUE
        return self.stated_queue_file or PROJECT / "var" / QUEUE
