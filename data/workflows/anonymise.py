"""Answers as researchers get them: no identities, coarse areas, old ages together, small cells recoded.

Order: columns out, with those that repeat keys and places; areas to level 1; ages from 85 together; then everybody
whose sex, age band, sector and household size are shared by fewer than `least` persons is recoded, first by hiding the
sector, then by widening the age band. Who lost the age loses it in every column that tells it, too. What is still rare
is counted and reported, never silently released as safe.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from data.workflows.identifiers import identifying_columns
from data.workflows.survey_people import age_bands
from data.workflows.telling_columns import age_columns, key_columns, place_columns, without_ages

LEAST = 5  # persons who share sex, age band, sector and household size
OLDEST_SHOWN = 85  # years; 85 means 85 and more
MOST_TEXTS = 50  # a column of texts with more different ones, and no codes, is free text
HIDDEN_AREA = "not-shown"
WIDE_BANDS = ((0, "0-17 (wide)"), (18, "18-59 (wide)"), (60, "60+ (wide)"))  # no bands of figures
WIDE_LABELS = frozenset(label for _, label in WIDE_BANDS)
FREE_KINDS = (
    "text",
    "barcode",
    "image",
    "audio",
    "video",
    "file",
    "geopoint",
    "geotrace",
    "geoshape",
    "date",
    "datetime",
)
CODED_KINDS = ("select_one", "select_multiple", "rank", "integer", "decimal", "calculate")  # vouched for by the form
KEYS = ("person_id", "household_id")
SIZE, BAND = "__size__", "__band__"


@dataclass(frozen=True)
class ExtractRules:
    """What is known of the columns of a round."""

    area_columns: Sequence[str]
    strata: str | None
    psu: str | None
    sensitive: Collection[str]  # columns of sensitive indicators
    codebook: Mapping[str, Any] = field(default_factory=dict)
    has_sensitive: bool = False  # an administrator asked for them
    least: int = LEAST
    needed: Collection[str] = ()  # weight, strata …: never left out


@dataclass(frozen=True)
class Anonymised:
    """Both tables, and what was done to them as plain data for the package."""

    persons: pl.DataFrame
    households: pl.DataFrame
    protection: Mapping[str, Any]


def anonymised(persons: pl.DataFrame, households: pl.DataFrame, rules: ExtractRules) -> Anonymised:
    """The tables that may leave the municipality. Ids stay: they were given out in a secret order on import."""
    out = _left_out(persons, households, rules)
    drop = set(out)
    frames = [frame.drop(name for name in frame.columns if name in drop) for frame in (persons, households)]
    frames = [_coarse(frame, rules, persons) for frame in frames]
    telling = age_columns(frames[0], {*rules.needed, *rules.area_columns})
    people, homes, done = _recoded(*frames, rules)
    people = without_ages(people, _has_other_band(frames[0], people), telling)
    protection = {
        "method": "k-anonymity by recoding, version 1",
        "keys": [name for name in ("sex", "age_band", rules.area_columns[0] if rules.area_columns else "") if name]
        + ["persons of the household"],
        "least": rules.least,
        "age_top": OLDEST_SHOWN,
        "left_out": out,
        "has_sensitive": rules.has_sensitive,
        "hidden_with_age": telling,
        **done,
    }
    return Anonymised(people, homes, protection)


# --- columns -------------------------------------------------------------------------------------------------------


def _left_out(persons: pl.DataFrame, households: pl.DataFrame, rules: ExtractRules) -> dict[str, str]:
    """Column -> why it is left out."""
    kept = {*KEYS, "sex", "age", "age_band", *rules.area_columns[:1], *rules.needed}
    found: dict[str, str] = {}
    coded = [name for name, entry in rules.codebook.items() if entry.get("kind") in CODED_KINDS]
    for frame in (persons, households):
        names = [name for name in frame.columns if name not in kept]
        found |= dict.fromkeys(identifying_columns(frame.select(names), coded), "identifies people")
        found |= dict.fromkeys(key_columns(frame.select(names)), "identifies people")
        found |= {name: "free text" for name in names if _is_free_text(frame[name], rules)}
        found |= dict.fromkeys(place_columns(frame, next(iter(rules.area_columns), None), kept), "area below level 1")
        found |= {name: "area below level 1" for name in names if name in rules.area_columns[1:]}
        if not rules.has_sensitive:
            found |= {name: "sensitive" for name in names if name in rules.sensitive}
    return found


def _is_free_text(values: pl.Series, rules: ExtractRules) -> bool:
    kind = rules.codebook.get(values.name, {}).get("kind")
    if kind is not None:
        return kind in FREE_KINDS
    return values.dtype == pl.String and values.drop_nulls().n_unique() > MOST_TEXTS


def _coarse(frame: pl.DataFrame, rules: ExtractRules, persons: pl.DataFrame) -> pl.DataFrame:
    """Ages from 85 together; sampling units and strata under numbers in the same order, so that sums stay the same."""
    if "age" in frame.columns:
        kind = frame.schema["age"]
        frame = frame.with_columns(pl.col("age").clip(upper_bound=OLDEST_SHOWN).cast(kind))
    for name in (rules.strata, rules.psu):
        if name and name in frame.columns and name not in (*KEYS, *rules.area_columns[:1]):
            codes = persons[name].unique().drop_nulls().sort()
            numbers = pl.Series(range(1, len(codes) + 1), dtype=pl.Int64)
            frame = frame.with_columns(pl.col(name).replace_strict(codes, numbers, default=None))
    return frame


# --- small cells ---------------------------------------------------------------------------------------------------


def _recoded(
    persons: pl.DataFrame, households: pl.DataFrame, rules: ExtractRules
) -> tuple[pl.DataFrame, pl.DataFrame, dict[str, Any]]:
    area = rules.area_columns[0] if rules.area_columns and rules.area_columns[0] in persons.columns else None
    work = persons.with_columns(pl.len().over("household_id").alias(SIZE), _band(persons).alias(BAND))
    keys = ["sex", BAND, SIZE, *([area] if area else [])]
    before = _small(work, keys, rules.least)
    hidden = 0
    tells = [name for name in (rules.strata, rules.psu) if area and _tells_area(work, name, area)]
    if area and not tells:
        work, hidden = _hide_areas(work, keys, area, rules.least)
    work, widened, blanked = _widen_ages(work, keys, rules.least)
    people = _with_bands(persons, work, area)
    homes = _with_areas(households, people, area)
    done = {
        "rare_before": int(before.sum()),
        "households_without_sector": hidden,
        "sector_told_by_design": tells,
        "persons_with_wide_age_band": widened,
        "persons_without_age_band": blanked,
        "rare_after": int(_small(work, keys, rules.least).sum()),
    }
    return people, homes, done


def _band(persons: pl.DataFrame) -> pl.Series:
    if "age_band" in persons.columns:
        return persons["age_band"]
    return (
        age_bands(persons["age"]) if "age" in persons.columns else pl.Series([None] * persons.height, dtype=pl.String)
    )


def _small(work: pl.DataFrame, keys: Sequence[str], least: int) -> pl.Series:
    return work.select((pl.len().over(keys) < least).alias("small"))["small"]


def _tells_area(work: pl.DataFrame, name: str | None, area: str) -> bool:
    """Whether strata or sampling units (other than households) lie within one sector each: hiding it would hide
    nothing."""
    if name is None or name == "household_id" or name not in work.columns:
        return False
    if name == area:
        return True
    per_unit = work.group_by(name).agg(pl.col(area).n_unique().alias("areas"), pl.col("household_id").n_unique())
    return bool((per_unit["areas"] == 1).all() and (per_unit["household_id"] > 1).any())


def _hide_areas(work: pl.DataFrame, keys: Sequence[str], area: str, least: int) -> tuple[pl.DataFrame, int]:
    """Whole households of rare persons lose their sector, until nobody in a shown sector is rare."""
    while True:
        rare = _small(work, keys, least) & (work[area] != HIDDEN_AREA)
        if not rare.any():
            break
        homes = work.filter(rare)["household_id"].unique()
        hide = pl.col("household_id").is_in(homes.implode())
        work = work.with_columns(pl.when(hide).then(pl.lit(HIDDEN_AREA)).otherwise(pl.col(area)).alias(area))
    return work, work.filter(pl.col(area) == HIDDEN_AREA)["household_id"].n_unique()


def _widen_ages(work: pl.DataFrame, keys: Sequence[str], least: int) -> tuple[pl.DataFrame, int, int]:
    """Rare persons get a wider age band, and none where that is rare too."""
    wide = _wide_band(work)
    rare = _small(work, keys, least)
    work = work.with_columns(pl.when(rare).then(wide).otherwise(pl.col(BAND)).alias(BAND))
    still = _small(work, keys, least) & work[BAND].is_not_null()
    work = work.with_columns(pl.when(still).then(None).otherwise(pl.col(BAND)).alias(BAND))
    has_band = work[BAND].is_not_null()
    return work, int((rare & has_band).sum()), int((rare & ~has_band).sum())


def _wide_band(work: pl.DataFrame) -> pl.Expr:
    """Of the age in years; of bands that came in words nothing wider is known."""
    if "age" not in work.columns:
        return pl.lit(None, pl.String)
    band = pl.lit(None, pl.String)
    for low, label in WIDE_BANDS:
        band = pl.when(pl.col("age") >= low).then(pl.lit(label)).otherwise(band)
    return band


def _with_bands(persons: pl.DataFrame, work: pl.DataFrame, area: str | None) -> pl.DataFrame:
    """The persons with the recoded sector and band; who has another band than before has no age in years."""
    same = _band(persons).eq_missing(work[BAND])
    changes = []
    if "age_band" in persons.columns:
        changes.append(work[BAND].alias("age_band"))
    if "age" in persons.columns:
        changes.append(pl.when(same).then(persons["age"]).otherwise(None).alias("age"))
    if area:
        changes.append(work[area].alias(area))
    return persons.with_columns(changes)


def _has_other_band(before: pl.DataFrame, after: pl.DataFrame) -> pl.Series:
    """Whose age or age band was hidden or widened."""
    changed = pl.Series([False] * before.height)
    for name in ("age", "age_band"):
        if name in before.columns:
            changed = changed | ~before[name].eq_missing(after[name])
    return changed


def _with_areas(households: pl.DataFrame, persons: pl.DataFrame, area: str | None) -> pl.DataFrame:
    if area is None or area not in households.columns:
        return households
    hidden = persons.filter(pl.col(area) == HIDDEN_AREA)["household_id"].unique()
    is_hidden = pl.col("household_id").is_in(hidden.implode())
    return households.with_columns(pl.when(is_hidden).then(pl.lit(HIDDEN_AREA)).otherwise(pl.col(area)).alias(area))
