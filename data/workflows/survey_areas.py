"""Areas of the answers, level by level: codes, names, and what lies in what."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from budget_model.errors import Problem
from data.readers.answers import RawFile
from data.readers.survey_mapping import SurveyMapping
from data.workflows.row_problems import problems_at
from data.workflows.survey_codes import AREA_BLANK, code_text, stored_code, translated


def area_codes(
    mapping: SurveyMapping,
    raw: Mapping[str, RawFile],
    level: int,
    areas: dict[str, tuple[str, str, int, str | None]],
    problems: list[Problem],
) -> pl.Series:
    """Codes of one level, and the areas they name in `areas`."""
    column = mapping.areas[level - 1]
    file = raw[column.file]
    if column.values is None:
        codes = code_text(file.frame[column.column])
        names = {code: file.label(column.column, code) for code in codes.drop_nulls().unique().sort()}
        problems.extend(problems_at(file, codes.is_null(), *AREA_BLANK, column.column))
    else:
        stored = {code: area.code for code, area in column.values.items()}
        codes = translated(file, column.column, stored, "area", problems)
        names = {area.code: area.name for area in column.values.values()}
    parents = _parents(mapping, raw, level, codes, problems)
    for code, name in names.items():
        areas[code] = (code, name, level, parents.get(code))
    return codes


def _parents(
    mapping: SurveyMapping, raw: Mapping[str, RawFile], level: int, codes: pl.Series, problems: list[Problem]
) -> dict[str, str]:
    """Code of an area -> code of the area above it, which must be one and the same on all rows."""
    if level == 1:
        return {}
    column, above = mapping.areas[level - 1], mapping.areas[level - 2]
    if column.file != above.file:
        message = f"Areas '{above.name}' and '{column.name}' must come from the same file."
        problems.append(Problem("area_files", message, column=column.column))
        return {}
    upper = code_text(raw[above.file].frame[above.column])
    if above.values is not None:
        table = {stored_code(code): area.code for code, area in above.values.items()}
        upper = upper.replace_strict(table, default=None, return_dtype=pl.String)
    pairs = pl.DataFrame({"code": codes, "parent": upper}).drop_nulls().unique().sort("code", "parent")
    for code in pairs.filter(pl.col("code").is_duplicated())["code"].unique().sort():
        message = f"Area '{code}' lies in more than one '{above.name}'. Mend the codes."
        problems.append(Problem("area_parents", message, file=raw[column.file].name, column=column.column, value=code))
    return dict(pairs.iter_rows())
