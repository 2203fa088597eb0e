"""Review desk: the form of a tag -> the document of a tag; a tag and its history -> words. No Dash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from budget_model.errors import InputError, Problem
from budget_model.spending.schemes import Scheme, form_score, open_items, shown_points
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.shown_errors import problem_sentence
from dashboard.views.tags_words import FACETS, SHARE_METHODS, value_text
from data.readers.typed_numbers import plain_text

TEXTS = ("objective", "indicator", "gap", "review_on", "lock_law", "proposal")
CODES = ("marker", "sharp", "policy", "beneficiary", "women_share_method")
FLAGS = ("is_locked", "is_capital")
NEED_ROWS = 3  # at least, of the form
HGDG = "ph_hgdg"
WITH_SCHEME = {"marker": "oecd_dac", "sharp": "sharp", "policy": "pe_lio", "beneficiary": "pe_beneficiary"}
Values = Mapping[str, Any]
Schemes = Mapping[str, Scheme]


def content_of(values: Values, answers: Mapping[str, str]) -> dict[str, Any]:
    """The facets that a form states; an empty field is a facet that is not known.

    values : field -> value; answers : item of the HGDG form -> points as text, "" without an answer
    """
    content: dict[str, Any] = {name: text for name in (*TEXTS, *CODES) if (text := _text(values.get(name)))}
    content |= {name: True for name in FLAGS if values.get(name)}
    content |= _lists(values)
    if percent := _text(values.get("women_share_percent")):
        content["women_share_percent"] = _decimal(percent)
    if year := _text(values.get("start_year")):
        content["start_year"] = int(year) if year.isdigit() else year
    if attribution := attribution_of(values, answers):
        content["attribution"] = attribution
    return content


def _lists(values: Values) -> dict[str, Any]:
    others = [str(one) for one in values.get("other_beneficiaries") or ()]
    needs = [
        {
            "need": need,
            "weight": _decimal(_text(values.get(f"need.{row}.weight")) or "1"),
            "overlap": _text(values.get(f"need.{row}.overlap")) or "independent",
        }
        for row in need_rows(values)
        if (need := _text(values.get(f"need.{row}.id")))
    ]
    return {**({"other_beneficiaries": others} if others else {}), **({"needs": needs} if needs else {})}


def need_rows(values: Values) -> list[str]:
    return sorted({name.split(".")[1] for name in values if name.startswith("need.")}, key=int)


def attribution_of(values: Values, answers: Mapping[str, str]) -> dict[str, Any] | None:
    """What one scheme needs to count the line; None where no scheme is chosen."""
    scheme = _text(values.get("scheme"))
    if not scheme:
        return None
    stated: dict[str, Any] = {"scheme": scheme}
    if scheme == HGDG:
        stated["answers"] = {item: points for item, points in answers.items() if points}
    if category := _text(values.get("category")):
        stated["category"] = category
    if percent := _text(values.get("percent")):
        stated["percent"] = _decimal(percent)
    return stated


def _text(value: Any) -> str:
    text = str(value if value is not None else "").strip()
    return "" if text == "-" else text


def _decimal(text: str) -> str:
    """With a decimal point; what is no number, or may be two, stays, and is refused by the checks of tags."""
    return plain_text(text) or ""


def form_values(content: Mapping[str, Any], rationale: str = "", evidence: Sequence[str] = ()) -> dict[str, Any]:
    """The fields of the form for a tag."""
    attribution = content.get("attribution") or {}
    values: dict[str, Any] = {name: content.get(name) for name in (*TEXTS, *CODES, *FLAGS)}
    values |= {
        "women_share_percent": content.get("women_share_percent"),
        "start_year": content.get("start_year"),
        "other_beneficiaries": list(content.get("other_beneficiaries") or ()),
        "scheme": attribution.get("scheme"),
        "category": attribution.get("category"),
        "percent": attribution.get("percent"),
        "rationale": rationale,
        "evidence": "\n".join(evidence),
    }
    links = list(content.get("needs") or ())
    for row in range(max(NEED_ROWS, len(links) + 1)):
        link = links[row] if row < len(links) else {}
        values |= {
            f"need.{row}.id": link.get("need"),
            f"need.{row}.weight": link.get("weight"),
            f"need.{row}.overlap": link.get("overlap"),
        }
    return values


def item_answers(content: Mapping[str, Any]) -> dict[str, str]:
    """Points of the HGDG form that a tag states, by item."""
    return {str(item): str(points) for item, points in (content.get("attribution") or {}).get("answers", {}).items()}


THIRDS = mark(
    "Points printed as 0.33 and 0.67 are thirds of a point and are counted exactly: three times 0.67 are 2, "
    "three times 0.33 are 1."
)


def score_sentence(scheme: Scheme, answers: Mapping[str, str], context: PageContext) -> str:
    """The points so far, and which share of the line follows once every question is answered."""
    _, number = context.gettext, context.formats.number
    points = {item: Decimal(text) for item, text in answers.items() if text and item in scheme.items()}
    open_ = open_items(scheme, points)
    thirds = f" {_(THIRDS)}" if any(item.exact for item in scheme.items().values()) else ""
    if open_:
        told = _(
            "{open} questions are still without an answer. No answer is not 0 points: the form counts only when it is "
            "complete.",
            open=number(len(open_)),
        )
        return told + thirds
    score = form_score(scheme, points)
    band = scheme.band(score)
    told = _(
        "{score} of 20 points: {band}.",
        score=number(shown_points(score), 2),
        band=context.in_language(band.label) if band else "–",
    )
    return told + thirds


def tag_rows(content: Mapping[str, Any], schemes: Mapping[str, Scheme], context: PageContext) -> list[list[str]]:
    """Facets that a tag states, in words."""
    names = [name for name in FACETS if name in content and name != "state"]
    return [[context.gettext(FACETS[name]), facet_text(name, content[name], schemes, context)] for name in names]


def facet_text(name: str, value: Any, schemes: Mapping[str, Scheme], context: PageContext) -> str:
    """A facet's value with the label of its code."""
    _ = context.gettext
    if name in WITH_SCHEME and value is not None:
        return code_label(schemes[WITH_SCHEME[name]], str(value), context)
    if name == "other_beneficiaries" and isinstance(value, list):
        return ", ".join(code_label(schemes[WITH_SCHEME["beneficiary"]], str(code), context) for code in value)
    if name == "women_share_method" and value in SHARE_METHODS:
        return _(SHARE_METHODS[value])
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "attribution" and isinstance(value, Mapping):
        return attribution_text(value, schemes, context)
    if name == "needs" and isinstance(value, list):
        return ", ".join(f"{link['need']} ({link['weight']})" for link in value)
    return value_text(name, value, context)


