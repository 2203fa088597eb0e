"""The form of one programme: a field a parameter with its source, rows for its needs and its budget lines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.workbench import Bench
from dashboard.views.programmes import RESPONSES, is_assumption
from dashboard.views.workbench_words import PARAMETERS, PARTS, UNITS, word
from data.workflows.maxima import TIMES_TODAY
from data.workflows.programme_texts import SOURCED, STATED, SURVEY, YES

FIELD = "workbench-field"  # type of the ids of all fields
LINES_LIST = "workbench-lines"
NOTHING = "-"  # a select shows nothing for an empty value
GROUPS: dict[str, str] = {
    "unit_cost": mark("Unit cost with its range"),
    "capacity": mark("Capacity"),
    "durability_years": mark("Durability"),
    "running_cost": mark("Running cost of a work in later years"),
    "beneficiaries": mark("Persons served today, by the register"),
    "baseline": mark("Money of today, where no budget line feeds it"),
    "floor": mark("Least money"),
    "ceiling": mark("Most money"),
}
REACHES: dict[str, str] = {
    "need": mark("in proportion to who lacks it"),
    "register": mark("as in the register"),
    SURVEY: mark("as an indicator of the survey counts"),
    STATED: mark("shares stated here"),
}
SPLITS: dict[str, str] = {
    "need": mark("in proportion to need"),
    "population": mark("in proportion to people"),
    STATED: mark("shares stated here"),
}
Values = Mapping[str, str]


def field_id(path: str) -> dict[str, str]:
    return {"type": FIELD, "path": path}


def dom_id(path: str) -> str:
    """The id that the field has in the document."""
    return json.dumps(field_id(path), sort_keys=True, separators=(",", ":"))


def form(values: Values, bench: Bench, context: PageContext) -> html.Div:
    """All fields of a programme."""
    _ = context.gettext
    return html.Div(
        [
            fieldset(_("Name and heading"), [text_field(path, values, context) for path in names()]),
            *[sourced_fields(name, values, context) for name in GROUPS],
            lock_fields(values, context),
            split_fields(values, bench, context),
            line_fields(values, bench, context),
            *link_fieldsets(values, bench, context),
            lines_list(bench),
        ],
        className="workbench-form",
    )


def names() -> list[str]:
    return ["name.es", "name.en", "heading.es", "heading.en"]


def fieldset(legend: Any, fields: Sequence[Any], hint: str = "") -> html.Fieldset:
    parts = [html.Legend(legend), html.P(hint, className="hint") if hint else None]
    return html.Fieldset([*parts, html.Div(list(fields), className="workbench-fields")])


def labelled(path: str, label: str, made: Any, is_wide: bool = False) -> html.Div:
    return html.Div(
        [html.Label(label, htmlFor=dom_id(path), className="form-label"), made],
        className="field wide" if is_wide else "field",
    )


def text_field(path: str, values: Values, context: PageContext, label: str = "", **options: Any) -> html.Div:
    """A text, as wide as two numbers."""
    made = dbc.Input(id=field_id(path), type="text", value=values.get(path, ""), debounce=True, **options)
    return labelled(path, label or context.gettext(PARAMETERS[path]), made, is_wide=True)


def number_field(path: str, values: Values, label: str) -> html.Div:
    """A number with its unit in the label; text, so that nothing that is typed gets lost."""
    made = dbc.Input(
        id=field_id(path),
        type="text",
        inputmode="decimal",
        autocomplete="off",
        value=values.get(path, ""),
        debounce=True,
    )
    return labelled(path, label, made)


def choice_field(path: str, values: Values, label: str, options: Sequence[tuple[str, str]]) -> html.Div:
    texts = [{"value": key or NOTHING, "label": text} for key, text in options]
    made = dbc.Select(id=field_id(path), options=texts, value=values.get(path) or NOTHING)
    return labelled(path, label, made)


NO_MAXIMUM = mark(
    "Empty: it is assumed that it may grow to {times} times today's money at most, in each area. Whoever searches for "
    "the best reallocation may change or lift that limit; a maximum that stands here holds."
)


def sourced_fields(name: str, values: Values, context: PageContext) -> html.Fieldset:
    """A parameter: its values with units, its source, and the word *assumption* where it has none."""
    _ = context.gettext
    currency = context.site.currency if context.site else ""
    fields = [
        number_field(path, values, f"{_(PARAMETERS[path])} ({_(UNITS[path], currency=currency)})")
        for path in (f"{name}.{part}" for part in SOURCED[name])
    ]
    source = f"{name}.source"
    is_stated = any(values.get(f"{name}.{part}") for part in SOURCED[name])
    legend: Any = _(GROUPS[name])
    if is_stated and is_assumption(values.get(source, "")):
        legend = [legend, " ", html.Span(_("assumption"), className="assumption")]
    hint = _(NO_MAXIMUM, times=context.formats.number(TIMES_TODAY)) if name == "ceiling" else ""
    return fieldset(legend, [*fields, text_field(source, values, context)], hint)


def lock_fields(values: Values, context: PageContext) -> html.Fieldset:
    _ = context.gettext
    options = [("", _("no: its money may move")), (YES, _("yes: its money stays where it is"))]
    texts = [text_field(path, values, context) for path in ("locked.reason.es", "locked.reason.en", "locked.source")]
    return fieldset(
        _("Earmark"), [choice_field("locked", values, word(PARAMETERS, "locked", context), options), *texts]
    )


def split_fields(values: Values, bench: Bench, context: PageContext) -> html.Fieldset:
    _ = context.gettext
    options = [(key, _(text)) for key, text in SPLITS.items()]
    choice = choice_field("area_split", values, word(PARAMETERS, "area_split", context), options)
    shares = [number_field(f"area_split.{area}", values, f"{name} (%)") for area, name in bench.areas.items()]
    hint = _("Shares count only where they are to be stated here; they add up to 100 %.")
    return fieldset(_("Sectors"), [choice, *shares], hint)


def line_fields(values: Values, bench: Bench, context: PageContext) -> html.Fieldset:
    _ = context.gettext
    fields = []
    for number in rows_of(values, "lines"):
        row = f"lines.{number}"
        options: dict[str, Any] = {"list": LINES_LIST} if bench.lines else {}
        label = _("Budget line {number}", number=str(number + 1))
        fields.append(text_field(f"{row}.code", values, context, label, **options))
        fields.append(number_field(f"{row}.share", values, _("Share of line {number} (%)", number=str(number + 1))))
    year = str(bench.budget_year) if bench.budget_year else "–"
    hint = _(
        "Lines of the budget of {year} and the share of each that feeds the programme. Empty a code to take a line "
        "away; saving gives two more rows.",
        year=year,
    )
    return fieldset(_("Budget lines"), fields, hint)


def lines_list(bench: Bench) -> html.Datalist:
    """Codes that the browser offers while one is typed."""
    return html.Datalist([html.Option(line.label, value=line.code) for line in bench.lines], id=LINES_LIST)


def rows_of(values: Values, name: str) -> list[int]:
    return sorted({int(path.split(".")[1]) for path in values if path.startswith(f"{name}.")})


def link_fieldsets(values: Values, bench: Bench, context: PageContext) -> list[html.Fieldset]:
    return [link_fields(number, values, bench, context) for number in rows_of(values, "serves")]


def link_fields(number: int, values: Values, bench: Bench, context: PageContext) -> html.Fieldset:
    """A need that the programme serves: whom it reaches, how well, up to where."""
    _ = context.gettext
    row = f"serves.{number}"
    needs = [("", "–"), *[(code, context.in_language(label, code)) for code, label in bench.needs.items()]]
    percent = {path: f"{_(PARTS[path]).capitalize()} (%)" for path in PARTS}
    fields = [
        choice_field(f"{row}.need", values, _("Need"), needs),
        choice_field(f"{row}.reach", values, _("Whom it reaches"), [(key, _(text)) for key, text in REACHES.items()]),
        number_field(f"{row}.reach.women", values, percent["reach.women"]),
        number_field(f"{row}.reach.men", values, percent["reach.men"]),
        choice_field(f"{row}.reach.survey", values, word(PARTS, "reach.survey", context).capitalize(), needs),
        number_field(f"{row}.effectiveness", values, percent["effectiveness"]),
        number_field(f"{row}.effectiveness.low", values, percent["effectiveness.low"]),
        number_field(f"{row}.effectiveness.high", values, percent["effectiveness.high"]),
        number_field(f"{row}.ceiling", values, percent["ceiling"]),
        choice_field(
            f"{row}.response",
            values,
            word(PARTS, "response", context).capitalize(),
            [(key, _(text)) for key, text in RESPONSES.items()],
        ),
        text_field(f"{row}.source", values, context, word(PARTS, "source", context).capitalize()),
    ]
    need = values.get(f"{row}.need")
    legend: Any = context.in_language(bench.needs.get(need or ""), need or _("One more need"))
    if need and is_assumption(values.get(f"{row}.source", "")):
        legend = [legend, " ", html.Span(_("assumption"), className="assumption")]
    return fieldset(legend, fields)
