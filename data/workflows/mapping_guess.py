"""Which column of raw survey tables is probably what: by the words of names and labels, by codes, by what a site kept.

A guess is offered, never applied by itself: the page marks it and a person confirms it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from budget_model.survey.questions import AGE_WORDS, SEX_WORDS, words_of
from data.readers.answers import RawFile
from data.readers.compact import plain
from data.readers.survey_mapping import AreaValue, SurveyMapping
from data.workflows.identifiers import identifying_columns
from data.workflows.survey_codes import code_text


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FEMALE = _set("f female woman women girl mujer mujeres femenino hembra femme feminin")
MALE = _set("m male man men boy hombre hombres masculino varon homme masculin")
SURE_CODES = 12  # a column of sex or age bands has no more codes than this
NOT_KNOWN = _set("unknown answer dk refused rehusa sabe responde desconocido ns nr na")
OTHER_SEX = NOT_KNOWN | _set("other otro otra autre nonbinary binario binaria intersex dnk pnta")
OTHER, BLANK = "other", ""  # of sex: another or none stated; the code of a blank cell
AREA_WORDS = (
    _set("sector sectors site zone zona area district distrito ward comuna parroquia subcounty"),
    _set("neighbourhood neighborhood barrio settlement asentamiento village aldea manzana block urbanizacion"),
)
WEIGHT_WORDS = _set("weight weights factor fac pond ponderador expansion wgt pw")
STRATA_WORDS = _set("stratum strata estrato estratos stype")
PSU_WORDS = _set("psu upm cluster conglomerado ea upmid conglome")
KEY_WORDS = _set("key hhid household hogar vivienda uuid hh parent folio")
RESERVED = _set("person_id household_id sex age age_band household_size")
AREA_LIMIT = 2000  # more codes than this are no areas


@dataclass(frozen=True)
class ColumnInfo:
    """A column that can be chosen: of which table, how it is labelled, its codes if they are few."""

    role: str  # persons or households
    name: str
    label: str
    is_number: bool
    distinct: int
    codes: tuple[str, ...]  # at most SURE_CODES of them, else none
    blanks: int = 0  # rows without an answer

    @property
    def key(self) -> str:
        return f"{self.role}|{self.name}"


@dataclass(frozen=True)
class Draft:
    """Answers of the mapping step: column keys (`persons|Sex`), empty where nothing is chosen; values by code."""

    household: str = ""
    household_id: str = ""
    sex: str = ""
    sex_values: Mapping[str, str] = field(default_factory=dict)  # code -> female, male, other; empty is refused
    age: str = ""
    band_values: Mapping[str, str] = field(default_factory=dict)  # code -> band, where ages come in words
    areas: tuple[str, ...] = ()
    weight: str = ""
    strata: str = ""
    psu: str = ""
    fpc: str = ""
    guessed: frozenset[str] = frozenset()  # fields that nobody has confirmed yet


def columns_of(raw: Mapping[str, RawFile], labels: Mapping[str, str]) -> tuple[ColumnInfo, ...]:
    """The columns of both tables that can be given a meaning; columns that identify people cannot."""
    found = []
    for role in ("persons", "households"):
        if role in raw:
            frame = raw[role].frame
            found += [_info(role, frame[name], labels.get(name, "")) for name in frame.columns]
    return tuple(found)


def _info(role: str, values: pl.Series, label: str) -> ColumnInfo:
    values = plain(values)
    codes = code_text(values).drop_nulls().unique().sort()
    few = tuple(codes.to_list()) if len(codes) <= SURE_CODES else ()
    is_number = values.cast(pl.Float64, strict=False).null_count() == values.null_count()
    blanks = values.null_count()
    return ColumnInfo(role, values.name, label, is_number and len(codes) > 0, len(codes), few, blanks)


def guess(columns: Sequence[ColumnInfo], labels: Mapping[str, Mapping[str, str]], has_form: bool) -> Draft:
    """A mapping from names, labels and codes alone; every field is marked as guessed."""
    persons = [column for column in columns if column.role == "persons"]
    sex = _first(persons, lambda one: bool(words_of(one.name) & SEX_WORDS) and 1 < one.distinct <= SURE_CODES)
    age = _first(persons, lambda one: bool(words_of(one.name) & AGE_WORDS) and (one.is_number or bool(one.codes)))
    areas = [area for words in AREA_WORDS if (area := _area(columns, words))]
    draft = Draft(
        household="" if has_form else _key(columns, "persons"),
        household_id="" if has_form else _key(columns, "households"),
        sex=sex.key if sex else "",
        sex_values=sex_values(sex, labels.get(sex.name, {})) if sex else {},
        age=age.key if age else "",
        band_values=band_values(age, labels.get(age.name, {})) if age and not age.is_number else {},
        areas=tuple(area.key for area in areas if area.role == areas[0].role),
        weight=_named(columns, WEIGHT_WORDS, numbers_only=True),
        strata=_named(columns, STRATA_WORDS),
        psu=_named(columns, PSU_WORDS),
    )
    return _marked(draft)


def _marked(draft: Draft) -> Draft:
    fields = ("household", "household_id", "sex", "age", "weight", "strata", "psu")
    guessed = {name for name in fields if getattr(draft, name)}
    guessed |= {f"area{level}" for level in range(1, len(draft.areas) + 1)}
    values = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
    return Draft(**{**values, "guessed": frozenset(guessed)})


def _first(columns: Iterable[ColumnInfo], fits: Any) -> ColumnInfo | None:
    found = sorted((column for column in columns if fits(column)), key=lambda one: len(words_of(one.name)))
    return found[0] if found else None


def _named(columns: Iterable[ColumnInfo], words: frozenset[str], numbers_only: bool = False) -> str:
    found = _first(columns, lambda one: bool(words_of(one.name) & words) and (one.is_number or not numbers_only))
    return found.key if found else ""


def _area(columns: Sequence[ColumnInfo], words: frozenset[str]) -> ColumnInfo | None:
    """A column of areas, the households' own first: it then is one for all members."""
    fits = [c for c in columns if words_of(c.name) & words and 1 < c.distinct <= AREA_LIMIT]
    return min(fits, key=lambda one: (one.role != "households", len(words_of(one.name))), default=None)


