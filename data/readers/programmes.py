"""The programmes file: what money buys, for whom, how well, and whence each figure comes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from budget_model.errors import CatalogueError
from budget_model.schema_words import PlacedError
from data.readers.strict_yaml import LineFinder, StrictModel, load_document, read_strict

Language = Literal["es", "en"]


def _checked_amount(amount: Decimal) -> Decimal:
    if not amount.is_finite() or amount < 0:
        raise ValueError("an amount is a number of 0 or more")
    if amount != round(amount, 4):
        raise ValueError("an amount has at most four decimals")
    return amount


Amount = Annotated[Decimal, AfterValidator(_checked_amount)]
Source = Annotated[str, Field(min_length=3)]
Texts = Annotated[dict[Language, str], Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]


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
            raise ValueError(f"low {self.low}, value {self.value}, high {self.high} must rise in this order")
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
    reach: Literal["need", "register"] | dict[Literal["women", "men"], Share] | None = None  # None: register if known
    effectiveness: float = Field(gt=0, le=1)
    ceiling: float = Field(gt=0, le=1)
    response: Literal["linear", "exponential", "tanh"] = "exponential"
    source: Source

    @model_validator(mode="after")
    def _reach_is_a_share(self) -> Serves:
        if isinstance(self.reach, dict) and sum(self.reach.values()) > 1 + 1e-9:
            raise ValueError("the reach of women and men together is above 1")
        return self


class ProgrammeEntry(StrictModel):
    """One programme."""

    code: str = Field(min_length=1, max_length=80)
    name: Texts
    heading: Texts
    unit_cost: UnitCost
    capacity: Capacity | None = None
    durability_years: Durability
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
        if bool(self.lines) == (self.baseline is not None):
            raise ValueError("state either lines (budget lines that feed it) or baseline (a stated amount)")
        if isinstance(self.area_split, dict) and abs(sum(self.area_split.values()) - 1) > 1e-9:
            raise PlacedError("the shares of area_split must sum to 1", "area_split")
        for number, link in enumerate(self.serves):
            if link.reach == "register" and self.beneficiaries is None:
                raise PlacedError("reach: register needs beneficiaries", "serves", number, "reach")
            if link.need in [earlier.need for earlier in self.serves[:number]]:
                raise PlacedError(f"the need '{link.need}' stands twice under serves", "serves", number)
        return self


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
