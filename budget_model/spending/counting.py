"""What a scheme makes of tags: the class of a line, the share of its amount that counts, and totals. One scheme a time.

There is no sum over schemes here: each has its own idea of what counts, and money would be counted several times.
Lines that nobody has screened stay out of every denominator and are shown beside it. What is unknown is never 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from budget_model.spending.schemes import Scheme, form_score, open_items
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
        return Counted(band.code if band else None, band.share if band else None, score=score)
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
    """Lines of one class. `counted`: amount times the share that the scheme counts; None where it counts no money."""

    code: str
    lines: int
    amount: Decimal
    counted: Decimal | None


@dataclass(frozen=True)
class SchemeTotals:
    """Totals of one stage by one scheme.

    classes : every class of the scheme in its order, also those without lines
    uncounted : reason -> lines and amount about which the scheme can say nothing
    screened : amount of all lines that have a class, the denominator of shares
    counted : what the scheme counts; None where it counts no money
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
    """Exact totals of one stage by the classes of one scheme."""
    classes: dict[str, list[tuple[Decimal, Decimal]]] = {code: [] for code in scheme.codes()}
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
                classes.setdefault(found.code, []).append((amount, amount * (found.share or Decimal(0))))
        done = tuple(_class_total(code, parts, scheme) for code, parts in classes.items())
        counted = sum((part.counted for part in done if part.counted is not None), Decimal(0))
    return SchemeTotals(
        scheme.id,
        stage,
        done,
        {reason: (len(amounts), sum(amounts, Decimal(0))) for reason, amounts in unknown.items()},
        total,
        sum((part.amount for part in done), Decimal(0)),
        counted if scheme.counts_money else None,
        without_amount,
    )


def placed(tag: Tag | None, scheme: Scheme) -> Counted:
    """Where a scheme puts a tag; of a scheme that counts no money the class alone, or why there is none."""
    if scheme.counts_money:
        return count(tag, scheme)
    code = classify(tag, scheme)
    category = scheme.category(code)
    if code == NOT_SCREENED or (category is not None and not category.is_screened):
        return Counted(code, None, "not_screened")
    return Counted(code, None, "counted" if code is not None else "not_stated")


def _class_total(code: str, parts: list[tuple[Decimal, Decimal]], scheme: Scheme) -> ClassTotal:
    amount = sum((whole for whole, _ in parts), Decimal(0))
    counted = sum((part for _, part in parts), Decimal(0)) if scheme.counts_money else None
    return ClassTotal(code, len(parts), amount, counted)


def share_of_whole(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Part / whole (0-1), both in the same currency; None where either is unknown or the whole is 0.

    >>> share_of_whole(Decimal(1), Decimal(4)), share_of_whole(None, Decimal(4)), share_of_whole(Decimal(0), Decimal(0))
    (Decimal('0.25'), None, None)
    """
    return part / whole if part is not None and whole else None
