"""Parts of an export into one frame a level, every row knowing the row above it and its household.

Order: rows of a level together; numbered; joined to the level above by key, by index, or by their place in the same
row of the file. A row whose parent is not there is reported and stands without household.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from budget_model.survey.questions import Form
from data.readers.findings import Findings
from data.readers.kobo_answers import UNTOLD
from data.readers.kobo_copies import report_copies
from data.readers.kobo_table import Level, Part, name_in_level

ADDRESS = ("_row", "_parent", "_household", "_file", "_line")


@dataclass(frozen=True)
class Joined:
    """Frames by level, and how many submissions each version of the form has."""

    tables: dict[Level, pl.DataFrame]
    versions: dict[str, int]


def join_levels(form: Form, parts: Sequence[Part], findings: Findings) -> Joined:
    """One frame a level; `_row` counts from 1 within it."""
    grouped: dict[Level, list[Part]] = {}
    for part in parts:
        grouped.setdefault(part.level, []).append(part)
    raw = {level: _together(grouped[level]) for level in sorted(grouped, key=len)}
    if () in raw:
        report_copies(raw, grouped, findings)
    else:
        raw = {(): _households_of(raw, findings), **raw}
    versions = Counter(raw[()]["_version"].drop_nulls().to_list())
    tables: dict[Level, pl.DataFrame] = {}
    for level in sorted(raw, key=len):
        tables[level] = _linked(form, level, raw, tables, findings)
    return Joined({level: _finished(form, level, frame) for level, frame in tables.items()}, dict(versions))


def _together(parts: Sequence[Part]) -> pl.DataFrame:
    frames = [
        part.frame.with_columns(
            pl.lit(f"{part.file}|{part.sheet or ''}|{part.block}").cast(pl.Categorical).alias("_source")
        )
        for part in parts
    ]
    frame = pl.concat(frames, how="diagonal_relaxed")
    if any(part.is_flat for part in parts):
        frame = frame.unique("_key", keep="first", maintain_order=True)
    missing = [pl.lit(None, pl.String).alias(name) for name in ("_outer", "_instance") if name not in frame.columns]
    return frame.with_columns(*missing).with_row_index("_row", 1).with_columns(pl.col("_row").cast(pl.Int64))


def _households_of(raw: Mapping[Level, pl.DataFrame], findings: Findings) -> pl.DataFrame:
    """Households out of the keys that their people carry, where the export has no table of households."""
    level = min(raw, key=len)
    people = raw[level]
    name = "_parent_key" if people["_parent_key"].null_count() < people.height else "_parent_index"
    keys = people[name].drop_nulls().unique(maintain_order=True)
    empty = pl.Series([None] * len(keys), dtype=pl.String)
    findings.add(
        "households_missing",
        (str(people["_file"][0]), None, None),
        people["_line"][:1],
        [],
        "There is no table of households, so that only the keys of households are known",
        "Give the main file of the export too.",
        level="warning",
    )
    unknown = ("_version", "_outer", "_instance", "_parent_key", "_parent_index", "_source", "_block_row")
    columns = dict.fromkeys(unknown, empty)
    file = pl.Series([str(people["_file"][0])] * len(keys), dtype=pl.Categorical)
    return pl.DataFrame(
        {
            "_row": pl.Series(range(1, len(keys) + 1), dtype=pl.Int64),
            "_key": keys if name == "_parent_key" else empty,
            "_index": keys if name == "_parent_index" else empty,
            "_line": pl.Series([None] * len(keys), dtype=pl.Int64),
            "_file": file,
            **columns,
        }
    )


def _linked(
    form: Form,
    level: Level,
    raw: Mapping[Level, pl.DataFrame],
    tables: Mapping[Level, pl.DataFrame],
    findings: Findings,
) -> pl.DataFrame:
    """The frame of a level with `_parent` and `_household`."""
    frame = raw[level]
    if not level:
        return frame.with_columns(pl.lit(None, pl.Int64).alias("_parent"), pl.col("_row").alias("_household"))
    above = form.parent_repeat(level)
    while above not in raw:
        above = form.parent_repeat(above)
    found = [link for link in (_by_place, _by_key, _by_index) for link in [link(frame, raw[above], not above)]]
    linked = frame.with_columns(pl.coalesce(found).alias("_parent"))
    _report_orphans(linked, findings)
    homes = tables[above].select(pl.col("_row").alias("_parent"), "_household")
    return linked.join(homes, on="_parent", how="left", maintain_order="left")


def _lookup(frame: pl.DataFrame, parents: pl.DataFrame, here: Sequence[str], there: Sequence[str]) -> pl.Series:
    """`_row` of the parent whose columns `there` equal the row's columns `here`."""
    keys = parents.select(*(pl.col(b).cast(pl.String).alias(f"k{n}") for n, b in enumerate(there)), "_row")
    keys = keys.drop_nulls().unique([f"k{n}" for n in range(len(there))], keep="first", maintain_order=True)
    asked = frame.select(pl.col(a).cast(pl.String).alias(f"k{n}") for n, a in enumerate(here))
    return asked.join(keys, on=[f"k{n}" for n in range(len(there))], how="left", maintain_order="left")["_row"]


