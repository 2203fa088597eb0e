"""Municipalities of a country beside each other: execution, payment, revision of the opening budget, money per head.

Exact: every measure is a fraction of amounts as the source gives them. Knows no file and no store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from budget_model.spending.lines import Amounts

NOMINAL_FACTOR = Fraction(1)
DIGITS = 60  # of exact sums
DISTRICT, PROVINCE = "district", "province"  # what a municipality governs


@dataclass(frozen=True)
class LinesOfGender:
    """What the lines of a municipality's year say of women and men, in amounts of the modified budget (PIM).

    looked_at : lines with an approved tag about which the scheme says something; 0 is not "0 %"
    counted : amount times the share that the scheme counts; None where no line was looked at
    declared : amount that the file itself marks; None where its lines bear no such mark
    """

    lines: int
    looked_at: int
    total: Decimal | None
    looked_at_amount: Decimal
    counted: Decimal | None
    declared: Decimal | None


@dataclass(frozen=True)
class MunicipalYear:
    """One municipality's budget of one year.

    amounts : currency units by stage, at the prices of the year; None = the source lacks it
    persons, women : inhabitants of the district of its seat, and those of them who are women; None = not known
    price_factor : by which an amount of the year is multiplied for the prices asked for; None = no index of the year
    gender : what is known of its single lines; None = no line of it is kept
    """

    code: str
    name: str
    department: str
    province: str
    governs: str  # DISTRICT, PROVINCE
    year: int
    amounts: Amounts
    persons: int | None = None
    women: int | None = None
    price_factor: Fraction | None = NOMINAL_FACTOR
    gender: LinesOfGender | None = None


@dataclass(frozen=True)
class Ranked:
    """A municipality with its value and its place from the highest value; equal values share a place."""

    municipality: MunicipalYear
    value: Fraction
    place: int


@dataclass(frozen=True)
class Ranking:
    """Those with a value, the highest first, and those whose value is not known."""

    ranked: tuple[Ranked, ...]
    unknown: tuple[MunicipalYear, ...]

    def find(self, code: str) -> Ranked | None:
        return next((one for one in self.ranked if one.municipality.code == code), None)

    def deciles(self) -> tuple[Fraction, ...]:
        """Nine values: a tenth, two tenths … of the municipalities with a value have at most so much.

        The k-th is the smallest value that at least k tenths do not exceed; none where nobody has a value.
        """
        values = [one.value for one in reversed(self.ranked)]
        return tuple(values[-(-len(values) * tenth // 10) - 1] for tenth in range(1, 10)) if values else ()


Value = Callable[[MunicipalYear], Decimal | None]


@dataclass(frozen=True)
class Pooled:
    """A measure of several municipalities taken together: the sum of their parts over the sum of their wholes.

    value : None where no municipality has both
    left_out : municipalities that lack one of the two, and so stand in neither sum
    """

    value: Fraction | None
    municipalities: int
    left_out: int


@dataclass(frozen=True)
class Measure:
    """What municipalities are ranked by: a part over a whole, both exact.

    less : taken from the ratio (1 for a change)
    is_money : in units of the currency at the prices of `MunicipalYear.price_factor`; otherwise a share
    is_of_district : of municipalities of a district alone, because one of a province also serves its other districts
    """

    part: Value
    whole: Value
    less: int = 0
    is_money: bool = False
    is_of_district: bool = False

    def __call__(self, one: MunicipalYear) -> Fraction | None:
        """The value of one municipality; None where part or whole is unknown, or the whole is 0."""
        if self.is_of_district and one.governs != DISTRICT:
            return None
        part, whole, factor = self.part(one), self.whole(one), one.price_factor if self.is_money else NOMINAL_FACTOR
        if part is None or not whole or factor is None:
            return None
        return _ratio(part, whole, factor, self.less)

    def pooled(self, municipalities: Sequence[MunicipalYear]) -> Pooled:
        """All of a year together, also those of provinces: the inhabitants of all districts are then in the sum, too.

        Raises ValueError where they are at different prices.
        """
        pairs = [(self.part(one), self.whole(one)) for one in municipalities]
        known = [(part, whole) for part, whole in pairs if part is not None and whole is not None]
        factors = {one.price_factor for one in municipalities} if self.is_money else {NOMINAL_FACTOR}
        if len(factors) > 1:
            raise ValueError("municipalities at different prices cannot be taken together")
        factor = next(iter(factors), None)
        if factor is None:
            return Pooled(None, len(pairs), len(pairs))
        with localcontext(prec=DIGITS):
            part = sum((one for one, _whole in known), Decimal(0))
            whole = sum((one for _part, one in known), Decimal(0))
        value = _ratio(part, whole, factor, self.less) if whole else None
        return Pooled(value, len(pairs), len(pairs) - len(known))


def _ratio(part: Decimal, whole: Decimal, factor: Fraction, less: int) -> Fraction:
    """part / whole × factor − less, with one reduction: a page asks for thousands of them."""
    (over, under), (times, by) = part.as_integer_ratio(), whole.as_integer_ratio()
    top, bottom = over * by * factor.numerator, under * times * factor.denominator
    return Fraction(top - less * bottom, bottom)


def _stage(stage: str) -> Value:
    return lambda one: one.amounts.get(stage)


def _persons(one: MunicipalYear) -> Decimal | None:
    return None if one.persons is None else Decimal(one.persons)


def _women(one: MunicipalYear) -> Decimal | None:
    return None if one.women is None else Decimal(one.women)


def _of_lines(name: str) -> Value:
    return lambda one: getattr(one.gender, name) if one.gender else None


MEASURES: Mapping[str, Measure] = {
    "execution": Measure(_stage("accrued"), _stage("pim")),
    "payment": Measure(_stage("paid"), _stage("accrued")),
    "revision": Measure(_stage("pim"), _stage("pia"), less=1),
    **{
        f"{name}_per_{whole}": Measure(_stage(stage), count, is_money=True, is_of_district=True)
        for whole, count in (("person", _persons), ("woman", _women))
        for name, stage in (("budget", "pim"), ("accrued", "accrued"), ("paid", "paid"))
    },
    "counted_share": Measure(_of_lines("counted"), _of_lines("total")),
    "declared_share": Measure(_of_lines("declared"), _of_lines("total")),
}
OF_LINES = ("counted_share", "declared_share")  # need the lines of a municipality, which few have


def rank(municipalities: Iterable[MunicipalYear], measure: str) -> Ranking:
    """Order by a measure of MEASURES; of equal values the code decides the order, and the place is the same.

    Raises
    ------
    KeyError : a measure that there is not.
    """
    value_of = MEASURES[measure]
    return rank_values((one, value_of(one)) for one in municipalities)


def rank_values(values: Iterable[tuple[MunicipalYear, Fraction | None]]) -> Ranking:
    """As `rank`, of values that are there already; None where a municipality has none."""
    valued: list[tuple[MunicipalYear, Fraction]] = []
    unknown: list[MunicipalYear] = []
    for one, value in values:
        if value is None:
            unknown.append(one)
        else:
            valued.append((one, value))
    # The nearest float of a fraction never turns an order round: exact values decide where floats are equal.
    valued.sort(key=lambda pair: (-float(pair[1]), -pair[1], pair[0].code))
    return Ranking(tuple(_placed(valued)), tuple(sorted(unknown, key=lambda one: one.code)))


def _placed(valued: Sequence[tuple[MunicipalYear, Fraction]]) -> Iterable[Ranked]:
    place, last = 0, None
    for number, (one, value) in enumerate(valued, start=1):
        place = place if value == last else number
        last = value
        yield Ranked(one, value, place)
