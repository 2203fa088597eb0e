"""Review desk: the form of one tag, with the questions of the HGDG checklist."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from budget_model.spending.schemes import Scheme
from budget_model.spending.tags import OVERLAPS
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.views.review_tags import HGDG, WITH_SCHEME, code_label, item_answers, need_rows, score_sentence
from dashboard.views.tags_words import FACETS, SHARE_METHODS

FIELD, ITEM = "review-field", "review-item"  # types of the ids of fields, and of the HGDG form's questions
SCORE = "review-score"
NOTHING = "-"  # a select shows nothing for an empty value
OVERLAP_WORDS = {
    "independent": mark("independent of other lines"),
    "additive": mark("other people than other lines"),
    "nested": mark("the same people as other lines"),
}
NEED_PARTS = {"id": mark("Need {number}"), "weight": mark("Its part (0–1)"), "overlap": mark("Whom it reaches")}
Values = Mapping[str, Any]


def field_id(path: str) -> dict[str, str]:
    return {"type": FIELD, "path": path}


def item_id(code: str) -> dict[str, str]:
    return {"type": ITEM, "path": code}


def dom_id(component_id: Mapping[str, str]) -> str:
    """The id that a field has in the document."""
    return json.dumps(component_id, sort_keys=True, separators=(",", ":"))


def tag_form(
    values: Values,
    content: Mapping[str, Any],
    schemes: Mapping[str, Scheme],
    needs: Mapping[str, Mapping[str, str]],
    context: PageContext,
) -> html.Div:
    """All facets of a tag. Nothing is filled in that the tag does not say."""
    return html.Div(
        [
            marker_fields(values, schemes, context),
            who_fields(values, schemes, context),
            attribution_fields(values, content, schemes, context),
            need_fields(values, needs, context),
            limit_fields(values, context),
            reason_fields(values, context),
        ],
        className="review-form",
    )


def marker_fields(values: Values, schemes: Mapping[str, Scheme], context: PageContext) -> html.Fieldset:
    _ = context.gettext
    hint = _(
        "2 and 1 need objective, indicator and gap; 0* needs a date of review (2027-03-31). “Not screened” is not 0."
    )
    return fieldset(
        _("What the line is for"),
        [
            code_field("marker", values, schemes, context),
            code_field("sharp", values, schemes, context),
            *[text_field(name, values, context) for name in ("objective", "indicator", "gap", "review_on")],
        ],
        hint,
    )


def who_fields(values: Values, schemes: Mapping[str, Scheme], context: PageContext) -> html.Fieldset:
    """Policy × beneficiary, and the women's share with the way in which it is known."""
    _ = context.gettext
    hint = _(
        "The women's share is stated only where it is known, with how it is known; left empty it is unknown, not 0."
    )
    methods = [(code, _(words)) for code, words in SHARE_METHODS.items()]
    return fieldset(
        _("Whom it benefits"),
        [
            code_field("policy", values, schemes, context),
            code_field("beneficiary", values, schemes, context),
            others_field(values, schemes, context),
            text_field("women_share_percent", values, context, inputmode="decimal"),
            select_field("women_share_method", facet_label("women_share_method", context), methods, values),
        ],
        hint,
    )


def others_field(values: Values, schemes: Mapping[str, Scheme], context: PageContext) -> html.Details:
    """Other beneficiaries: boxes, folded."""
    scheme = schemes[WITH_SCHEME["beneficiary"]]
    options = [{"label": context.in_language(one.label), "value": one.code} for one in scheme.categories]
    boxes = dbc.Checklist(
        id=field_id("other_beneficiaries"), options=options, value=values.get("other_beneficiaries") or []
    )
    is_open = bool(values.get("other_beneficiaries"))
    return html.Details(
        [html.Summary(facet_label("other_beneficiaries", context)), boxes], className="wide", open=is_open
    )


