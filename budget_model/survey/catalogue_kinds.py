"""Kinds of catalogue entries that stand for several indicators: multidimensional poverty, monetary poverty, inequality.

An entry is written out into plain indicators, so that every set of columns, every engine, every contrast between
women and men and every standard error that works for an indicator works for these. Nothing here opens a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import lcm
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from budget_model.survey.measures import MEDIAN_GAP

Text = Annotated[str, Field(min_length=1)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,27}$")]

LONGEST_PAIR = 30  # of the two identifiers together, so that `MPI.headcount.WATER` still fits where ids are kept


def exact(value: Any) -> Any:
    """`1/6`, `0.25` or 3 as an exact fraction; what is none of these is left for the schema to refuse."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    try:
        return Fraction(str(value).replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        raise ValueError(
            f"'{value}' is not a number. Write a fraction such as 1/6, or a decimal such as 0.25"
        ) from None


class _Kind(BaseModel):
    """What all kinds share with an indicator."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", arbitrary_types_allowed=True)

    id: Identifier
    level: Literal["person", "household"]
    universe: Text = "TRUE"
    version: Annotated[int, Field(ge=1)]
    label: Annotated[dict[Text, Text], Field(min_length=1)]
    dimension: Text | None = None
    sdg: Text | None = None
    sensitive: bool = False
    source: Text | None = None

    @field_validator("universe", mode="before")
    @classmethod
    def _true_is_everybody(cls, value: Any) -> Any:
        return "TRUE" if value is True else value

    def _indicator(self, suffix: str, words: Mapping[str, str], **measured: Any) -> dict[str, Any]:
        """The content of one indicator of this entry; `words` by language may hold {label}."""
        label = {
            language: words.get(language, words["en"]).replace("{label}", name) for language, name in self.label.items()
        }
        shared = {key: getattr(self, key) for key in ("level", "version", "dimension", "sdg", "sensitive", "source")}
        return {"id": f"{self.id}.{suffix}", "label": label, "direction": "down", **shared, **measured}

    def _universe_and(self, condition: str) -> str:
        everybody = self.universe.strip().upper() == "TRUE"
        return condition if everybody else f"({self.universe}) AND {condition}"


# --- multidimensional poverty ----------------------------------------------------------------------------------------


class Deprivation(BaseModel):
    """One deprivation: who has it (an SQL condition; missing is not *no*), and its weight."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", arbitrary_types_allowed=True)

    id: Identifier
    condition: Text
    weight: Fraction
    label: dict[Text, Text] | None = None

    _exact = field_validator("weight", mode="before")(exact)

    @field_validator("weight")
    @classmethod
    def _above_zero(cls, value: Fraction) -> Fraction:
        if value <= 0:
            raise ValueError(f"the weight of a deprivation must be above 0, found {value}")
        return value


class Multidimensional(_Kind):
    """Poverty by the Alkire–Foster method: poor is whose weighted deprivations reach the share `k` of all.

    Written out: `id.M0` (adjusted headcount H·A), `id.H` (share of the poor, with its persons in need), `id.A` (mean
    share of deprivations among the poor) and for each deprivation `id.headcount.d` (uncensored), `id.censored.d`
    (poor and deprived), `id.absolute.d` (its part of M0; they add up to M0), `id.percent.d` (the same over M0; they add
    up to 1). Whoever has a missing answer in any deprivation is outside all of them.

    Weights count in proportion to their sum, exactly, so that no rounding decides who is poor.
    Source: Alkire and Foster 2011, Journal of Public Economics 95.
    """

    kind: Literal["multidimensional"]
    k: Fraction
    deprivations: Annotated[tuple[Deprivation, ...], Field(min_length=1)]

    _exact = field_validator("k", mode="before")(exact)

    @field_validator("deprivations", mode="before")
    @classmethod
    def _list_is_a_sequence(cls, value: Any) -> Any:
        return as_sequence(value)

    @field_validator("k")
    @classmethod
    def _is_a_share(cls, value: Fraction) -> Fraction:
        if not 0 < value <= 1:
            raise ValueError(
                f"k is the share of all weights from which somebody is poor, above 0 up to 1; found {value}"
            )
        return value

    @model_validator(mode="after")
    def _identifiers(self) -> Multidimensional:
        names = [item.id for item in self.deprivations]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the deprivation '{twice[0]}' stands twice. Give one of them another id")
        long = [name for name in names if len(self.id) + len(name) > LONGEST_PAIR]
        if long:
            raise ValueError(f"'{self.id}' and '{long[0]}' together have more than {LONGEST_PAIR} letters. Shorten one")
        return self

    def conditions(self) -> Iterator[tuple[str, str]]:
        """(key, SQL) of every text that a column may be wrong in."""
        yield "universe", self.universe
        for item in self.deprivations:
            yield f"deprivations.{item.id}", item.condition

    def _whole_weights(self) -> tuple[list[int], int, int]:
        """Weights, their sum and the cut-off as whole numbers, so that sums and comparison are exact."""
        denominator = lcm(*(item.weight.denominator for item in self.deprivations)) * self.k.denominator
        weights = [int(item.weight * denominator) for item in self.deprivations]
        return weights, sum(weights), int(self.k * sum(weights))

    def expand(self) -> list[dict[str, Any]]:
        """The contents of its indicators."""
        weights, total, cutoff = self._whole_weights()
        score = " + ".join(
            f"{weight} * ({item.condition})" for weight, item in zip(weights, self.deprivations, strict=True)
        )
        poor = f"{score} >= {cutoff}"
        known = self._universe_and(f"({score}) IS NOT NULL")
        result = [
            self._indicator("M0", _WORDS["M0"], universe=known, mean=_if(poor, f"({score}) / {total}")),
            self._indicator("H", _WORDS["H"], universe=known, numerator=poor),
            self._indicator("A", _WORDS["A"], universe=self._universe_and(f"({poor})"), mean=f"({score}) / {total}"),
        ]
        for weight, item in zip(weights, self.deprivations, strict=True):
            has = f"({item.condition})"
            both = f"{poor} AND {has}"
            of_m0 = {"mean": _if(both, f"{weight} / {total}"), "over": _if(poor, f"({score}) / {total}")}
            for name, measured in (
                ("headcount", {"mean": _if(has, "1")}),
                ("censored", {"mean": _if(both, "1")}),
                ("absolute", {"mean": _if(both, f"{weight} / {total}")}),
                ("percent", of_m0),
            ):
                words = {language: f"{text}: {_name(item, language)}" for language, text in _WORDS[name].items()}
                result.append(self._indicator(f"{name}.{item.id}", words, universe=known, **measured))
        return result


