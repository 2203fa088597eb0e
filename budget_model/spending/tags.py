"""Gender tags of budget lines: what a tag states, and whether it is sound. What schemes make of it: `counting.py`.

A tag holds facets that are independent of each other: a marker, Sharp's category, Peru's policy and beneficiary, the
women's share of those who benefit, the inputs of one scheme of attribution, links to needs, and flags that limit a
reallocation. What a tag does not state is unknown, never 0. Who wrote a tag, when and why is kept with its versions.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from budget_model.errors import InputError, Problem
from budget_model.schema_words import Finding, findings, path_text, sentence_of, shown
from budget_model.spending.schemes import Scheme, open_items

NOT_SCREENED = "NS"
METHODS = ("register", "survey", "need_share", "judgement")
OVERLAPS = ("additive", "independent", "nested")
ISO_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
Schemes = Mapping[str, Scheme]


def _exact(value: object) -> object:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _stripped(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value


Text = Annotated[Annotated[str, Field(max_length=2000)] | None, BeforeValidator(_stripped)]
Code = Annotated[Annotated[str, Field(max_length=80)] | None, BeforeValidator(_stripped)]
Number = Annotated[Decimal, BeforeValidator(_exact)]
Percent = Annotated[Annotated[Decimal, Field(ge=0, le=100, decimal_places=4)] | None, BeforeValidator(_exact)]
Weight = Annotated[Decimal, BeforeValidator(_exact), Field(gt=0, le=1, decimal_places=6)]


class TagModel(BaseModel):
    """A part of a tag: no unknown key, no change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NeedLink(TagModel):
    """That the line works on a need: its part of the line's money (weights of a line add up to 1 at most)."""

    need: Annotated[str, Field(min_length=1, max_length=40)]
    weight: Weight
    overlap: Literal["additive", "independent", "nested"] = "independent"


class Attribution(TagModel):
    """What one scheme needs to know to count the line: the answers to its form, or a category and its percentage.

    A scheme that looks at the marker or at the women's share needs nothing besides its name.
    """

    scheme: Annotated[str, Field(min_length=1, max_length=40)]
    answers: dict[str, Number] = Field(default_factory=dict)  # of a form: item -> points
    category: Code = None  # of a stated attribution
    percent: Percent = None  # of a stated attribution: the part of the line


class Tag(TagModel):
    """What is said of a line. Left out is unknown."""

    marker: Annotated[str, Field(max_length=10)] = NOT_SCREENED
    objective: Text = None  # gender equality objective, for the markers 2 and 1
    indicator: Text = None  # by which it is followed
    gap: Text = None  # between women and men, on which it works
    review_on: Code = None  # ISO date, for 0*
    sharp: Code = None
    policy: Code = None
    beneficiary: Code = None
    other_beneficiaries: tuple[str, ...] = ()
    women_share_percent: Percent = None  # of those who benefit
    women_share_method: Literal["register", "survey", "need_share", "judgement"] | None = None
    attribution: Attribution | None = None
    needs: tuple[NeedLink, ...] = ()
    is_locked: bool = False
    lock_law: Text = None  # what earmarks the line
    is_capital: bool = False
    start_year: Annotated[int | None, Field(ge=1990, le=2200)] = None  # first year in which it serves anybody
    proposal: Code = None  # of the participatory budget

    @property
    def is_screened(self) -> bool:
        """Whether anybody has looked at the line with the marker in mind."""
        return self.marker != NOT_SCREENED

    @property
    def women_share(self) -> Decimal | None:
        """The share of women among those who benefit (0-1); None where it is not known, which is not 0."""
        return None if self.women_share_percent is None else self.women_share_percent / 100


FIELDS = tuple(Tag.model_fields)


def parse_tag(document: Mapping[str, Any], schemes: Schemes, needs: Collection[str] | None = None) -> Tag:
    """The tag of a plain document (JSON, YAML, a form).

    needs : ids of the needs that links may name; None leaves them unchecked
    Raises InputError with every problem: unknown keys, wrong values, and what the schemes ask for and is not there.
    """
    try:
        tag = Tag.model_validate(dict(document))
    except ValidationError as refusal:
        wrong = findings(refusal.errors(include_url=False), dict(document))
        raise InputError([_problem(found) for found in wrong]) from None
    problems = list(check_tag(tag, schemes, needs))
    if problems:
        raise InputError(problems)
    return tag


def tag_document(tag: Tag) -> dict[str, Any]:
    """The tag as plain JSON; only what it states, exact numbers as text."""
    document = tag.model_dump(mode="json", exclude_defaults=True)
    return {"marker": tag.marker, **document}


