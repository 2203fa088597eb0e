"""Lines of an uploaded budget file, kept beside it once they were read, so that a large file is read once.

A frame (Parquet, amounts exact) and what its reader said (JSON). The description is written last and whole: without it
there is no reading.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import polars as pl

from budget_model.errors import Problem
from budget_model.spending.lines import BudgetLines, check_frame
from data.plain import plain

FRAME_FILE, DESCRIPTION_FILE = "reading.parquet", "reading.json"
FORM = 1  # of the description; another one is not read


def save_reading(folder: Path, lines: BudgetLines) -> None:
    """Keep lines in the folder of an upload; an earlier reading is replaced."""
    (folder / DESCRIPTION_FILE).unlink(missing_ok=True)
    lines.frame.write_parquet(folder / FRAME_FILE)
    description = {
        "form": FORM,
        "currency": lines.currency,
        "source": lines.source,
        "problems": [plain(asdict(problem)) for problem in lines.problems],
        "rows_read": lines.rows_read,
        "rows_kept": lines.rows_kept,
    }
    fresh = folder / f"{DESCRIPTION_FILE}.new"
    fresh.write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
    fresh.replace(folder / DESCRIPTION_FILE)


def load_reading(folder: Path) -> BudgetLines | None:
    """The lines that were kept; None where the file was not read yet."""
    try:
        known = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if known.pop("form") != FORM:
        return None
    problems = tuple(Problem(**problem) for problem in known.pop("problems"))
    return BudgetLines(check_frame(pl.read_parquet(folder / FRAME_FILE)), problems=problems, **known)