def _key(columns: Sequence[ColumnInfo], role: str) -> str:
    """The key of a table without a form: a name of a key that stands in both tables, else in this one."""
    here = [column for column in columns if column.role == role and words_of(column.name) & KEY_WORDS]
    there = {column.name for column in columns if column.role != role}
    best = min(here, key=lambda one: (one.name not in there, -one.distinct), default=None)
    return best.key if best else ""


def sex_values(column: ColumnInfo, labels: Mapping[str, str]) -> dict[str, str]:
    """Code -> female, male or other, where code or label says so; the other codes are left open."""
    found = {}
    for code in column.codes:
        words = words_of(code) | words_of(labels.get(code, ""))
        known_words = (("female", FEMALE), ("male", MALE), (OTHER, OTHER_SEX))
        sexes = [sex for sex, known in known_words if words & known]
        if len(sexes) == 1:
            found[code] = sexes[0]
    return found


def band_values(column: ColumnInfo, labels: Mapping[str, str]) -> dict[str, str]:
    """Code -> band as it will be stored: the label of the code; empty for codes that mean *not known*."""
    found = {}
    for code in column.codes:
        text = labels.get(code, code)
        found[code] = "" if len(words_of(text) & NOT_KNOWN) > 0 else text
    return found


def draft_document(draft: Draft) -> dict[str, Any]:
    """The draft as plain JSON."""
    found = {name: getattr(draft, name) for name in draft.__dataclass_fields__}
    return {**found, "areas": list(draft.areas), "guessed": sorted(draft.guessed)}


def draft_from_document(document: Mapping[str, Any]) -> Draft:
    """The draft that `draft_document` wrote."""
    return Draft(**{**document, "areas": tuple(document["areas"]), "guessed": frozenset(document["guessed"])})


# --- from the draft to a mapping, and back ---------------------------------------------------------------------------


