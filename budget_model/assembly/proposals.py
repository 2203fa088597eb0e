"""What a proposal says, and what is wrong with what somebody wrote. Knows nothing of files and of the store."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from budget_model.errors import Problem

SUBMITTED, FEASIBLE, NOT_FEASIBLE, NEEDS_WORK, MERGED, WITHDRAWN = STATES = (
    "submitted",
    "feasible",
    "not_feasible",
    "needs_work",
    "merged",
    "withdrawn",
)
COLUMNS = (
    "code", "title_es", "title_en", "description_es", "description_en", "zone", "cost", "category", "need",
    "women", "men", "unit_cost", "state", "reason", "excludes", "merged_into",
    "longitude", "latitude", "photo", "photo_text_es", "photo_text_en",
)  # fmt: skip
LONGEST = {"title_es": 200, "title_en": 200, "description_es": 5000, "description_en": 5000}
LONGEST |= {"category": 80, "reason": 1000, "need": 40, "zone": 80, "photo_text_es": 300, "photo_text_en": 300}
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")  # no comma, which separates choices in a ballot
AMOUNT = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2}0*)?")
PERSONS = re.compile(r"[0-9]{1,8}(?:\.0+)?")  # a workbook may say 12.0
DEGREES = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?")
PHOTO = re.compile(r"[0-9a-f]{64}")
FARTHEST = {"longitude": 180, "latitude": 90}
SIXTH = Decimal("0.000001")  # of a degree: a hand's breadth
NOT_PRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SEPARATORS = re.compile(r"[\s,;|]+")


@dataclass(frozen=True)
class ProposalRecord:
    """A proposal as somebody enters it. Money in currency, exact; persons a year; WGS 84. None: not stated."""

    code: str
    title: Mapping[str, str]  # by language
    description: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""  # code of an area; "" is the whole site
    cost: Decimal | None = None
    category: str = ""
    need: str = ""  # code of an indicator; "" where it answers none
    women: int | None = None
    men: int | None = None
    unit_cost: Decimal | None = None  # a person and year
    state: str = SUBMITTED
    reason: str = ""
    excludes: tuple[str, ...] = ()
    merged_into: str = ""  # code of the proposal that it became part of
    longitude: Decimal | None = None
    latitude: Decimal | None = None
    photo: str = ""  # SHA-256 of the picture that is kept; "" where there is none
    photo_text: Mapping[str, str] = field(default_factory=dict)  # what it shows, by language


def parse_proposal(cells: Mapping[str, str]) -> tuple[ProposalRecord | None, list[Problem]]:
    """A record from texts by COLUMNS, or every problem with its column; cells that are left out are empty."""
    texts = {name: cells.get(name, "").strip() for name in COLUMNS}
    problems = [*_text_problems(texts), *_number_problems(texts), *_review_problems(texts)]
    problems += [*_place_problems(texts), *_photo_problems(texts)]
    return (None, problems) if problems else (_record(texts), [])


def cells_of(record: ProposalRecord) -> dict[str, str]:
    """The texts that `parse_proposal` reads back to the same record."""
    return {
        "code": record.code,
        "title_es": record.title.get("es", ""),
        "title_en": record.title.get("en", ""),
        "description_es": record.description.get("es", ""),
        "description_en": record.description.get("en", ""),
        "zone": record.zone,
        "cost": _shown(record.cost),
        "category": record.category,
        "need": record.need,
        "women": _shown(record.women),
        "men": _shown(record.men),
        "unit_cost": _shown(record.unit_cost),
        "state": record.state,
        "reason": record.reason,
        "excludes": " ".join(record.excludes),
        "merged_into": record.merged_into,
        "longitude": _shown(record.longitude),
        "latitude": _shown(record.latitude),
        "photo": record.photo,
        "photo_text_es": record.photo_text.get("es", ""),
        "photo_text_en": record.photo_text.get("en", ""),
    }


def exclusive_pairs_of(records: Sequence[ProposalRecord]) -> tuple[frozenset[str], ...]:
    """Pairs of which only one may win, whichever of the two names the other."""
    pairs = {frozenset((one.code, other)) for one in records for other in one.excludes}
    return tuple(sorted(pairs, key=sorted))


def _shown(value: Decimal | int | None) -> str:
    return "" if value is None else str(value)


def _record(texts: Mapping[str, str]) -> ProposalRecord:
    others = tuple(dict.fromkeys(part for part in SEPARATORS.split(texts["excludes"]) if part))
    return ProposalRecord(
        code=texts["code"],
        title=_by_language(texts, "title"),
        description=_by_language(texts, "description"),
        zone=texts["zone"],
        cost=_amount(texts["cost"]),
        category=texts["category"],
        need=texts["need"],
        women=_persons(texts["women"]),
        men=_persons(texts["men"]),
        unit_cost=_amount(texts["unit_cost"]),
        state=texts["state"] or SUBMITTED,
        reason=texts["reason"],
        excludes=others,
        merged_into=texts["merged_into"],
        longitude=_degrees(texts["longitude"]),
        latitude=_degrees(texts["latitude"]),
        photo=texts["photo"],
        photo_text=_by_language(texts, "photo_text") if texts["photo"] else {},
    )


def _by_language(texts: Mapping[str, str], name: str) -> dict[str, str]:
    return {language: texts[f"{name}_{language}"] for language in ("es", "en") if texts[f"{name}_{language}"]}


def _degrees(text: str) -> Decimal | None:
    return Decimal(text).quantize(SIXTH) if text else None


def _amount(text: str) -> Decimal | None:
    return Decimal(text).quantize(Decimal("0.01")) if text else None


def _persons(text: str) -> int | None:
    return int(text.partition(".")[0]) if text else None


def _text_problems(texts: Mapping[str, str]) -> Iterator[Problem]:
    if not CODE.fullmatch(texts["code"]):
        message = f"'{texts['code'][:40]}' is no code. Use up to 40 letters, digits, points and hyphens, such as P-01."
        yield Problem("proposal-code", message, column="code", value=texts["code"][:40])
    if not texts["title_es"] and not texts["title_en"]:
        message = "The proposal has no title. Write one in title_es or title_en."
        yield Problem("proposal-title", message, column="title_es")
    for name, most in LONGEST.items():
        if len(texts[name]) > most:
            message = f"The text has {len(texts[name]):,} letters, and {most:,} are allowed. Shorten it."
            yield Problem("proposal-long", message, column=name, facts={"most": most, "found": len(texts[name])})
    for name, text in texts.items():
        if NOT_PRINTABLE.search(text):
            message = "The text holds a control character, which is no letter. Type it anew."
            yield Problem("proposal-control", message, column=name)


def _number_problems(texts: Mapping[str, str]) -> Iterator[Problem]:
    for name in ("cost", "unit_cost"):
        text = texts[name]
        if text and (not AMOUNT.fullmatch(text) or not Decimal(text)):
            message = (
                f"'{text[:40]}' is no price. Write an amount above 0 with a decimal point and no marks between "
                "thousands, such as 1500.50; leave it empty where it is not known."
            )
            yield Problem("proposal-amount", message, column=name, value=text[:40])
    for name in ("women", "men"):
        if texts[name] and not PERSONS.fullmatch(texts[name]):
            message = f"'{texts[name][:40]}' is no number of persons. Write a whole number, or leave it empty."
            yield Problem("proposal-persons", message, column=name, value=texts[name][:40])


def _review_problems(texts: Mapping[str, str]) -> Iterator[Problem]:
    state = texts["state"] or SUBMITTED
    if state not in STATES:
        message = f"'{state[:40]}' is no state of review. Use {', '.join(STATES)}."
        yield Problem("proposal-state", message, column="state", value=state[:40])
    if state != SUBMITTED and not texts["reason"]:
        message = f"The state '{state[:40]}' needs its reason. Write it in the column reason."
        yield Problem("proposal-reason", message, column="reason")
    if state not in (SUBMITTED, MERGED, WITHDRAWN) and not texts["cost"]:
        message = f"The state '{state[:40]}' needs the price that the review found. Write it in the column cost."
        yield Problem("proposal-price", message, column="cost")
    if texts["code"] and texts["code"] in SEPARATORS.split(texts["excludes"]):
        message = "The proposal excludes itself. Name the other one of the pair."
        yield Problem("proposal-excludes", message, column="excludes", value=texts["code"][:40])
    yield from _merging_problems(texts, state)


def _merging_problems(texts: Mapping[str, str], state: str) -> Iterator[Problem]:
    target = texts["merged_into"]
    if state == MERGED and not target:
        message = "The proposal was merged, and it is not said into which. Write its code in the column merged_into."
        yield Problem("proposal-merged-nowhere", message, column="merged_into")
    if state != MERGED and target:
        message = f"The column merged_into names '{target[:40]}', and the state is not merged. Change one of them."
        yield Problem("proposal-merged-state", message, column="merged_into", value=target[:40])
    if target and target == texts["code"]:
        message = "The proposal is merged into itself. Name the one that goes on."
        yield Problem("proposal-merged-self", message, column="merged_into", value=target[:40])


def _place_problems(texts: Mapping[str, str]) -> Iterator[Problem]:
    for name, most in FARTHEST.items():
        text = texts[name]
        if text and (not DEGREES.fullmatch(text) or abs(Decimal(text)) > most):
            message = f"'{text[:40]}' is no {name}. Write degrees from -{most} to {most}, such as -12.213456."
            yield Problem("proposal-degrees", message, column=name, value=text[:40], facts={"most": most})
    if bool(texts["longitude"]) != bool(texts["latitude"]):
        missing = "latitude" if texts["longitude"] else "longitude"
        message = f"A place needs longitude and latitude, and {missing} is empty. Write both, or neither."
        yield Problem("proposal-half-place", message, column=missing)


def _photo_problems(texts: Mapping[str, str]) -> Iterator[Problem]:
    if texts["photo"] and not PHOTO.fullmatch(texts["photo"]):
        message = "The column photo names a photo as an export does. Leave it empty; photos are sent with the form."
        yield Problem("proposal-photo-name", message, column="photo", value=texts["photo"][:40])
    if texts["photo"] and not texts["photo_text_es"] and not texts["photo_text_en"]:
        message = "The photo has no words for those who do not see it. Write what it shows."
        yield Problem("proposal-photo-text", message, column="photo_text_es")
