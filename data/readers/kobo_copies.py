"""Rows of an export that stand more than once: by their submission's id, by the number that joins levels, or whole.

A copy is told once, at the surest sign that there is. What joins people to their household must be there only once,
whatever column serves: else the second household would lose its people to the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from data.readers.findings import Findings
from data.readers.kobo_table import Level, Part

KEY_ADVICE = "Delete the copies on the server and export again, or remove the rows from the file."
INDEX_ADVICE = "Give every row its own number, as in the export of the server, or remove the copies."
ALIKE_ADVICE = "Nothing tells these rows apart. Look whether they were pasted twice; if not, nothing is to be done."
FEWEST_ANSWERS = 4  # columns; two households that are alike in fewer prove nothing
INDEX_COLUMN = "_index or index"


def report_copies(raw: Mapping[Level, pl.DataFrame], parts: Mapping[Level, Sequence[Part]], findings: Findings) -> None:
    """Copies at every level of the export."""
    for level, frame in raw.items():
        if any(part.is_flat for part in parts[level]):
            continue
        sheet = parts[level][0].sheet
        own = frame if not level else frame.filter(pl.col("_outer").is_null())
        if not level:
            own = _without_copied_submissions(own, sheet, findings)
        _repeated_index(own, sheet, _is_joined_by_index(level, raw), findings)
        if not level:
            _rows_alike(own, sheet, findings)


def _without_copied_submissions(main: pl.DataFrame, sheet: str | None, findings: Findings) -> pl.DataFrame:
    """The rows whose id does not stand again; a column `uuid` counts where most of its values stand once (else it is
    the tablet's)."""
    for name, column in (("_key", "_uuid, instanceID or KEY"), ("_uuid", "uuid")):
        ids = main[name]
        again = ids.is_not_null() & ids.is_duplicated()
        if name == "_uuid" and 2 * again.sum() > main.height:
            continue
        message = "The same submission stands more than once"
        _tell(findings, "submission_duplicate", main.filter(again), (sheet, column), name, message, KEY_ADVICE)
        main = main.filter(~again)
    return main


def _is_joined_by_index(level: Level, raw: Mapping[Level, pl.DataFrame]) -> bool:
    """Whether rows of a deeper level say by number to which row of this one they belong."""
    inner = [frame for other, frame in raw.items() if other[: len(level)] == level and len(other) > len(level)]
    return any((frame["_parent_index"].is_not_null() & frame["_parent_key"].is_null()).any() for frame in inner)


def _repeated_index(frame: pl.DataFrame, sheet: str | None, is_joined: bool, findings: Findings) -> None:
    """The same number twice in a file: an error where it joins or is the only key, or where the whole row is a copy."""
    again = frame.filter(pl.col("_index").is_not_null() & pl.struct("_file", "_index").is_duplicated())
    if again.is_empty():
        return
    content = [name for name in again.columns if not name.startswith("_")]
    is_copy = again.select(pl.struct("_index", "_parent_index", "_parent_key", *content).is_duplicated()).to_series()
    place = (sheet, INDEX_COLUMN)
    message = "The same row stands more than once"
    _tell(findings, "submission_duplicate", again.filter(is_copy), place, "_index", message, KEY_ADVICE)
    others = again.filter(~is_copy)
    if not is_joined:
        others = others.filter(pl.col("_key").is_null() & pl.col("_parent_index").is_null())
    message = "Different rows have the same number, by which people are joined to their household"
    _tell(findings, "index_repeated", others, place, "_index", message, INDEX_ADVICE)


def _rows_alike(main: pl.DataFrame, sheet: str | None, findings: Findings) -> None:
    """Households without any key that are alike in every answer: told, for nothing proves them to be copies."""
    bare = main.filter(pl.all_horizontal(pl.col("_key", "_uuid", "_index").is_null()))
    content = [name for name in bare.columns if not name.startswith("_") and bare[name].null_count() < bare.height]
    if len(content) < FEWEST_ANSWERS:
        return
    alike = bare.filter(pl.struct(content).is_duplicated())
    message = "Rows without a key are alike in every answer"
    _tell(findings, "rows_alike", alike, (sheet, None), None, message, ALIKE_ADVICE, "warning")


def _tell(
    findings: Findings,
    rule: str,
    rows: pl.DataFrame,
    place: tuple[str | None, str | None],
    values: str | None,
    message: str,
    advice: str,
    level: str = "error",
) -> None:
    for (file,), group in rows.group_by(["_file"], maintain_order=True):
        shown = group[values].drop_nulls().unique(maintain_order=True) if values else []
        findings.add(rule, (str(file), *place), group["_line"], shown, message, advice, level=level)
