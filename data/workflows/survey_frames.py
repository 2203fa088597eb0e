"""Raw survey tables -> the two frames of a round: mapped, without identities, re-keyed. No database here."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from budget_model.errors import Problem
from budget_model.spelling import nearest
from data.readers.answers import RawFile, read_raw
from data.readers.compact import compacted, plain
from data.readers.survey_mapping import SurveyMapping
from data.workflows.derived import add_derived
from data.workflows.identifiers import identifying_columns
from data.workflows.row_problems import problems_at
from data.workflows.survey_areas import area_codes
from data.workflows.survey_codes import refuse
from data.workflows.survey_people import age_notes, with_people

__all__ = ["MappedAnswers", "RawFile", "map_answers", "read_raw"]

ROW, KEY, JOINED_KEY = "__row__", "__household__", "__joined_key__"
ROUND_KEYS = ("person_id", "household_id")  # given out anew: those of a raw file lead back to it
Places = tuple[tuple[str, str], ...]  # file, column
Renamed = tuple[str, str, str]  # file, column, stored name


@dataclass(frozen=True)
class MappedAnswers:
    """Frames ready to be stored; `areas` are (code, name, level, parent code)."""

    persons: pl.DataFrame
    households: pl.DataFrame
    areas: tuple[tuple[str, str, int, str | None], ...]
    warnings: tuple[Problem, ...]


def map_answers(mapping: SurveyMapping, raw: Mapping[str, RawFile], seed: int | None = None) -> MappedAnswers:
    """Apply `mapping`; raises InputError with the problems of the first step that finds any."""
    refuse(_missing_columns(mapping, raw))
    mapping, raw = with_joined_keys(mapping, raw)
    refuse(_key_problems(mapping, raw))
    persons_raw, households_raw = raw["persons"], raw.get("households")
    problems: list[Problem] = []
    areas: dict[str, tuple[str, str, int, str | None]] = {}
    persons, dropped, renamed = _kept(mapping, persons_raw, "persons")
    persons = with_people(mapping, persons_raw, persons, problems)
    if households_raw is not None:
        households, dropped_too, renamed_too = _kept(mapping, households_raw, "households")
        dropped, renamed = (*dropped, *dropped_too), (*renamed, *renamed_too)
    else:
        households = persons.select(KEY).unique(maintain_order=True)
    for level, column in enumerate(mapping.areas, start=1):
        codes = area_codes(mapping, raw, level, areas, problems)
        if column.file == "households":
            households = households.with_columns(codes.alias(column.name))
        else:
            persons = persons.with_columns(codes.alias(column.name))
    problems.extend(_weight_problems(mapping, raw))
    refuse(problems)
    persons, households = _joined(mapping, persons, households)
    persons, households = add_derived(mapping.derive, persons, households, KEY)
    persons, households = _rekeyed(persons, households, seed)
    warnings = (*age_notes(mapping, persons_raw), *_warnings(dropped, renamed, persons, households))
    return MappedAnswers(persons, households, tuple(areas.values()), warnings)


def _roles(mapping: SurveyMapping) -> dict[str, list[str]]:
    """The columns that the mapping names, by file."""
    persons = mapping.persons
    named = {"persons": [*key_columns(persons.household), persons.sex.column, *(persons.keep or ()), *persons.drop]}
    named["persons"] += [part.column for part in (persons.age, persons.age_band) if part]
    if mapping.households:
        home = mapping.households
        named["households"] = [*key_columns(home.id), *(home.keep or ()), *home.drop]
    for area in mapping.areas:
        named.setdefault(area.file, []).append(area.column)
    return named


def key_columns(key: str | tuple[str, ...]) -> tuple[str, ...]:
    """The columns that together name a household."""
    return (key,) if isinstance(key, str) else key


def with_joined_keys(mapping: SurveyMapping, raw: Mapping[str, RawFile]) -> tuple[SurveyMapping, Mapping[str, RawFile]]:
    """Keys of several columns as one column beside them, which the mapping then names; a part that is blank makes the
    whole blank. The columns themselves are keys of the raw file and do not stay."""
    document, files = mapping.model_dump(), dict(raw)
    for role, name in (("persons", "household"), ("households", "id")):
        part = document.get(role)
        if not part or role not in raw or isinstance(part[name], str):
            continue
        columns, file = part[name], raw[role]
        joined = pl.concat_str([pl.col(column).cast(pl.String) for column in columns], separator="|")
        files[role] = replace(file, frame=file.frame.with_columns(joined.alias(JOINED_KEY)))
        areas = {area["column"] for area in document["areas"] if area["file"] == role}
        design = {value for value in document["design"].values() if isinstance(value, str)}
        left_out = [column for column in columns if column not in areas and column not in design]
        part |= {name: JOINED_KEY, "drop": [*part["drop"], *(c for c in left_out if c not in part["drop"])]}
    return SurveyMapping.model_validate(document), files


def _missing_columns(mapping: SurveyMapping, raw: Mapping[str, RawFile]) -> Iterator[Problem]:
    if mapping.households and "households" not in raw:
        yield Problem("file_missing", "The mapping describes a households file. Give it with --households.")
    if not mapping.households and "households" in raw:
        yield Problem("mapping_missing", "The mapping does not describe the households file. Add `households:` to it.")
    for role, names in _roles(mapping).items():
        if role not in raw:
            continue
        known = raw[role].frame.columns
        for name in dict.fromkeys(names):
            if name not in known:
                near = nearest(name, known)
                hint = f"Did you mean '{near}'?" if near else f"The file has: {', '.join(known)}."
                message = f"The mapping names the column '{name}', which the file lacks. {hint}"
                yield Problem("column_unknown", message, file=raw[role].name, column=name)
    for role, file in raw.items():
        if file.frame.is_empty():
            message = "The file has no rows. Check that the export is complete."
            yield Problem("file_empty", message, file=file.name, facts={"role": role})


def _key_problems(mapping: SurveyMapping, raw: Mapping[str, RawFile]) -> Iterator[Problem]:
    """Households without a key or with one twice; persons whose household is not there."""
    persons = raw["persons"]
    person_keys = persons.frame[mapping.persons.household].cast(pl.String)
    blank = ("key_missing", "Rows have no household key", "Fill it in or remove the rows.")
    yield from problems_at(persons, person_keys.is_null(), *blank, mapping.persons.household)
    if mapping.households is None:
        return
    households = raw["households"]
    keys = households.frame[mapping.households.id].cast(pl.String)
    yield from problems_at(households, keys.is_null(), *blank, mapping.households.id)
    twice = keys.is_not_null() & keys.is_duplicated()
    told = ("key_twice", "Household keys stand in the file more than once", "Keep one row for each household.")
    yield from problems_at(households, twice, *told, mapping.households.id)
    strangers = person_keys.is_not_null() & ~person_keys.is_in(keys.drop_nulls().implode())
    message = "The household of these persons is not in the households file"
    advice = "Add it there or remove the persons."
    yield from problems_at(persons, strangers, "household_unknown", message, advice, mapping.persons.household)


def _kept(mapping: SurveyMapping, file: RawFile, role: str) -> tuple[pl.DataFrame, Places, tuple[Renamed, ...]]:
    """The columns of a file that stay, under their stored names; the identifying ones that were left out; those that
    are called otherwise because the mapping makes a column of their name."""
    part = mapping.persons if role == "persons" else mapping.households
    assert part is not None
    key = mapping.persons.household if role == "persons" else mapping.households.id  # type: ignore[union-attr]
    used = {key, *(area.column for area in mapping.areas if area.file == role)}
    if role == "persons":
        used |= {mapping.persons.sex.column}
        used |= {p.column for p in (mapping.persons.age, mapping.persons.age_band) if p}
    wished = part.keep if part.keep is not None else file.frame.columns
    wanted = [name for name in wished if name not in used and name not in part.drop]
    identifying = identifying_columns(file.frame.select(wanted), mapping.not_identifying)
    stays = [name for name in wanted if name not in identifying and name not in ROUND_KEYS]
    frame = compacted(file.frame.select(pl.col(key).cast(pl.String).alias(KEY), *stays))
    made = _made_names(mapping, role)
    names = {name: mapping.rename.get(name, name) for name in stays}
    stored = {name: f"{role[:-1]}_{wish}" if wish in made else wish for name, wish in names.items()}
    called = tuple((file.name, name, stored[name]) for name in stays if stored[name] != names[name])
    return frame.rename(stored), tuple((file.name, name) for name in wanted if name not in stays), called


def _made_names(mapping: SurveyMapping, role: str) -> frozenset[str]:
    """Columns that the mapping makes: no other column may stand under their names."""
    persons = mapping.persons
    bands = ("age", "age_band") if persons.age else ("age_band",) if persons.age_band else ()
    return frozenset(("sex", *bands, *(area.name for area in mapping.areas if area.file == role)))


def _joined(
    mapping: SurveyMapping, persons: pl.DataFrame, households: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Household columns repeated on persons; what is one for all members of a household moves up where it must."""
    shared = [name for name in persons.columns if name in households.columns and name != KEY]
    problems = []
    for name in shared:
        both = persons.select(KEY, name).join(households.select(KEY, pl.col(name).alias("other")), on=KEY)
        if not both[name].cast(pl.String).equals(both["other"].cast(pl.String), null_equal=True):
            message = f"The column '{name}' is in both files and differs. Drop it from one of them in the mapping."
            problems.append(Problem("column_twice", message, column=name))
    refuse(problems)
    persons = persons.drop(shared).join(households, on=KEY, how="left", maintain_order="left")
    design = mapping.design
    lifted = [area.name for area in mapping.areas] + [design.weight, design.strata, design.psu, design.fpc]
    for name in dict.fromkeys(column for column in lifted if column):
        households = _lift(persons, households, name)
    return persons, households