def attribution_text(value: Mapping[str, Any], schemes: Mapping[str, Scheme], context: PageContext) -> str:
    scheme = schemes.get(str(value.get("scheme")))
    label = context.in_language(scheme.label) if scheme else str(value.get("scheme"))
    if scheme is not None and scheme.kind == "form":
        return f"{label}: {score_sentence(scheme, item_answers({'attribution': value}), context)}"
    more = [str(value[key]) + (" %" if key == "percent" else "") for key in ("category", "percent") if value.get(key)]
    return ": ".join([label, *([", ".join(more)] if more else [])])


def code_label(scheme: Scheme, code: str, context: PageContext) -> str:
    """`2 · Principal`; of a code that is a word (women) the label alone."""
    category = scheme.category(code)
    if category is None:
        return code
    label = context.in_language(category.label)
    return label if code.isalpha() and code.islower() else f"{code} · {label}"


def change_rows(
    changes: Mapping[str, tuple[Any, Any]], schemes: Mapping[str, Scheme], context: PageContext
) -> list[str]:
    """What a step changed, a facet each."""
    return [
        f"{context.gettext(FACETS.get(name, name))}: {facet_text(name, old, schemes, context)} → "
        f"{facet_text(name, new, schemes, context)}"
        for name, (old, new) in changes.items()
    ]


def refusal_sentences(refusal: InputError, context: PageContext) -> list[str]:
    """Every problem, with the facet that it is about."""
    return list(dict.fromkeys(_with_facet(problem, context) for problem in refusal.problems))


def _with_facet(problem: Problem, context: PageContext) -> str:
    sentence = problem_sentence(problem, context)
    facet = FACETS.get((problem.column or "").partition(".")[0])
    return f"{context.gettext(facet)}: {sentence}" if facet else sentence
