"""Lines of an uploaded budget file, kept beside it once they were read, so that a large file is read once.

A frame (Parquet, amounts exact) and what its reader said (JSON). The description is written last and whole: without it
there is no reading.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from budget_model.errors import Problem
from budget_model.spending.lines import BudgetLines, check_frame
from data.plain import plain

FRAME_FILE, DESCRIPTION_FILE = "reading.parquet", "reading.json"
FORM = 1  # of the description; another one is not read


def save_reading(folder: Path, lines: BudgetLines) -> None:
    """Keep lines in the folder of an upload; an earlier reading, which is of the same file, is replaced."""
    own = secrets.token_hex(4)  # two processes may read the same file at once
    fresh_frame = folder / f"{FRAME_FILE}.{own}"
    lines.frame.write_parquet(fresh_frame)
    fresh_frame.replace(folder / FRAME_FILE)  # whoever reads the earlier one keeps it
    description = {
        "form": FORM,
        "currency": lines.currency,
        "source": lines.source,
        "problems": [plain(asdict(problem)) for problem in lines.problems],
        "rows_read": lines.rows_read,
        "rows_kept": lines.rows_kept,
    }
    fresh = folder / f"{DESCRIPTION_FILE}.{own}"
    fresh.write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
    fresh.replace(folder / DESCRIPTION_FILE)


def find_reading(folder: Path) -> dict[str, Any] | None:
    """What the reader said of the lines that were kept; None where the file was not read yet."""
    try:
        known: dict[str, Any] = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return known if known.pop("form") == FORM else None


def load_reading(folder: Path) -> BudgetLines | None:
    """The lines that were kept; None where the file was not read yet."""
    known = find_reading(folder)
    if known is None:
        return None
    problems = tuple(Problem(**problem) for problem in known.pop("problems"))
    return BudgetLines(check_frame(pl.read_parquet(folder / FRAME_FILE)), problems=problems, **known)
