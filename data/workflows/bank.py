"""The data bank folder: answers of one round as Parquet, put in place whole or not at all.

`<bank>/<site slug>/<round code>/` holds `persons.parquet`, `households.parquet` and `round.json`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet

from budget_model.errors import InputError, NotFoundError, Problem
from data.readers.compact import with_plain_texts

PERSONS, HOUSEHOLDS, PROVENANCE = "persons.parquet", "households.parquet", "round.json"
ROWS_AT_A_TIME = 2**17
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@dataclass
class StagedRound:
    """Files written beside their place, not yet in it."""

    staging: Path
    target: Path
    relative_path: str
    content_sha256: str
    is_in_place: bool = False

    def put_in_place(self) -> None:
        """Rename the folder into its place: other readers see all of it or nothing."""
        self.staging.rename(self.target)
        self.is_in_place = True

    def take_back(self) -> None:
        """Remove what was staged or put in place, when the database refused the round: the bank is as it was."""
        shutil.rmtree(self.target if self.is_in_place else self.staging, ignore_errors=True)
        with contextlib.suppress(OSError):  # other rounds of the site lie there: it stays
            self.target.parent.rmdir()


def check_round_code(code: str) -> str:
    """`code` if it can name a folder; otherwise InputError."""
    if SAFE_NAME.fullmatch(code):
        return code
    message = f"The round code '{code}' cannot name a folder. Use up to 40 letters, digits, '.', '_' or '-'."
    raise InputError(Problem("round_code", message, value=code))


def stage_round(
    bank_folder: Path,
    site_slug: str,
    round_code: str,
    persons: pl.DataFrame,
    households: pl.DataFrame,
    provenance: Mapping[str, Any],
) -> StagedRound:
    """Write the files of a round beside their place. Raises InputError if the round has its folder already."""
    relative = f"{site_slug}/{check_round_code(round_code)}"
    target = Path(bank_folder) / relative
    if target.exists():
        message = f"The data bank already holds round '{round_code}' of '{site_slug}'. Import under another code."
        raise InputError(Problem("round_exists", message, file=str(target), value=round_code))
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{round_code}-", dir=target.parent))
    staging.chmod(0o750)
    digest = hashlib.sha256()
    for name, frame in ((PERSONS, persons), (HOUSEHOLDS, households)):
        write_answers(frame, staging / name)
        digest.update((staging / name).read_bytes())
    text = json.dumps(dict(provenance), ensure_ascii=False, indent=1, default=str)
    (staging / PROVENANCE).write_text(text + "\n", encoding="utf-8")
    return StagedRound(staging, target, relative, digest.hexdigest())


def write_answers(frame: pl.DataFrame, file: Path) -> None:
    """The frame as Parquet, a few rows at a time; categories become the text that they stand for."""
    writer: pyarrow.parquet.ParquetWriter | None = None
    try:
        for start in range(0, max(frame.height, 1), ROWS_AT_A_TIME):
            table = with_plain_texts(frame.slice(start, ROWS_AT_A_TIME)).to_arrow(compat_level=pl.CompatLevel.oldest())
            writer = writer or pyarrow.parquet.ParquetWriter(file, table.schema, compression="zstd")
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def bank_file(bank_folder: Path, bank_path: str, name: str) -> Path:
    """The place of a round's file; NotFoundError if it is not there."""
    file = Path(bank_folder) / bank_path / name
    if not file.is_file():
        raise NotFoundError("file of the data bank", f"{bank_path}/{name}")
    return file