def _by_place(frame: pl.DataFrame, parents: pl.DataFrame, is_main: bool) -> pl.Series:
    """Answers of people that stood in the household's own row, or in that of the repeat above."""
    if is_main:
        return _lookup(frame, parents, ["_source", "_outer"], ["_source", "_block_row"])
    prefix = frame.with_columns(pl.col("_instance").str.replace(r"/?\d+$", "").alias("_instance"))
    place = ["_source", "_outer", "_instance"]
    return _lookup(prefix, parents, place, place)


def _by_key(frame: pl.DataFrame, parents: pl.DataFrame, is_main: bool) -> pl.Series:
    plain = pl.col("_key").str.replace(r"^uuid:", "")
    by_given = _lookup(frame, parents, ["_parent_key"], ["_key"])
    if not is_main:
        return by_given
    stripped = frame.with_columns(pl.col("_parent_key").str.replace(r"^uuid:", ""))
    return by_given.zip_with(
        by_given.is_not_null(), _lookup(stripped, parents.with_columns(plain), ["_parent_key"], ["_key"])
    )


def _by_index(frame: pl.DataFrame, parents: pl.DataFrame, is_main: bool) -> pl.Series:
    """`_parent_index` -> `_index`: within the same workbook, or anywhere where the index is unique."""
    same_file = _lookup(frame, parents, ["_file", "_parent_index"], ["_file", "_index"])
    told_apart = parents.unique(["_index", "_key"], keep="first", maintain_order=True)  # a copy is no other household
    told_apart = told_apart.unique(["_index", "_file"], keep="first", maintain_order=True)  # told as `index_repeated`
    if told_apart["_index"].drop_nulls().is_duplicated().any():
        return same_file
    anywhere = _lookup(frame, parents, ["_parent_index"], ["_index"])
    return same_file.zip_with(same_file.is_not_null(), anywhere)


def _report_orphans(linked: pl.DataFrame, findings: Findings) -> None:
    lost = linked.filter(pl.col("_parent").is_null())
    for (file,), rows in lost.group_by(["_file"], maintain_order=True):
        findings.add(
            "parent_missing",
            (str(file), None, "_parent_index or PARENT_KEY"),
            rows["_line"],
            pl.concat([rows["_parent_index"], rows["_parent_key"]]).drop_nulls().unique(maintain_order=True),
            "Rows whose household is not in the export",
            "Export households and people together, at the same time.",
        )


def _finished(form: Form, level: Level, frame: pl.DataFrame) -> pl.DataFrame:
    """Addresses first, then answers in the order of the form; calculations that are all numbers become numbers."""
    asked = [question for question in form.at(level) if question.is_answered]
    names = [name for question in asked if (name := name_in_level(form, question)) in frame.columns]
    extras = [name for name in frame.columns if not name.startswith("_") and name not in names]
    untold = [name for name in frame.columns if name.startswith(UNTOLD)]
    chosen = frame.select(*ADDRESS, *dict.fromkeys(names), *extras, *untold)
    calculated = [q.name for q in asked if q.kind in ("calculate", "hidden") and q.name in chosen.columns]
    return chosen.with_columns(_as_numbers(chosen[name]) for name in (*calculated, *extras))


def _as_numbers(values: pl.Series) -> pl.Series:
    """A calculation's answers as numbers where every one of them is a number."""
    if values.dtype != pl.String or values.null_count() == len(values):
        return values
    numbers = values.cast(pl.Float64, strict=False)
    return numbers if numbers.null_count() == values.null_count() else values


def people_with_siblings(form: Form, tables: Mapping[Level, pl.DataFrame], members: Level) -> pl.DataFrame:
    """The members' frame with the columns of repeats that go over the same people once more (same repeat_count, same
    number of rows in every household): the first row of one belongs to the first person."""
    people = tables[members]
    sections = {section.path: section for section in form.repeats}
    count = sections[members].cells.get("repeat_count", "")
    for level, section in sections.items():
        same = count and section.cells.get("repeat_count") == count and section.repeat == sections[members].repeat
        if level != members and same and level in tables and _is_aligned(people, tables[level]):
            fresh = [name for name in tables[level].columns if name not in people.columns]
            people = _numbered(people).join(
                _numbered(tables[level]).select("_parent", "_place", *fresh),
                on=["_parent", "_place"],
                how="left",
                maintain_order="left",
            )
            people = people.drop("_place")
    return people


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.int_range(pl.len()).over("_parent").alias("_place"))


def _is_aligned(people: pl.DataFrame, others: pl.DataFrame) -> bool:
    """Whether both have the same number of rows in every household."""
    counts = [frame.group_by("_parent").len().sort("_parent") for frame in (people, others)]
    return counts[0].equals(counts[1])
