"""README.md of a package: the same facts as in datapackage.json, for people; Spanish first, then English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from data.messages import mark, translate, translate_all
from data.workflows.extract_changes import CHANGES, OF_THE_TOTAL

README = "README.md"
LANGUAGES = {"es": "Español", "en": "English"}  # each by its own name
Texts = Mapping[str, str]
TITLES: Texts = {
    "universe_unknown": mark("universe unknown"),
    "value_unknown": mark("answer unknown"),
    "value_changed": mark("value changed"),
    "sector_unknown": mark("without sector"),
    "age_band_unknown": mark("without their age band"),
}
WORDS: Texts = {
    "files": mark(
        "The Parquet files are exact; in the CSV files a text that a spreadsheet would run as a formula "
        "begins with an apostrophe. `datapackage.json` describes each column, with its question and codes."
    ),
    "licence": mark("Licence"),
    "exact": mark(
        "An exact copy: no answer was changed; indicators give the same values as in the data bank that it comes from."
    ),
    "heading": mark("What changes against the original"),
    "done": mark(
        "Of {persons} persons {wide} have a wide age band only, {blank} no age, and {homes} households have "
        "no sector (`not-shown`). Ages from {top} stand together. {rare} persons are still rare."
    ),
    "meaning": mark(
        "Persons by indicator, unweighted. *Universe unknown*: it is not known whether they belong to the "
        "universe, and they leave it. *Answer unknown*: they are in the universe, and what is counted is not "
        "known. *Without sector* and *without their age band*: they count in the total and not in tables by "
        "sector or age."
    ),
    "same": mark("These indicators give in total the same as in the original"),
    "none": mark("No indicator was computed on the round."),
    "indicator": mark("Indicator"),
    "lacking": mark("Cannot be computed, because their columns are left out"),
    "unasked": mark("the round does not have them"),
}


def readme_text(description: Mapping[str, Any], persons: int) -> str:
    """The text of the README of a package with this description."""
    parts = [f"# {description['title']}", str(description["description"])]
    for language, name in LANGUAGES.items():
        words = translate_all(language, WORDS)
        licence = description["licenses"][0]["title"]
        parts += [f"## {name}", words["files"], f"{words['licence']}: {licence}"]
        parts += _changes(description["cbms"]["protection"], persons, language)
    return "\n\n".join(parts) + "\n"


def _changes(protection: Mapping[str, Any] | None, persons: int, language: str) -> Iterable[str]:
    words = translate_all(language, WORDS)
    if protection is None:
        yield words["exact"]
        return
    yield f"### {words['heading']}"
    yield words["done"].format(
        persons=persons,
        wide=protection["persons_with_wide_age_band"],
        blank=protection["persons_without_age_band"],
        homes=protection["households_without_sector"],
        top=protection["age_top"],
        rare=protection["rare_after"],
    )
    yield from _by_indicator(protection["indicators"], language)


def _by_indicator(entries: list[Mapping[str, Any]], language: str) -> Iterable[str]:
    words = translate_all(language, WORDS)
    if not entries:
        yield words["none"]
        return
    counted = [one for one in entries if "left_out" not in one]
    changed = [one for one in counted if any(one[name] for name in CHANGES)]
    if changed:
        yield words["meaning"]
        yield "\n".join(_table(changed, language))
    same = [one["indicator"] for one in counted if not any(one[name] for name in OF_THE_TOTAL)]
    if same:
        yield f"{words['same']}: {', '.join(same)}."
    lacking = [one for one in entries if "left_out" in one]
    if lacking:
        told = (f"{one['indicator']} ({', '.join(one['left_out']) or words['unasked']})" for one in lacking)
        yield f"{words['lacking']}: {', '.join(told)}."


def _table(entries: list[Mapping[str, Any]], language: str) -> Iterable[str]:
    titles = translate_all(language, TITLES)
    yield f"| {translate(language, WORDS['indicator'])} | {' | '.join(titles[name] for name in CHANGES)} |"
    yield f"|---|{'---:|' * len(CHANGES)}"
    for one in entries:
        yield f"| {one['indicator']} | {' | '.join(str(one[name]) for name in CHANGES)} |"
