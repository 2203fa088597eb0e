"""The programmes file: what money buys, for whom, how well, and whence each figure comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from budget_model.errors import CatalogueError
from budget_model.schema_words import PlacedError
from data.readers.strict_yaml import LineFinder, StrictModel, load_document, read_strict

Language = Literal["es", "en"]


def _checked_amount(amount: Decimal) -> Decimal:
    if not amount.is_finite() or amount < 0:
        raise PydanticCustomError("amount_negative", "an amount is a number of 0 or more")
    if amount != round(amount, 4):
        raise PydanticCustomError("amount_decimals", "an amount has at most four decimals")
    return amount


def _checked_reach(reach: Any) -> Any:
    if reach is None or reach in ("need", "register"):
        return reach
    if isinstance(reach, Mapping) and set(reach) == {"survey"} and isinstance(reach["survey"], str) and reach["survey"]:
        return dict(reach)
    if not isinstance(reach, Mapping) or not reach or not set(reach) <= {"women", "men"}:
        raise PydanticCustomError(
            "reach_unreadable",
            "reach is need, register, survey with an indicator, or shares of women and men",
        )
    return _reach_shares(reach)


def _reach_shares(reach: Mapping[str, Any]) -> dict[str, float]:
    try:
        shares = {group: float(share) for group, share in reach.items()}
    except (TypeError, ValueError):
        shares = {"": -1.0}
    if not all(0 <= share <= 1 for share in shares.values()):
        raise PydanticCustomError("reach_outside", "a share of reach is a number from 0 to 1")
    if sum(shares.values()) > 1 + 1e-9:
        raise PydanticCustomError("reach_above_one", "the reach of women and men together is above 1")
    return shares


Amount = Annotated[Decimal, AfterValidator(_checked_amount)]
Source = Annotated[str, Field(min_length=3)]
Texts = Annotated[dict[Language, str], Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Reach = Annotated[Any, AfterValidator(_checked_reach)]


def _not_rising(low: Any, value: Any, high: Any) -> PydanticCustomError:
    facts = {"low": str(low), "value": str(value), "high": str(high)}
    return PydanticCustomError("range_order", "low {low}, value {value}, high {high} must rise in this order", facts)


class SourcedAmount(StrictModel):
    """An amount of money and its source."""

    value: Amount
    source: Source


class UnitCost(StrictModel):
    """Currency / person / year, with the range it may lie in."""

    value: Amount = Field(gt=0)
    low: Amount | None = Field(default=None, gt=0)
    high: Amount | None = None
    source: Source

    @model_validator(mode="after")
    def _in_order(self) -> UnitCost:
        if not (self.low or self.value) <= self.value <= (self.high or self.value):
            raise _not_rising(self.low, self.value, self.high)
        return self


class Capacity(StrictModel):
    """Most persons a year, whole site."""

    value: float = Field(gt=0)
    source: Source


class Durability(StrictModel):
    """Years for which a met need stays met: a service 1, a capital work more."""

    value: int = Field(ge=1, le=100)
    source: Source


class Beneficiaries(StrictModel):
    """Persons served a year, from the register."""

    women: float = Field(ge=0)
    men: float = Field(ge=0)
    source: Source


class LineShare(StrictModel):
    """The share of a budget line that feeds the programme."""

    code: str = Field(min_length=1)
    share: Decimal = Field(gt=0, le=1, decimal_places=6)


class Lock(StrictModel):
    """Why the money must stay where it is."""

    reason: Texts
    source: Source


class Serves(StrictModel):
    """A need that the programme meets."""

    need: str = Field(min_length=1)
    reach: Reach = None  # None: register where there is one, else need
    effectiveness: float = Field(gt=0, le=1)
    effectiveness_range: tuple[Share, Share] | None = None  # the lowest and the highest it may be
    ceiling: float = Field(gt=0, le=1)
    response: Literal["linear", "exponential", "tanh"] = "exponential"
    source: Source

    @model_validator(mode="after")
    def _in_order(self) -> Serves:
        if self.effectiveness_range is not None:
            low, high = self.effectiveness_range
            if not low <= self.effectiveness <= high:
                raise _not_rising(low, self.effectiveness, high)
        return self


class ProgrammeEntry(StrictModel):
    """One programme."""

    code: str = Field(min_length=1, max_length=80)
    name: Texts
    heading: Texts
    unit_cost: UnitCost
    capacity: Capacity | None = None
    durability_years: Durability
    running_cost: SourcedAmount | None = None  # of a work: currency / person it serves, in each later year
    beneficiaries: Beneficiaries | None = None
    lines: tuple[LineShare, ...] = ()
    baseline: SourcedAmount | None = None
    floor: SourcedAmount | None = None
    ceiling: SourcedAmount | None = None
    locked: Lock | None = None
    area_split: Literal["need", "population"] | dict[str, Share] = "need"
    serves: tuple[Serves, ...] = ()

    @model_validator(mode="after")
    def _is_consistent(self) -> ProgrammeEntry:
        found = tuple(_inconsistencies(self))
        if found:
            raise PydanticCustomError(
                "inconsistent", "{sentences}", {"sentences": "; ".join(INCONSISTENT[f] for f in found), "rules": found}
            )
        return self


INCONSISTENT = {
    "lines_or_baseline": "state either lines (budget lines that feed it) or baseline (a stated amount)",
    "area_split_sum": "the shares of area_split must sum to 1",
    "register_missing": "reach: register needs beneficiaries",
    "need_twice": "a need stands twice under serves",
    "line_twice": "a budget line stands twice under lines",
}


def _inconsistencies(entry: ProgrammeEntry) -> Iterator[str]:
    """Rules of `INCONSISTENT` that the parts of an entry break together."""
    if bool(entry.lines) == (entry.baseline is not None):
        yield "lines_or_baseline"
    if isinstance(entry.area_split, dict) and abs(sum(entry.area_split.values()) - 1) > 1e-9:
        yield "area_split_sum"
    if any(link.reach == "register" for link in entry.serves) and entry.beneficiaries is None:
        yield "register_missing"
    if _has_twice([link.need for link in entry.serves]):
        yield "need_twice"
    if _has_twice([line.code for line in entry.lines]):
        yield "line_twice"


def _has_twice(names: Sequence[str]) -> bool:
    return len(names) != len(set(names))


class ProgrammesFile(StrictModel):
    """A programmes file. Amounts are in `currency` at prices of `price_year`."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    price_year: int = Field(ge=1990, le=2100)
    programmes: tuple[ProgrammeEntry, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _codes_once(self) -> ProgrammesFile:
        first: dict[str, int] = {}
        for number, programme in enumerate(self.programmes):
            if first.setdefault(programme.code, number) != number:
                message = f"the code '{programme.code}' stands twice. Give each programme its own"
                raise PlacedError(message, "programmes", number, "code")
        return self


def read_programmes(text: str, file: str) -> tuple[ProgrammesFile, LineFinder]:
    """The file's content and where its parts stand; raises CatalogueError with every problem and its line."""
    content = read_strict(text, file, ProgrammesFile, CatalogueError)
    return content, load_document(text, file, CatalogueError)[1]