def attribution_fields(
    values: Values, content: Mapping[str, Any], schemes: Mapping[str, Scheme], context: PageContext
) -> html.Fieldset:
    """By which one scheme the money of the line counts; the HGDG form folded below."""
    _ = context.gettext
    counting = [(name, context.in_language(one.label)) for name, one in schemes.items() if one.counts_money]
    stated = [scheme for scheme in schemes.values() if scheme.kind == "stated"]
    categories = [(one.code, code_label(scheme, one.code, context)) for scheme in stated for one in scheme.categories]
    return fieldset(
        _("How its money counts"),
        [
            select_field("scheme", _("Scheme of attribution (one)"), counting, values),
            select_field("category", _("Category (Mexico, Annex 13 only)"), categories, values),
            text_field(
                "percent", values, context, _("Percentage (Mexico, Annex 13 only)"), inputmode="decimal", is_wide=False
            ),
            hgdg_form(schemes[HGDG], item_answers(content), values.get("scheme") == HGDG, context),
        ],
        _("Money counted by one scheme is never added to money counted by another."),
    )


def hgdg_form(scheme: Scheme, answers: Mapping[str, str], is_open: bool, context: PageContext) -> html.Details:
    """The questions of the checklist, ten elements of two points; each has its own answers."""
    _ = context.gettext
    parts: list[Any] = [html.Summary(_("HGDG checklist: 10 elements, 20 points"))]
    for element in scheme.elements:
        questions = [item_field(item, answers, context) for item in element.items]
        legend = html.Legend(f"{element.code} · {context.in_language(element.label)}")
        parts.append(html.Fieldset([legend, *questions], className="hgdg-element"))
    score = html.P(score_sentence(scheme, answers, context), id=SCORE, role="status", className="hgdg-score")
    return html.Details([*parts, score], open=is_open, className="wide hgdg")


def item_field(item: Any, answers: Mapping[str, str], context: PageContext) -> html.Div:
    words = answer_words(len(item.scores), context)
    options = [
        {"value": f"{score:f}", "label": f"{context.formats.number(score, decimals_of(score))} · {word}"}
        for score, word in zip(item.scores, words, strict=True)
    ]
    made = dbc.Select(
        id=item_id(item.code),
        options=[{"value": NOTHING, "label": context.gettext("not answered")}, *options],
        value=answers.get(item.code) or NOTHING,
    )
    return labelled_by(item_id(item.code), f"{item.code} {context.in_language(item.question)}", made, is_wide=True)


def decimals_of(score: Any) -> int:
    return max(0, -score.normalize().as_tuple().exponent)


def answer_words(count: int, context: PageContext) -> list[str]:
    """What the points of a question mean: no, partly, yes."""
    _ = context.gettext
    return [_("no"), *[_("partly")] * (count - 2), _("yes")]


def need_fields(
    values: Values, needs: Mapping[str, Mapping[str, str]], context: PageContext
) -> html.Fieldset | html.Details:
    """Links to needs: which, what part of the line's money, and whether others reach the same people."""
    _ = context.gettext
    options = [(code, f"{code} · {context.in_language(label, code)}") for code, label in needs.items()]
    overlaps = [(code, _(OVERLAP_WORDS[code])) for code in OVERLAPS]
    rows = []
    for row in need_rows(values):
        number = {"number": str(int(row) + 1)}
        labels = {part: _(words).format(**number) for part, words in NEED_PARTS.items()}
        hidden = {part: f"{labels['id']}: {words}" for part, words in labels.items() if part != "id"}
        rows.append(
            html.Div(
                [
                    select_field(f"need.{row}.id", labels["id"], options, values),
                    text_field(f"need.{row}.weight", values, context, hidden["weight"], False, inputmode="decimal"),
                    select_field(f"need.{row}.overlap", hidden["overlap"], overlaps, values, "independent"),
                ],
                className="review-need",
            )
        )
    hint = _("The parts of the needs add up to 1 at most, which is all of the line's money.")
    body = [html.Summary(facet_label("needs", context)), html.P(hint, className="hint"), *rows]
    return html.Details(
        body, open=any(values.get(f"need.{row}.id") for row in need_rows(values)), className="review-fold"
    )