def _weight_problems(mapping: SurveyMapping, raw: Mapping[str, RawFile]) -> Iterator[Problem]:
    """Weights (and the units behind the fpc) that are missing, negative or no number, with their lines."""
    raw_names = {stored: name for name, stored in mapping.rename.items()}
    for stored in filter(None, (mapping.design.weight, mapping.design.fpc)):
        column = raw_names.get(stored, stored)
        for file in raw.values():
            if column not in file.frame.columns:
                continue
            numbers = plain(file.frame[column]).cast(pl.Float64, strict=False).fill_nan(None)
            wrong = numbers.is_null() | ((numbers < 0) | numbers.is_infinite()).fill_null(value=False)
            message = "Weights are missing, below 0 or no numbers"
            advice = "A weight is a number of 0 or more and never missing. Mend them or remove the rows."
            yield from problems_at(file, wrong, "weight_wrong", message, advice, column)


def _lift(persons: pl.DataFrame, households: pl.DataFrame, name: str) -> pl.DataFrame:
    """Give households a persons' column, if it is constant within each household (a person weight need not be)."""
    if name in households.columns or name not in persons.columns:
        return households
    values = persons.group_by(KEY).agg(pl.col(name).first(), pl.col(name).n_unique().alias("kinds"))
    if (values["kinds"] > 1).any():
        return households
    return households.join(values.drop("kinds"), on=KEY, how="left", maintain_order="left")