def _if(condition: str, value: str) -> str:
    return f"CASE WHEN {condition} THEN {value} ELSE 0 END"


def _name(deprivation: Deprivation, language: str) -> str:
    return (deprivation.label or {}).get(language, deprivation.id)


_WORDS: dict[str, dict[str, str]] = {
    "M0": {"es": "{label}: tasa ajustada (M0)", "en": "{label}: adjusted headcount (M0)"},
    "H": {"es": "{label}: personas pobres (H)", "en": "{label}: people who are poor (H)"},
    "A": {"es": "{label}: intensidad entre pobres (A)", "en": "{label}: intensity among the poor (A)"},
    "headcount": {"es": "{label}: con la privación", "en": "{label}: deprived"},
    "censored": {"es": "{label}: pobres con la privación", "en": "{label}: poor and deprived"},
    "absolute": {"es": "{label}: aporte a M0", "en": "{label}: contribution to M0"},
    "percent": {"es": "{label}: parte de M0", "en": "{label}: share of M0"},
    "incidence": {"es": "{label}: incidencia", "en": "{label}: incidence"},
    "gap": {"es": "{label}: brecha", "en": "{label}: gap"},
    "severity": {"es": "{label}: severidad", "en": "{label}: severity"},
    "median_gap": {"es": "{label}: brecha mediana de las personas pobres", "en": "{label}: median gap of the poor"},
    "gini": {"es": "{label}: coeficiente de Gini", "en": "{label}: Gini coefficient"},
    "quintile_ratio": {
        "es": "{label}: razón entre quintiles (S80/S20)",
        "en": "{label}: quintile share ratio (S80/S20)",
    },
}

_UNITS: dict[str, dict[str, str]] = {
    "median_gap": {"es": "parte de la línea de pobreza", "en": "share of the poverty line"},
    "gini": {"es": "índice de 0 (igualdad) a 1", "en": "index from 0 (equality) to 1"},
    "quintile_ratio": {
        "es": "veces el ingreso del quinto más pobre",
        "en": "times the income of the poorest fifth",
    },
}


# --- monetary poverty ------------------------------------------------------------------------------------------------


FGT_ORDERS = {"incidence": 0, "gap": 1, "severity": 2}
PovertyMeasure = Literal["incidence", "gap", "severity", "median_gap"]


def as_sequence(value: Any) -> Any:
    """YAML has lists where a frozen definition has tuples."""
    return tuple(value) if isinstance(value, list) else value


def each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    """A list in which nothing stands twice."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"'{twice[0]}' stands twice. Take one out")
    return names


class RelativeLine(BaseModel):
    """A poverty line that is a share of the weighted median welfare of the whole universe."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    median_share: Annotated[float, Field(gt=0, le=2)]


