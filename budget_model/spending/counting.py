"""What a scheme makes of tags: the class of a line, the share of its amount that counts, and totals. One scheme a time.

There is no sum over schemes here: each has its own idea of what counts, and money would be counted several times.
Lines that nobody has screened stay out of every denominator and are shown beside it. What is unknown is never 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from budget_model.errors import InputError, Problem
from budget_model.spending.schemes import Scheme, form_score, open_items, shown_points
from budget_model.spending.tags import NOT_SCREENED, Attribution, Tag

ENOUGH_DIGITS = 60  # of exact sums of products


@dataclass(frozen=True)
class Counted:
    """What a scheme makes of a tag. `share` None: nothing can be said, for the reason named."""

    code: str | None  # category, band or None
    share: Decimal | None  # 0-1
    reason: str = "counted"  # or not_screened, unresolved, outside_scheme, not_stated, other_scheme
    score: Decimal | None = None  # of a form


def classify(tag: Tag | None, scheme: Scheme) -> str | None:
    """The class of a tag in a scheme, also of schemes that count no money; None where the tag does not say."""
    if tag is None:
        return NOT_SCREENED if scheme.facet == "marker" else None
    if scheme.kind == "category":
        value: str | None = getattr(tag, str(scheme.facet))
        return value
    return count(tag, scheme).code


def count(tag: Tag | None, scheme: Scheme) -> Counted:
    """The share of a line's amount that a scheme counts, by the tag; one scheme at a time.

    Forms and stated percentages count only where the tag's attribution is by this very scheme: a tag is attributed by
    one scheme, and another's answers say nothing here.
    """
    if tag is None:
        return Counted(None, None, "not_screened")
    if scheme.kind == "category":
        return _count_category(tag, scheme)
    if scheme.kind == "share_bands":
        if tag.women_share is None:
            return Counted(None, None, "not_stated")
        band = scheme.band(tag.women_share)
        return Counted(band.code if band else "0", tag.women_share)
    return _count_attribution(tag.attribution, scheme)


def _count_category(tag: Tag, scheme: Scheme) -> Counted:
    value = getattr(tag, str(scheme.facet))
    category = scheme.category(value)
    if value is None:
        return Counted(None, None, "not_stated")
    if category is None:
        return Counted(value, None, "outside_scheme")
    if not category.is_screened:
        return Counted(value, None, "not_screened")
    return Counted(value, category.share, "counted" if category.share is not None else "unresolved")


def _count_attribution(stated: Attribution | None, scheme: Scheme) -> Counted:
    if stated is None:
        return Counted(None, None, "not_stated")
    if stated.scheme != scheme.id:
        return Counted(None, None, "other_scheme")
    if scheme.kind == "form":
        if open_items(scheme, stated.answers):
            return Counted(None, None, "not_stated")
        score = form_score(scheme, stated.answers)
        band = scheme.band(score)
        return Counted(band.code if band else None, band.share if band else None, score=shown_points(score))
    category = scheme.category(stated.category)
    share = category.share if category and category.share is not None else _share(stated.percent)
    return Counted(stated.category, share, "counted" if share is not None else "not_stated")


def _share(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else percent / 100


@dataclass(frozen=True)
class TaggedLine:
    """A budget line with its tag (None: untagged) and its amounts by stage (None: the source lacks the stage)."""

    year: int
    code: str
    amounts: Mapping[str, Decimal | None]
    tag: Tag | None


@dataclass(frozen=True)
class ClassTotal:
    """Lines of one class.

    counted : amount times the share that the scheme counts; None where nothing is known of it: the scheme counts no
        money, no line has the class, or the class has no share before it is resolved (0*)
    """

    code: str
    lines: int
    amount: Decimal
    counted: Decimal | None


@dataclass(frozen=True)
class SchemeTotals:
    """Totals of one stage by one scheme.

    classes : every class of the scheme in its order, also those without lines
    uncounted : reason -> lines and amount about which the scheme can say nothing; lines of a class that is not resolved
        stand here and in their class
    screened : amount of all lines whose class says what counts, the denominator of shares; of a scheme that counts no
        money, of all lines that have a class
    counted : what the scheme counts; None where it counts no money, or says nothing of any line
    without_amount : lines that lack the stage
    """

    scheme: str
    stage: str
    classes: tuple[ClassTotal, ...]
    uncounted: Mapping[str, tuple[int, Decimal]]
    total: Decimal
    screened: Decimal
    counted: Decimal | None
    without_amount: int

    @property
    def counted_share(self) -> Decimal | None:
        """Counted / screened (0-1); None where nothing is screened, or nothing is counted by the scheme."""
        return self.counted / self.screened if self.counted is not None and self.screened else None


def scheme_totals(lines: Iterable[TaggedLine], scheme: Scheme, stage: str) -> SchemeTotals:
    """Exact totals of one stage by the classes of one scheme; InputError for a floor, which has no classes."""
    if scheme.kind == "floor":
        raise InputError(_no_classes(scheme))
    classes: dict[str, list[tuple[Decimal, Decimal | None]]] = {code: [] for code in scheme.codes()}
    unknown: dict[str, list[Decimal]] = defaultdict(list)
    total, without_amount = Decimal(0), 0
    with localcontext(prec=ENOUGH_DIGITS):
        for line in lines:
            amount = line.amounts.get(stage)
            if amount is None:
                without_amount += 1
                continue
            total += amount
            found = placed(line.tag, scheme)
            if found.reason != "counted":
                unknown[found.reason].append(amount)
            if found.code is not None and found.reason in ("counted", "unresolved"):
                part = None if found.share is None else amount * found.share
                classes.setdefault(found.code, []).append((amount, part))
        done = tuple(_class_total(code, parts) for code, parts in classes.items())
        known = [one for own in classes.values() for one in own if one[1] is not None or not scheme.counts_money]
    return SchemeTotals(
        scheme.id,
        stage,
        done,
        {reason: (len(amounts), sum(amounts, Decimal(0))) for reason, amounts in unknown.items()},
        total,
        sum((amount for amount, _ in known), Decimal(0)),
        _known_sum(part for _, part in known),
        without_amount,
    )


def _no_classes(scheme: Scheme) -> Problem:
    by = scheme.floor.counted_by if scheme.floor else ""
    message = (
        f"'{scheme.id}' is a floor for the whole budget and puts no line into a class, so that there are no totals by "
        f"it. Ask for '{by}', which counts its money; the statement says whether the floor is met."
    )
    return Problem("scheme_is_floor", message, value=scheme.id, facts={"counted_by": by})


def _known_sum(parts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None where nothing is, which is not 0."""
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if known else None


def placed(tag: Tag | None, scheme: Scheme) -> Counted:
    """Where a scheme puts a tag; of a scheme that counts no money the class alone, or why there is none."""
    if scheme.counts_money:
        return count(tag, scheme)
    code = classify(tag, scheme)
    category = scheme.category(code)
    if code == NOT_SCREENED or (category is not None and not category.is_screened):
        return Counted(code, None, "not_screened")
    return Counted(code, None, "counted" if code is not None else "not_stated")


def _class_total(code: str, parts: list[tuple[Decimal, Decimal | None]]) -> ClassTotal:
    amount = sum((whole for whole, _ in parts), Decimal(0))
    return ClassTotal(code, len(parts), amount, _known_sum(part for _, part in parts))


def share_of_whole(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Part / whole (0-1), both in the same currency; None where either is unknown or the whole is 0.

    >>> share_of_whole(Decimal(1), Decimal(4)), share_of_whole(None, Decimal(4)), share_of_whole(Decimal(0), Decimal(0))
    (Decimal('0.25'), None, None)
    """
    return part / whole if part is not None and whole else None