def limit_fields(values: Values, context: PageContext) -> html.Details:
    """Flags that limit a reallocation."""
    _ = context.gettext
    fields = [
        flag_field("is_locked", values, context),
        text_field("lock_law", values, context),
        flag_field("is_capital", values, context),
        text_field("start_year", values, context, is_wide=False, inputmode="numeric"),
        text_field("proposal", values, context, is_wide=False),
    ]
    is_open = any(values.get(name) for name in ("is_locked", "is_capital", "start_year", "proposal"))
    body = [html.Summary(_("Earmarked, capital, proposal")), html.Div(fields, className="review-fields")]
    return html.Details(body, open=is_open, className="review-fold")


def reason_fields(values: Values, context: PageContext) -> html.Fieldset:
    _ = context.gettext
    return fieldset(
        _("Why"),
        [
            area_field("rationale", _("Rationale"), values, 3),
            area_field("evidence", _("Evidence: documents or addresses, one a line"), values, 2),
        ],
    )


def facet_label(facet: str, context: PageContext) -> str:
    return context.gettext(FACETS[facet])


# --- pieces --------------------------------------------------------------------------------------------------------


def fieldset(legend: str, fields: Sequence[Any], hint: str = "") -> html.Fieldset:
    parts = [html.Legend(legend), html.P(hint, className="hint") if hint else None]
    return html.Fieldset([*parts, html.Div(list(fields), className="review-fields")])


def labelled(path: str, label: str, made: Any, is_wide: bool = False) -> html.Div:
    return labelled_by(field_id(path), label, made, is_wide)


def labelled_by(component_id: Any, label: str, made: Any, is_wide: bool = False) -> html.Div:
    """A field with its label; `component_id` is a name or the id of a field."""
    place = component_id if isinstance(component_id, str) else dom_id(component_id)
    head = html.Label(label, htmlFor=place, className="form-label")
    return html.Div([head, made], className="field wide" if is_wide else "field")


def text_field(
    path: str, values: Values, context: PageContext, label: str = "", is_wide: bool | None = None, **options: Any
) -> html.Div:
    made = dbc.Input(
        id=field_id(path), type="text", value=_shown(values.get(path)), autocomplete="off", debounce=True, **options
    )
    wide = path in ("objective", "indicator", "gap", "lock_law") if is_wide is None else is_wide
    return labelled(path, label or context.gettext(FACETS[path]), made, wide)


def area_field(path: str, label: str, values: Values, rows: int) -> html.Div:
    made = dbc.Textarea(id=field_id(path), value=_shown(values.get(path)), rows=rows, debounce=True)
    return labelled(path, label, made, is_wide=True)


def select_field(
    path: str, label: str, options: Sequence[tuple[str, str]], values: Values, default: str = NOTHING
) -> html.Div:
    texts = [{"value": key, "label": text} for key, text in options]
    nothing = [{"value": NOTHING, "label": "–"}] if default == NOTHING else []
    value = _shown(values.get(path)) or default
    return labelled(path, label, dbc.Select(id=field_id(path), options=[*nothing, *texts], value=value))


def code_field(facet: str, values: Values, schemes: Mapping[str, Scheme], context: PageContext) -> html.Div:
    scheme = schemes[WITH_SCHEME[facet]]
    options = [(one.code, code_label(scheme, one.code, context)) for one in scheme.categories]
    default = "NS" if facet == "marker" else NOTHING
    return select_field(facet, context.gettext(FACETS[facet]), options, values, default)


def flag_field(path: str, values: Values, context: PageContext) -> html.Div:
    made = dbc.Checkbox(id=field_id(path), label=context.gettext(FACETS[path]), value=bool(values.get(path)))
    return html.Div(made, className="field flag")


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