def _rekeyed(persons: pl.DataFrame, households: pl.DataFrame, seed: int | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """New whole-number ids in a shuffled order, rows sorted by them: position in the raw file is gone as well."""
    seed = secrets.randbits(62) if seed is None else seed
    households = households.sample(fraction=1, shuffle=True, seed=seed).with_row_index("household_id", offset=1)
    households = households.with_columns(pl.col("household_id").cast(pl.Int64))
    ids = persons.select(KEY).join(households.select(KEY, "household_id"), on=KEY, how="left", maintain_order="left")
    order = ids.select("household_id").with_row_index("row").sample(fraction=1, shuffle=True, seed=seed + 1)
    order = order.sort("household_id", maintain_order=True)  # the rows are moved once, at the end
    persons = persons.with_columns(ids["household_id"])[order["row"]]
    persons = persons.with_row_index("person_id", offset=1).with_columns(pl.col("person_id").cast(pl.Int64))
    first = ["person_id", "household_id", "sex", *(c for c in ("age", "age_band") if c in persons.columns)]
    rest = [name for name in persons.columns if name not in first and name != KEY]
    return persons.select(first + rest), households.drop(KEY)


def _warnings(
    dropped: Places, renamed: tuple[Renamed, ...], persons: pl.DataFrame, households: pl.DataFrame
) -> Iterator[Problem]:
    unstated = persons["sex"].null_count()
    if unstated:
        message = (
            f"{unstated:,} of {persons.height:,} persons are by the mapping neither female nor male. They count in "
            "totals, and neither among women nor among men."
        )
        yield Problem("sex_unstated", message, level="warning", column="sex", facts={"count": unstated})
    for file, name in dropped:
        message = (
            f"The column '{name}' looks like one that identifies people and was not stored. "
            "List it under `drop`, or under `not_identifying` if it identifies nobody."
        )
        yield Problem("identity_dropped", message, level="warning", file=file, column=name)
    for file, name, stored in renamed:
        message = f"The column '{name}' is stored as '{stored}', because the mapping makes a column of its name."
        yield Problem("column_renamed", message, level="warning", file=file, column=name, facts={"stored": stored})
    empty = households.filter(~pl.col("household_id").is_in(persons["household_id"].unique().implode())).height
    if empty:
        message = f"{empty:,} households have no members in the persons file; they count as households only."
        yield Problem("household_empty", message, level="warning")