class MonetaryPoverty(_Kind):
    """Foster–Greer–Thorbecke poverty: incidence, gap and severity, all as shares (0-1).

    `line` is a column, an SQL expression, a number, or `{median_share: 0.6}`. Poor is whose welfare lies below the
    line. Welfare and line share currency and period. Whoever lacks welfare or a line above 0 is outside.

    Written out, as `measures` says: `id.incidence` (with its persons in need), `id.gap`, `id.severity`, and where it is
    asked for `id.median_gap`, the median shortfall of the poor as a share of the line. That one is left out otherwise
    because a median needs every answer instead of sums of them.
    Source: Foster, Greer and Thorbecke 1984, Econometrica 52(3); median gap: Eurostat's indicator ilc_li11.
    """

    kind: Literal["poverty"]
    welfare: Text
    line: Text | int | float | RelativeLine
    measures: Annotated[tuple[PovertyMeasure, ...], Field(min_length=1)] = ("incidence", "gap", "severity")

    _list = field_validator("measures", mode="before")(as_sequence)
    _once = field_validator("measures")(each_once)

    @field_validator("line", mode="before")
    @classmethod
    def _above_zero(cls, value: Any) -> Any:
        if isinstance(value, int | float) and (isinstance(value, bool) or not value > 0):
            raise ValueError(f"a poverty line must be above 0, found {value}")
        return value

    def conditions(self) -> Iterator[tuple[str, str]]:
        """(key, SQL) of every text that a column may be wrong in."""
        yield "universe", self.universe
        yield "welfare", self.welfare
        if isinstance(self.line, str):
            yield "line", self.line

    def expand(self) -> list[dict[str, Any]]:
        """The contents of its indicators; with a relative line they say what it is relative to (`below`)."""
        if isinstance(self.line, RelativeLine):
            below = {"welfare": self.welfare, "median_share": self.line.median_share}
            return [self._below(name, self.universe, below) for name in self.measures]
        universe = self._universe_and(f"({self.welfare}) IS NOT NULL AND ({self.line}) > 0")
        return [self._fixed(name, universe, f"({self.line})") for name in self.measures]

    def _below(self, name: str, universe: str, below: dict[str, Any]) -> dict[str, Any]:
        """A measure below a relative line."""
        if name == MEDIAN_GAP:
            return self._indicator(
                name, _WORDS[name], universe=universe, spread={**below, "measure": name}, unit=_UNITS[name]
            )
        return self._indicator(name, _WORDS[name], universe=universe, below={**below, "order": FGT_ORDERS[name]})

    def _fixed(self, name: str, universe: str, line: str) -> dict[str, Any]:
        """A measure below a line of its own for each person."""
        if name == MEDIAN_GAP:
            multiple = {"welfare": f"({self.welfare}) / {line}", "measure": name}
            return self._indicator(name, _WORDS[name], universe=universe, spread=multiple, unit=_UNITS[name])
        measured = shortfall(self.welfare, line, FGT_ORDERS[name])
        return self._indicator(name, _WORDS[name], universe=universe, **measured)


def shortfall(welfare: str, line: str, order: int) -> dict[str, str]:
    """`numerator` or `mean` of the FGT measure of an order (0, 1, 2), as SQL."""
    if order == 0:
        return {"numerator": f"({welfare}) < {line}"}
    relative = f"(({line} - ({welfare})) / {line})"
    return {"mean": _if(f"({welfare}) < {line}", " * ".join([relative] * order))}


# --- inequality -------------------------------------------------------------------------------------------------------


class Inequality(_Kind):
    """How a welfare is spread over people, whatever line: Gini coefficient (0-1) and quintile share ratio S80/S20.

    Whoever lacks the welfare is outside. Written out, as `measures` says: `id.gini`, `id.quintile_ratio`.
    Source: Eurostat's indicators ilc_di12 and ilc_di11; formulas in `survey.distribution`.
    """

    kind: Literal["inequality"]
    welfare: Text
    measures: Annotated[tuple[Literal["gini", "quintile_ratio"], ...], Field(min_length=1)] = ("gini", "quintile_ratio")

    _list = field_validator("measures", mode="before")(as_sequence)
    _once = field_validator("measures")(each_once)

    def conditions(self) -> Iterator[tuple[str, str]]:
        """(key, SQL) of every text that a column may be wrong in."""
        yield "universe", self.universe
        yield "welfare", self.welfare

    def expand(self) -> list[dict[str, Any]]:
        """The contents of its indicators."""
        spread = {"welfare": self.welfare}
        return [
            self._indicator(
                name, _WORDS[name], universe=self.universe, spread={**spread, "measure": name}, unit=_UNITS[name]
            )
            for name in self.measures
        ]


KINDS: dict[str, type[Multidimensional] | type[MonetaryPoverty] | type[Inequality]] = {
    "multidimensional": Multidimensional,
    "poverty": MonetaryPoverty,
    "inequality": Inequality,
}
