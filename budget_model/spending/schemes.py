"""Schemes of gender budget classification as data: their categories, forms, coefficients and floors.

A scheme says which value of a tag it looks at and, where it counts money, which share of a line's amount follows from
that value. Amounts counted by different schemes are never added to each other: every function here takes one scheme.
A value that a scheme does not know has no share (None), which is not 0.

Kinds
-----
category : a facet of the tag holds the code of one category (DAC marker, EU coefficients, Sharp, Peru's policies)
share_bands : the women's share falls into one of several half-open bands (India A, B, C)
form : a questionnaire of elements whose points fall into half-open bands (Philippine HGDG)
stated : the tag states a category of the scheme and the percentage of the line that belongs to it (Mexico, Annex 13)
floor : no classification, a least share of the whole budget (Philippine 5 % rule)
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Kind = Literal["category", "share_bands", "form", "stated", "floor"]
Facet = Literal["marker", "sharp", "policy", "beneficiary"]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[dict[Text, Text], Field(min_length=1)]  # by language


def _exact(value: object) -> object:
    """Numbers of YAML as exact decimals: the float 0.33 means the decimal that was written."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Number = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0)]
Share = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=1)]


class SchemeModel(BaseModel):
    """A part of a scheme: no unknown key, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Category(SchemeModel):
    """One value of the scheme. `share` is what it counts of an amount (0-1); None: nothing can be said."""

    code: Text
    label: Texts
    share: Share | None = None
    is_screened: bool = True  # False: nobody has looked; outside of every denominator, and shown
    needs: tuple[Literal["objective", "indicator", "gap", "review_on"], ...] = ()  # what a tag must state with it


class Band(SchemeModel):
    """Values from `at_least` (or, without that very value, `above`) to below `below`; None: no end."""

    code: Text
    label: Texts
    at_least: Number | None = None
    above: Number | None = None
    below: Number | None = None
    share: Share | None = None  # None in share_bands: the women's share itself counts

    def holds(self, value: Decimal | Fraction) -> bool:
        """Whether the value falls into the band."""
        exact = Fraction(value)
        starts = exact > Fraction(self.above) if self.above is not None else exact >= Fraction(self.at_least or 0)
        return starts and (self.below is None or exact < Fraction(self.below))


class Item(SchemeModel):
    """A question of the form; `scores` are the points for no, partly and yes, as they are printed.

    exact : what printed points stand for where they are rounded, as fractions ("2/3" for 0.67); empty: as printed
    """

    code: Text
    question: Texts
    scores: Annotated[tuple[Number, ...], Field(min_length=2)]
    exact: tuple[Annotated[str, Field(pattern=r"^\d+(/[1-9]\d*)?$")], ...] = ()

    @model_validator(mode="after")
    def _rounds_to_what_is_printed(self) -> Item:
        if self.exact and len(self.exact) != len(self.scores):
            raise ValueError(f"question {self.code} has {len(self.scores)} points and {len(self.exact)} exact ones")
        for printed, exact in zip(self.scores, self.exact, strict=False):
            if abs(Fraction(exact) - Fraction(printed)) >= Fraction(1, 200):
                raise ValueError(f"question {self.code}: {exact} is not what rounds to {printed}")
        return self

    def points(self, printed: Decimal) -> Fraction:
        """What an answer is worth: printed points, or the fraction that they stand for."""
        return Fraction(self.exact[self.scores.index(printed)]) if self.exact else Fraction(printed)


class Element(SchemeModel):
    """A part of the form. Its points are the sum of its items', at most `most`."""

    code: Text
    label: Texts
    most: Number
    items: Annotated[tuple[Item, ...], Field(min_length=1)]


class Floor(SchemeModel):
    """At least `share` of the whole budget is to be counted by the scheme `counted_by`."""

    share: Share
    counted_by: Text


class Scheme(SchemeModel):
    """A scheme, with its source and how far it was verified."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    version: Annotated[int, Field(ge=1)]
    kind: Kind
    label: Texts
    about: Texts
    source: Text
    verified: Text  # what of it was found in the source, and what was not
    facet: Facet | None = None
    counts_money: bool = False
    scale: Literal["nominal", "ordinal"] = "nominal"  # of its categories, for the agreement of raters
    categories: tuple[Category, ...] = ()
    bands: tuple[Band, ...] = ()
    elements: tuple[Element, ...] = ()
    floor: Floor | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Scheme:
        wanted = {
            "category": bool(self.categories) and self.facet is not None,
            "share_bands": bool(self.bands),
            "form": bool(self.elements) and bool(self.bands),
            "stated": bool(self.categories),
            "floor": self.floor is not None,
        }
        if not wanted[self.kind]:
            raise ValueError(f"a scheme of the kind '{self.kind}' lacks what belongs to it; see the kinds in the docs")
        for parts in (self.categories, self.bands, self.elements, tuple(self.items().values())):
            codes = [part.code for part in parts]
            if len(set(codes)) < len(codes):
                raise ValueError(f"a code stands twice among {', '.join(codes)}")
        self._check_bands()
        return self

    def _check_bands(self) -> None:
        """Bands follow each other without a hole and without overlap."""
        for lower, upper in itertools.pairwise(self.bands):
            start = upper.at_least if upper.above is None else None
            if lower.below is None or start is None or lower.below != start:
                raise ValueError(f"the band '{upper.code}' does not begin where '{lower.code}' ends")

    def items(self) -> dict[str, Item]:
        """Questions of the form by code."""
        return {item.code: item for element in self.elements for item in element.items}

    def category(self, code: str | None) -> Category | None:
        """The category of a code; None where the scheme does not have it."""
        return next((category for category in self.categories if category.code == code), None)

    def band(self, value: Decimal | Fraction) -> Band | None:
        """The band that a value falls into."""
        return next((band for band in self.bands if band.holds(value)), None)

    def codes(self) -> tuple[str, ...]:
        """Codes of the classes that it tells apart, in the order of the file."""
        return tuple(part.code for part in (self.categories or self.bands))

    def screened_codes(self) -> tuple[str, ...]:
        """`codes` without those that say that nobody has looked: the values a rating can have, in their order."""
        return tuple(code for code in self.codes() if (found := self.category(code)) is None or found.is_screened)


def form_points(scheme: Scheme, answers: Mapping[str, Decimal]) -> dict[str, Fraction]:
    """Exact points of each element of a form: the sum of its items' points, at most the element's.

    Points that are printed rounded count as the thirds that they stand for: three times 0.67 are 2, three times 0.33
    are 1, so that a form never misses a band by the rounding of its print.

    answers : item code -> printed points, one of the item's scores; every item answered (no answer is not 0)
    """
    return {
        element.code: min(
            sum((item.points(answers[item.code]) for item in element.items), Fraction(0)), Fraction(element.most)
        )
        for element in scheme.elements
    }


def form_score(scheme: Scheme, answers: Mapping[str, Decimal]) -> Fraction:
    """Exact points of the whole form."""
    return sum(form_points(scheme, answers).values(), Fraction(0))


def shown_points(points: Fraction) -> Decimal:
    """Points for people, with two decimals at most: 7 1/3 is shown as 7.33."""
    value = Decimal(points.numerator) / Decimal(points.denominator)
    return value if Fraction(value) == points else value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def open_items(scheme: Scheme, answers: Mapping[str, Decimal]) -> tuple[str, ...]:
    """Items that have no answer."""
    return tuple(code for code in scheme.items() if code not in answers)