def draft_of(mapping: SurveyMapping, columns: Sequence[ColumnInfo], guessed: Draft) -> Draft:
    """A kept mapping as answers of the step; what the files no longer have is taken from the guess and stays marked."""
    known = {column.key for column in columns}
    persons, design = mapping.persons, mapping.design
    stored = {name: raw for raw, name in mapping.rename.items()}
    stored |= {area.name: area.column for area in mapping.areas}

    def of_design(name: str | None) -> str:
        wanted = stored.get(name or "", name or "")
        return next((c.key for c in columns if c.name == wanted), "household" if name == "household_id" else "")

    age = persons.age.column if persons.age else persons.age_band.column if persons.age_band else ""
    wished = {
        "household": f"persons|{one_key(persons.household)}",
        "household_id": f"households|{one_key(mapping.households.id)}" if mapping.households else "",
        "sex": f"persons|{persons.sex.column}",
        "age": f"persons|{age}" if age else "",
        "weight": of_design(design.weight),
        "strata": of_design(design.strata),
        "psu": of_design(design.psu),
        "fpc": of_design(design.fpc),
    }
    kept = {name: key for name, key in wished.items() if key in known or key in ("", "household")}
    fields = {name: kept.get(name, getattr(guessed, name)) for name in wished}
    areas = tuple(f"{area.file}|{area.column}" for area in mapping.areas)
    marked = {name for name in wished if name not in kept and getattr(guessed, name)}
    has_areas = set(areas) <= known
    marked |= set() if has_areas else {name for name in guessed.guessed if name.startswith("area")}
    return Draft(
        **fields,
        sex_values={str(code): sex or OTHER for code, sex in persons.sex.values.items()}
        if "sex" in kept
        else guessed.sex_values,
        band_values={str(code): band or "" for code, band in persons.age_band.values.items()}
        if persons.age_band and "age" in kept
        else guessed.band_values,
        areas=areas if has_areas else guessed.areas,
        guessed=frozenset(marked),
    )


def one_key(key: str | tuple[str, ...]) -> str:
    """The column of a household's key; of several the first, which the page then asks to check."""
    return key if isinstance(key, str) else key[0]


@dataclass(frozen=True)
class RoundFacts:
    """What a person states of a round besides its columns."""

    source: str
    coverage_area: str
    coverage_rate: float | None
    is_census: bool
    starts_on: str = ""
    ends_on: str = ""
    rate_as_typed: str = ""  # kept so that nobody types twice what was refused


def mapping_document(
    draft: Draft,
    facts: RoundFacts,
    raw: Mapping[str, RawFile],
    labels: Mapping[str, Mapping[str, str]],
    kept: SurveyMapping | None,
    site_areas: Mapping[int, Mapping[str, str]],
) -> dict[str, Any]:
    """The mapping as a document (see `SurveyMapping`). What the page does not ask for (renaming, derived columns,
    columns that do not identify) stays as the site kept it.

    site_areas : level -> code -> name of the areas that the site has
    """
    base = kept.model_dump(mode="json", exclude_defaults=True) if kept else {}
    areas = [_area_entry(level, key, raw, labels, kept, site_areas) for level, key in enumerate(draft.areas, start=1)]
    names = {f"{area['file']}|{area['column']}": area["name"] for area in areas}
    document: dict[str, Any] = {
        **{key: base[key] for key in ("rename", "not_identifying") if key in base},
        "derive": base.get("derive") or _household_size(raw),
        "source": facts.source,
        "coverage": {"area": facts.coverage_area, "rate": facts.coverage_rate},
        "design": _design(draft, facts, names, base.get("rename", {})),
        "areas": areas,
        "persons": _persons(draft, raw, areas),
    }
    document |= {name: value for name, value in (("starts_on", facts.starts_on), ("ends_on", facts.ends_on)) if value}
    if "households" in raw:
        document["households"] = {"id": _column(draft.household_id) or "_row"}
    return document


def _column(key: str) -> str:
    return key.partition("|")[2]


