"""Which area a feature is: by a code or a name among its properties."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from budget_model.errors import Problem
from budget_model.spelling import nearest
from data.readers.geojson_features import Feature, UnsoundError, geometry_problem


@dataclass(frozen=True)
class KnownArea:
    """An area of the site that a feature may belong to."""

    code: str
    name: str


def labelled(feature: Feature, key: str) -> Feature:
    value = feature.properties.get(key)
    return feature if value in (None, "") else replace(feature, label=f"{feature.number} ({str(value)[:60]})")


def usual_property(features: Sequence[Feature]) -> str:
    for key in ("code", "id", "name"):
        if features and all(feature.properties.get(key) not in (None, "") for feature in features):
            return key
    return "code"


def folded(text: str) -> str:
    """Without accents, capitals, marks and double spaces: how names are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(letters.split())


def match_areas(
    features: Sequence[Feature], areas: Sequence[KnownArea], key: str, aliases: Mapping[str, str], file: str
) -> tuple[list[str | None], list[Problem]]:
    """The area code of each feature (None where there is none), and every feature that fits none or not alone."""
    finder = _AreaFinder(areas, aliases)
    codes: list[str | None] = []
    problems = [
        geometry_problem("geometry.alias", file, text=text, code=code)
        for text, code in aliases.items()
        if code not in finder.by_code
    ]
    seen: dict[str, int] = {}
    for feature in features:
        value = feature.properties.get(key)
        try:
            code = finder.find("" if value is None else _text(value), key)
            if code in seen:
                raise UnsoundError("geometry.area_twice", code=code, first=seen[code])
            seen[code] = feature.number
            codes.append(code)
        except UnsoundError as error:
            shown = None if value is None else str(value)[:80]
            problems.append(
                geometry_problem(error.rule, file, label=feature.label, column=key, value=shown, **error.facts)
            )
            codes.append(None)
    return codes, problems


def _text(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class _AreaFinder:
    """Areas by code, then by name."""

    def __init__(self, areas: Sequence[KnownArea], aliases: Mapping[str, str]):
        self.by_code = {area.code: area for area in areas}
        self._by_name: dict[str, list[str]] = {}
        for area in areas:
            self._by_name.setdefault(folded(area.name), []).append(area.code)
        self._aliases = {folded(text): code for text, code in aliases.items() if code in self.by_code}

    def find(self, text: str, key: str) -> str:
        """The code; UnsoundError says why there is none."""
        if not text:
            raise UnsoundError("geometry.area_unnamed", key=key)
        if text in self.by_code:
            return text
        name = folded(text)
        codes = [self._aliases[name]] if name in self._aliases else self._by_name.get(name, [])
        if len(codes) == 1:
            return codes[0]
        if codes:
            raise UnsoundError("geometry.area_several", text=text[:60], codes=", ".join(codes))
        raise self._unknown(text)

    def _unknown(self, text: str) -> UnsoundError:
        """Names the nearest area, or where none is near those that there are."""
        names = {name: codes[0] for name, codes in self._by_name.items()}
        known = {folded(code): code for code in self.by_code} | names
        near = nearest(folded(text), known)
        if near:
            area = self.by_code[known[near]]
            return UnsoundError("geometry.area_near", text=text[:60], code=area.code, name=area.name)
        some = ", ".join(sorted(self.by_code)[:12]) + (" …" if len(self.by_code) > 12 else "")
        return UnsoundError("geometry.area_unknown", text=text[:60], codes=some)
