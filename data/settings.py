"""Where the database, the data bank and the queue of jobs lie: read once from the environment, then frozen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
QUEUE, DIGESTS = "queue.sqlite", "digests"
SECRET_FILE = "secret_key"  # noqa: S105  where ./script/server keeps the secret that it makes


@dataclass(frozen=True)
class StoreSettings:
    """Places of what is stored."""

    database_url: str
    bank_folder: Path  # survey answers as Parquet, one folder a site and round
    broker_url: str | None = None  # Redis, where several machines share the jobs; None: a file on this machine
    stated_queue_file: Path | None = None
    stated_digest_folder: Path | None = None
    secret: str | None = field(default=None, repr=False)  # key of the hashes of codes; None: no codes can be made

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> StoreSettings:
        """`DATABASE_URL`, `BANK_FOLDER`, `DIGEST_FOLDER`, `BROKER_URL` (or `REDIS_URL`) and `SECRET_KEY`.

        Without them everything lies in `VAR_FOLDER`, by default `var/` beside the code.
        """
        environment = os.environ if environment is None else environment
        folder = Path(environment.get("VAR_FOLDER", PROJECT / "var"))
        return cls(
            database_url=environment.get("DATABASE_URL", f"sqlite:///{folder / 'cbms_grb.sqlite'}"),
            bank_folder=Path(environment.get("BANK_FOLDER", folder / "bank")),
            broker_url=environment.get("BROKER_URL") or environment.get("REDIS_URL") or None,
            stated_queue_file=folder / QUEUE,
            stated_digest_folder=Path(environment.get("DIGEST_FOLDER", folder / DIGESTS)),
            secret=environment.get("SECRET_KEY") or _kept_secret(folder / SECRET_FILE),
        )

    @property
    def queue_file(self) -> Path:
        """The file of the queue where there is no broker: beside a SQLite database, else in the folder of variables."""
        kind, _, path = self.database_url.partition(":///")
        if kind.startswith("sqlite") and path and path != ":memory:":
            return Path(path).expanduser().parent / QUEUE
        return self.stated_queue_file or PROJECT / "var" / QUEUE

    @property
    def digest_folder(self) -> Path:
        """Where digests of alerts are written as files."""
        return self.stated_digest_folder or self.bank_folder.parent / DIGESTS


def _kept_secret(file: Path) -> str | None:
    return (file.read_text(encoding="utf-8").strip() or None) if file.is_file() else None