def _household_size(raw: Mapping[str, RawFile]) -> dict[str, Any]:
    has = any("household_size" in file.frame.columns for file in raw.values())
    return {} if has else {"household_size": {"count": "persons"}}


def _persons(draft: Draft, raw: Mapping[str, RawFile], areas: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    sex, age = _column(draft.sex), _column(draft.age)
    part: dict[str, Any] = {
        "household": _column(draft.household) or "_household",
        "sex": {"column": sex, "values": _sexes(draft)},
    }
    if age and draft.band_values:
        part["age_band"] = {"column": age, "values": {c: band or None for c, band in draft.band_values.items()}}
    elif age:
        part["age"] = {"column": age}
    used = {sex, age, part["household"], *(area["column"] for area in areas if area["file"] == "persons")}
    above = set(raw["households"].frame.columns) if "households" in raw else set()
    part["drop"] = [name for name in raw["persons"].frame.columns if name in above and name not in used]
    return part


def _sexes(draft: Draft) -> dict[str, str | None]:
    return {code: None if value == OTHER else value for code, value in draft.sex_values.items() if value}


def _design(draft: Draft, facts: RoundFacts, areas: Mapping[str, str], rename: Mapping[str, str]) -> dict[str, Any]:
    def stored(key: str) -> str | None:
        if key == "household":
            return "household_id"
        name = _column(key)
        return areas.get(key) or rename.get(name, name) or None

    parts = {} if facts.is_census else {n: stored(getattr(draft, n)) for n in ("weight", "strata", "psu", "fpc")}
    return {"census": facts.is_census, **parts}


def _area_entry(
    level: int,
    key: str,
    raw: Mapping[str, RawFile],
    labels: Mapping[str, Mapping[str, str]],
    kept: SurveyMapping | None,
    site_areas: Mapping[int, Mapping[str, str]],
) -> dict[str, Any]:
    """One level of areas: codes that the mapping knew, then the site's own (by code or name), then new ones."""
    role, _, column = key.partition("|")
    before = (
        kept.areas[level - 1] if kept and len(kept.areas) >= level and kept.areas[level - 1].column == column else None
    )
    known = {str(code): area for code, area in (before.values or {}).items()} if before else {}
    by_word = {slug(word): (code, name) for code, name in site_areas.get(level, {}).items() for word in (name, code)}
    values = {}
    for code in code_text(raw[role].frame[column]).drop_nulls().unique().sort().to_list():
        text = labels.get(column, {}).get(code, code)
        values[code] = known.get(code) or _site_area(code, text, by_word)
    entry = {code: area.model_dump() for code, area in values.items()}
    return {"column": column, "file": role, "name": before.name if before else area_name(column), "values": entry}


def _site_area(code: str, text: str, by_word: Mapping[str, tuple[str, str]]) -> AreaValue:
    found = by_word.get(slug(code)) or by_word.get(slug(text))
    return AreaValue(code=found[0], name=found[1]) if found else AreaValue(code=slug(code), name=text)


def area_name(column: str) -> str:
    """The column under which area codes are stored: letters, digits and _, never the name of another column.

    >>> area_name("group_a/Sector de la ciudad"), area_name("Age")
    ('sector_de_la_ciudad', 'area_age')
    """
    name = slug(column.rpartition("/")[2]).replace("-", "_")
    return f"area_{name}" if name in RESERVED or not re.match(r"[a-z_]", name) else name


def slug(text: str) -> str:
    """Small letters without accents, other signs as hyphens; what has none of them keeps a fingerprint of its signs.

    >>> slug("Ñuñoa – Sector 2"), slug("3")
    ('nunoa-sector-2', '3')
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return made or "x" + "".join(f"{ord(sign):x}" for sign in text.strip())[:20]


def identities_in(raw: Mapping[str, RawFile], not_identifying: Sequence[str] = ()) -> tuple[str, ...]:
    """Columns that will be left out because they identify people."""
    found = (name for file in raw.values() for name in identifying_columns(file.frame, not_identifying))
    return tuple(name for name in dict.fromkeys(found) if name not in ("_household", "_row"))