def changed_fields(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Facets of two documents that differ: name -> (earlier, later), None where one does not state it."""
    names = [name for name in FIELDS if earlier.get(name) != later.get(name)]
    return {name: (earlier.get(name), later.get(name)) for name in names}


def check_tag(tag: Tag, schemes: Schemes, needs: Collection[str] | None = None) -> Iterator[Problem]:
    """What is unsound about a tag."""
    yield from _facet_problems(tag, schemes)
    yield from _evidence_problems(tag, schemes)
    yield from _share_problems(tag)
    yield from _need_problems(tag, needs)
    if tag.attribution is not None:
        yield from _attribution_problems(tag, tag.attribution, schemes)
    if tag.is_locked and not tag.lock_law:
        yield Problem("tag_lock_law", "A locked line needs the law that earmarks it. State it.", column="lock_law")


def _problem(found: Finding) -> Problem:
    """A sentence for one finding of the schema."""
    column = path_text(found.path) or None
    if found.kind == "unknown_key":
        message = f"A tag has no facet '{found.path[-1]}'. It has: {', '.join(FIELDS)}."
        return Problem("tag_key_unknown", message, column=column)
    sentence = sentence_of(found)
    message = f"{sentence[:1].upper()}{sentence[1:]}."
    return Problem("tag_value_wrong", message, column=column, value=shown(found.value)[:80])


def _facet_problems(tag: Tag, schemes: Schemes) -> Iterator[Problem]:
    """Codes that the scheme of the facet does not have. The first scheme of a facet is the one that defines it."""
    for facet in ("marker", "sharp", "policy", "beneficiary"):
        scheme = defining_scheme(schemes, facet)
        codes = (getattr(tag, facet), *(tag.other_beneficiaries if facet == "beneficiary" else ()))
        for code in codes:
            if scheme is not None and code is not None and scheme.category(code) is None:
                message = f"'{code}' is no {facet} of {scheme.id}. There are: {', '.join(scheme.codes())}."
                yield Problem("tag_code_unknown", message, column=facet, value=code)
    if tag.other_beneficiaries and tag.beneficiary is None:
        message = "Other beneficiaries are named and no main one. Choose one main beneficiary."
        yield Problem("tag_main_beneficiary", message, column="beneficiary")
    named = [code for code in (tag.beneficiary, *tag.other_beneficiaries) if code is not None]
    for code in sorted({code for code in named if named.count(code) > 1}):
        message = f"The beneficiary '{code}' is named twice. Name each once, the main one apart from the others."
        yield Problem("tag_beneficiary_twice", message, column="other_beneficiaries", value=code)
    if tag.review_on is not None and not _is_date(tag.review_on):
        message = f"'{tag.review_on}' is no date of the calendar. Write it as 2027-03-31."
        yield Problem("tag_date", message, column="review_on", value=tag.review_on)


def _is_date(text: str) -> bool:
    """Whether a text is a day that the calendar has, as YYYY-MM-DD: 2026-02-30 is none."""
    if not ISO_DATE.fullmatch(text):
        return False
    year, month, day = (int(part) for part in text.split("-"))
    return day <= calendar.monthrange(year, month)[1]


def defining_scheme(schemes: Schemes, facet: str) -> Scheme | None:
    """The scheme with the most categories of those that look at a facet."""
    found = [scheme for scheme in schemes.values() if scheme.facet == facet]
    return max(found, key=lambda scheme: len(scheme.categories), default=None)


def _evidence_problems(tag: Tag, schemes: Schemes) -> Iterator[Problem]:
    """What the category of the marker asks for: 2 and 1 an objective, an indicator and a gap; 0* a date of review."""
    scheme = defining_scheme(schemes, "marker")
    category = scheme.category(tag.marker) if scheme else None
    for name in category.needs if category else ():
        if getattr(tag, name) is None:
            message = f"The marker {tag.marker} needs {NEEDED_WORDS[name]}. State it, or choose another marker."
            yield Problem("tag_evidence_missing", message, column=name, facts={"marker": tag.marker, "needs": name})


NEEDED_WORDS = {
    "objective": "an explicit objective of equality",
    "indicator": "an indicator by which the objective is followed",
    "gap": "the gap between women and men on which it works",
    "review_on": "a date on which it is reviewed",
}


def _share_problems(tag: Tag) -> Iterator[Problem]:
    if (tag.women_share_percent is None) != (tag.women_share_method is None):
        message = (
            "The women's share and the way in which it was found belong together: give both, or neither where the "
            f"share is not known. Ways: {', '.join(METHODS)}."
        )
        yield Problem("tag_share_method", message, column="women_share_method")


def _need_problems(tag: Tag, needs: Collection[str] | None) -> Iterator[Problem]:
    names = [link.need for link in tag.needs]
    for name in sorted({name for name in names if names.count(name) > 1}):
        message = f"The need '{name}' is linked twice. Keep one link."
        yield Problem("tag_need_twice", message, column="needs", value=name)
    for name in names:
        if needs is not None and name not in needs:
            message = f"There is no need '{name}' at this site. There are: {', '.join(sorted(needs)[:40])}."
            yield Problem("tag_need_unknown", message, column="needs", value=name)
    total = sum((link.weight for link in tag.needs), Decimal(0))
    if total > 1:
        message = f"The weights of the needs add up to {total.normalize():f}; a line has 1 to give. Lower them."
        yield Problem("tag_need_weights", message, column="needs", value=f"{total:f}")


def _attribution_problems(tag: Tag, stated: Attribution, schemes: Schemes) -> Iterator[Problem]:
    scheme = schemes.get(stated.scheme)
    if scheme is None or not scheme.counts_money:
        known = ", ".join(name for name, one in schemes.items() if one.counts_money)
        message = f"'{stated.scheme}' is no scheme that counts money. There are: {known}."
        yield Problem("tag_scheme_unknown", message, column="attribution.scheme", value=stated.scheme)
        return
    if scheme.kind == "form":
        yield from _form_problems(stated, scheme)
    elif stated.answers:
        message = f"The scheme '{scheme.id}' has no form. Leave the answers out."
        yield Problem("tag_answers_unused", message, column="attribution.answers")
    if scheme.kind == "stated":
        yield from _stated_problems(stated, scheme)
    elif stated.category is not None or stated.percent is not None:
        message = f"The scheme '{scheme.id}' works out category and percentage by itself. Leave them out."
        yield Problem("tag_percent_unused", message, column="attribution.percent")
    if scheme.kind == "share_bands" and tag.women_share is None:
        message = f"The scheme '{scheme.id}' counts the women's share, which is not stated. State it with its method."
        yield Problem("tag_share_missing", message, column="women_share_percent")
    if scheme.kind == "category" and scheme.category(str(getattr(tag, str(scheme.facet)))) is None:
        value = getattr(tag, str(scheme.facet))
        message = f"The scheme '{scheme.id}' does not know the {scheme.facet} '{value}'. Choose another scheme."
        yield Problem("tag_outside_scheme", message, column="attribution.scheme", value=scheme.id)


def _form_problems(stated: Attribution, scheme: Scheme) -> Iterator[Problem]:
    items = scheme.items()
    for code, points in stated.answers.items():
        column = f"attribution.answers.{code}"
        if code not in items:
            message = f"The form of '{scheme.id}' has no question '{code}'. It has: {', '.join(items)}."
            yield Problem("tag_item_unknown", message, column=column, value=code)
        elif points not in items[code].scores:
            scores = ", ".join(f"{score:f}" for score in items[code].scores)
            message = f"Question {code} gives {scores} points, not {points:f}. Choose one of them."
            yield Problem("tag_item_points", message, column=column, value=f"{points:f}")
    missing = open_items(scheme, stated.answers)
    if missing:
        message = f"Questions without an answer: {', '.join(missing)}. No answer is not 0 points: answer each."
        yield Problem("tag_form_incomplete", message, column="attribution.answers", facts={"items": list(missing)})


def _stated_problems(stated: Attribution, scheme: Scheme) -> Iterator[Problem]:
    category = scheme.category(stated.category)
    if category is None:
        message = f"'{stated.category}' is no category of '{scheme.id}'. There are: {', '.join(scheme.codes())}."
        yield Problem("tag_category_unknown", message, column="attribution.category", value=stated.category)
    elif category.share is None and stated.percent is None:
        message = f"State which percentage of the line belongs to category {category.code} of '{scheme.id}'."
        yield Problem("tag_percent_missing", message, column="attribution.percent")
    elif category.share is not None and stated.percent not in (None, category.share * 100):
        message = (
            f"Category {category.code} of '{scheme.id}' always counts {category.share * 100:f} % of the line, so that "
            f"{stated.percent:f} % would be ignored. Leave the percentage out, or choose another category."
        )
        yield Problem("tag_percent_fixed", message, column="attribution.percent", value=f"{stated.percent:f}")
