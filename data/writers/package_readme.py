"""README.md of a package: the same facts as in datapackage.json, for people; Spanish first, then English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from data.workflows.extract_changes import CHANGES, OF_THE_TOTAL

README = "README.md"
TITLES = {
    "es": {
        "universe_unknown": "universo desconocido",
        "value_unknown": "respuesta desconocida",
        "value_changed": "valor cambiado",
        "sector_unknown": "sin sector",
        "age_band_unknown": "sin su grupo de edad",
    },
    "en": {
        "universe_unknown": "universe unknown",
        "value_unknown": "answer unknown",
        "value_changed": "value changed",
        "sector_unknown": "without sector",
        "age_band_unknown": "without their age band",
    },
}
WORDS = {
    "es": {
        "language": "Español",
        "files": "Los archivos Parquet son exactos; en los CSV, un texto que una hoja de cálculo ejecutaría como "
        "fórmula empieza con un apóstrofo. `datapackage.json` describe cada columna, con su pregunta y sus códigos.",
        "licence": "Licencia",
        "exact": "Copia exacta: ninguna respuesta fue cambiada; los indicadores dan los mismos valores que en el banco "
        "de datos de origen.",
        "heading": "Qué cambia frente al original",
        "done": "De {persons} personas, {wide} tienen solo un grupo amplio de edad, {blank} ninguna edad, y {homes} "
        "hogares no tienen sector (`not-shown`). Las edades desde {top} están juntas. {rare} personas siguen siendo "
        "poco frecuentes.",
        "meaning": "Personas por indicador, sin ponderar. *Universo desconocido*: no se sabe si pertenecen al "
        "universo, y salen de él. *Respuesta desconocida*: están en el universo y no se sabe lo que se cuenta. *Sin "
        "sector* y *sin su grupo de edad*: cuentan en el total, no en los cuadros por sector o por edad.",
        "same": "Estos indicadores dan en el total lo mismo que en el original",
        "none": "Ningún indicador fue calculado en la ronda.",
        "indicator": "Indicador",
        "lacking": "No se pueden calcular, porque faltan sus columnas",
        "unasked": "la ronda no las tiene",
    },
    "en": {
        "language": "English",
        "files": "The Parquet files are exact; in the CSV files a text that a spreadsheet would run as a formula "
        "begins with an apostrophe. `datapackage.json` describes each column, with its question and codes.",
        "licence": "Licence",
        "exact": "An exact copy: no answer was changed; indicators give the same values as in the data bank that it "
        "comes from.",
        "heading": "What changes against the original",
        "done": "Of {persons} persons {wide} have a wide age band only, {blank} no age, and {homes} households have no "
        "sector (`not-shown`). Ages from {top} stand together. {rare} persons are still rare.",
        "meaning": "Persons by indicator, unweighted. *Universe unknown*: it is not known whether they belong to the "
        "universe, and they leave it. *Answer unknown*: they are in the universe, and what is counted is not known. "
        "*Without sector* and *without their age band*: they count in the total and not in tables by sector or age.",
        "same": "These indicators give in total the same as in the original",
        "none": "No indicator was computed on the round.",
        "indicator": "Indicator",
        "lacking": "Cannot be computed, because their columns are left out",
        "unasked": "the round does not have them",
    },
}


def readme_text(description: Mapping[str, Any], persons: int) -> str:
    """The text of the README of a package with this description."""
    parts = [f"# {description['title']}", str(description["description"])]
    for language, words in WORDS.items():
        licence = description["licenses"][0]["title"]
        parts += [f"## {words['language']}", words["files"], f"{words['licence']}: {licence}"]
        parts += _changes(description["cbms"]["protection"], persons, language)
    return "\n\n".join(parts) + "\n"


def _changes(protection: Mapping[str, Any] | None, persons: int, language: str) -> Iterable[str]:
    words = WORDS[language]
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
    words = WORDS[language]
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
    yield f"| {WORDS[language]['indicator']} | {' | '.join(TITLES[language][name] for name in CHANGES)} |"
    yield f"|---|{'---:|' * len(CHANGES)}"
    for one in entries:
        yield f"| {one['indicator']} | {' | '.join(str(one[name]) for name in CHANGES)} |"
