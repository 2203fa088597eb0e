"""The form of a focus group session: its fields, and from what was typed to a record."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from budget_model.errors import InputError, Problem
from budget_model.needs.focus_groups import AGE_BANDS, GROUPS, METHODS
from dashboard.components import select
from dashboard.context import PageContext
from dashboard.services.focus_groups import FocusBoard, NeedInfo, SessionToEdit
from dashboard.views import focus_words as words
from dashboard.views.focus_groups import SEX_NAMES, number_text
from dashboard.views.words import GROUPS as GROUP_NAMES
from dashboard.views.words import dimension_name
from data.readers.focus_groups import SEX_OF, FocusGroupRecord
from data.readers.typed_numbers import plain_text

WHOLE_NUMBER = re.compile(r"\d{1,4}")
SCORE = re.compile(r"\d{1,7}(\.\d{1,2})?")
WHOLE_SITE = "*"  # a select shows nothing for an empty value; no area has this code


class FormIds(StrEnum):
    """Fields of the form."""

    FORM = "focus-form"
    EDITED = "focus-edited"
    HELD_ON = "focus-held-on"
    AREA = "focus-session-area"
    PLACE = "focus-place"
    COMPOSITION = "focus-composition"
    FACILITATOR = "focus-facilitator"
    METHOD = "focus-method"
    FINDINGS = "focus-findings"
    QUOTES = "focus-quotes"
    REASON = "focus-reason"


FIELDS = {
    "edited": (FormIds.EDITED, "data"),
    "held_on": (FormIds.HELD_ON, "value"),
    "area": (FormIds.AREA, "value"),
    "place": (FormIds.PLACE, "value"),
    "composition": (FormIds.COMPOSITION, "value"),
    "facilitator": (FormIds.FACILITATOR, "value"),
    "method": (FormIds.METHOD, "value"),
    "findings": (FormIds.FINDINGS, "value"),
    "quotes": (FormIds.QUOTES, "value"),
    "reason": (FormIds.REASON, "value"),
}


def people_id(sex: str, band: str) -> dict[str, str]:
    return {"type": "focus-people", "sex": sex, "band": band}


def score_id(group: str, need: str) -> dict[str, str]:
    return {"type": "focus-score", "group": group, "need": need}


# ---- fields ----------------------------------------------------------------------------------------------------------


def form_class(composition: str | None) -> str:
    """Fields of the other sex are out of sight, by the style sheet."""
    return f"focus-form of-{composition if composition in words.COMPOSITIONS else 'women'}"


def session_form(board: FocusBoard, context: PageContext, editing: SessionToEdit | None) -> html.Div:
    """The fields, empty or with what is edited."""
    record = editing.record if editing else None
    parts = [
        dcc.Store(
            id=FormIds.EDITED, data={"code": editing.record.code, "version": editing.version} if editing else None
        ),
        about(board, context, record),
        people(context, record),
        scores(board, context, record),
        notes(context, record),
        reason(context, is_edit=record is not None),
    ]
    return html.Div(parts, id=FormIds.FORM, className=form_class(record.composition if record else None))


def labelled(label: str, field: Any, hint: str = "", class_name: str = "field") -> html.Div:
    parts = [dbc.Label(label, html_for=field.id, class_name="form-label"), field]
    return html.Div([*parts, html.P(hint, className="hint")] if hint else parts, className=class_name)


def about(board: FocusBoard, context: PageContext, record: FocusGroupRecord | None) -> html.Div:
    """When, where, who, led by whom."""
    _ = context.gettext
    areas = [{"label": _("The whole site"), "value": WHOLE_SITE}]
    areas += [{"label": area.name, "value": area.code} for area in board.areas if area.level == 1]
    compositions = [{"label": _(name), "value": code} for code, name in words.COMPOSITIONS.items()]
    day = dbc.Input(
        id=FormIds.HELD_ON,
        type="date",
        max=date.today().isoformat(),
        value=record.held_on.isoformat() if record else None,
    )
    place = dbc.Input(id=FormIds.PLACE, maxlength=200, autocomplete="off", value=record.place if record else "")
    led_by = dbc.Input(
        id=FormIds.FACILITATOR, maxlength=200, autocomplete="off", value=record.facilitator if record else ""
    )
    chosen = [
        select(FormIds.AREA, _("Area"), areas, (record.area if record else None) or WHOLE_SITE),
        select(FormIds.COMPOSITION, _("Who took part"), compositions, record.composition if record else "women"),
    ]
    for one in chosen:
        one.className = "field"
    return html.Div(
        [
            labelled(_("Day"), day),
            chosen[0],
            labelled(_("Place"), place),
            chosen[1],
            labelled(_("Led by (organisation)"), led_by),
        ],
        className="form-grid",
    )


def entry(field_id: Mapping[str, str], label: str, value: str) -> list[Any]:
    """A small text field with a label for screen readers. Text, so that nothing that is typed gets lost."""
    named = json.dumps(field_id, sort_keys=True, separators=(",", ":"))
    field = dbc.Input(
        id=dict(field_id), type="text", inputmode="decimal", autocomplete="off", value=value, maxlength=10
    )
    return [html.Label(label, htmlFor=named, className="visually-hidden"), field]


def people(context: PageContext, record: FocusGroupRecord | None) -> html.Fieldset:
    """Participants by sex and age."""
    _ = context.gettext
    rows = []
    for band in AGE_BANDS:
        age = _(words.AGE_BANDS[band])
        cells = []
        for group, sex in SEX_OF.items():
            stored = record.participants.get(sex, {}).get(band) if record else None
            field = entry(people_id(sex, band), f"{_(SEX_NAMES[sex])}, {age}", "" if stored is None else str(stored))
            cells.append(html.Td(field, className=f"of-{group}-only"))
        rows.append(html.Tr([html.Th(age, scope="row"), *cells]))
    head = html.Thead(html.Tr([html.Th(_("Age"), scope="col"), *group_heads(context)]))
    table = html.Table([head, html.Tbody(rows)], className="entry-table")
    return html.Fieldset([html.Legend(_("Participants by sex and age")), table])


def group_heads(context: PageContext) -> list[html.Th]:
    return [html.Th(context.gettext(GROUP_NAMES[group]), scope="col", className=f"of-{group}-only") for group in GROUPS]


def scores(board: FocusBoard, context: PageContext, record: FocusGroupRecord | None) -> html.Fieldset:
    """Points or ranks of the needs that were on the table, by dimension."""
    _ = context.gettext
    methods = [{"label": _(words.METHODS[code]), "value": code} for code in METHODS]
    method = select(FormIds.METHOD, _("Priorities are given as"), methods, record.method if record else "points")
    method.className = "field short"
    hint = _(
        "Points: any number a need got, 0 for one that was discussed and got none. Ranks: 1 is the most important; "
        "equal ranks are allowed. Leave empty what was not on the table."
    )
    head = html.Thead(html.Tr([html.Th(_("Need"), scope="col"), *group_heads(context)]))
    table = html.Table([head, html.Tbody(score_rows(board, context, record))], className="entry-table")
    return html.Fieldset(
        [
            html.Legend(_("Priorities")),
            method,
            html.P(hint, className="hint"),
            html.Div(table, className="entry-scroll", tabIndex=0, role="region", **{"aria-label": _("Priorities")}),
        ]
    )


def score_rows(board: FocusBoard, context: PageContext, record: FocusGroupRecord | None) -> list[html.Tr]:
    needs = [*board.needs, *_retired(board, record)]
    by_dimension: dict[str, list[NeedInfo]] = {}
    for need in needs:
        by_dimension.setdefault(dimension_name(need.dimension, context), []).append(need)
    rows = []
    for dimension, members in sorted(by_dimension.items()):
        rows.append(html.Tr(html.Th(dimension, colSpan=3, scope="colgroup"), className="part"))
        rows += [score_row(need, context, record) for need in members]
    return rows


def _retired(board: FocusBoard, record: FocusGroupRecord | None) -> list[NeedInfo]:
    """Needs that the session had on the table and the catalogue has no more: an edit must not lose them."""
    known = {need.code for need in board.needs}
    held = {need for given in record.priorities.values() for need in given} if record else set()
    return [NeedInfo(code, {"es": code}, "other") for code in sorted(held - known)]


def score_row(need: NeedInfo, context: PageContext, record: FocusGroupRecord | None) -> html.Tr:
    name = context.in_language(need.label)
    cells = []
    for group in GROUPS:
        stored = record.priorities.get(group, {}).get(need.code) if record else None
        text = "" if stored is None else number_text(stored, context).replace(",", "")
        label = f"{name}, {context.gettext(GROUP_NAMES[group])}"
        cells.append(html.Td(entry(score_id(group, need.code), label, text), className=f"of-{group}-only"))
    return html.Tr([html.Th(name, scope="row"), *cells])


def notes(context: PageContext, record: FocusGroupRecord | None) -> html.Div:
    _ = context.gettext
    findings = dbc.Textarea(id=FormIds.FINDINGS, rows=5, maxlength=20_000, value=record.findings if record else "")
    quotes = dbc.Textarea(id=FormIds.QUOTES, rows=3, maxlength=50_000, value="\n".join(record.quotes) if record else "")
    no_names = _("Write no names of persons, telephones or documents.")
    return html.Div([labelled(_("Findings"), findings, no_names), labelled(_("Quotes, one a line"), quotes, no_names)])


def reason(context: PageContext, is_edit: bool) -> html.Div:
    _ = context.gettext
    field = dbc.Input(id=FormIds.REASON, maxlength=500, autocomplete="off", value="")
    box = labelled(_("Reason of the change (needed to withdraw)"), field)
    box.hidden = not is_edit
    return box


# ---- what was typed --------------------------------------------------------------------------------------------------

Typed = Sequence[tuple[Mapping[str, str], str | None]]  # id of a small field, and what stands in it


def record_from(
    fields: Mapping[str, Any], people_typed: Typed, scores_typed: Typed, names: Mapping[str, str]
) -> FocusGroupRecord:
    """The session that was typed. Fields of a group that did not take part are out of sight and are left out.

    names : need -> name in the reader's language, for problems
    Raises InputError with everything that is no number, or no day.
    """
    composition = fields["composition"] or ""
    groups = GROUPS if composition == "mixed" else (composition,)
    problems: list[Problem] = []
    participants = participants_from(people_typed, {SEX_OF[group] for group in groups if group in SEX_OF}, problems)
    priorities = priorities_from(scores_typed, groups, names, problems)
    held_on = day_from(fields["held_on"], problems)
    if problems or held_on is None:
        raise InputError(problems)
    edited = fields["edited"] or {}
    return FocusGroupRecord(
        held_on=held_on,
        place=fields["place"] or "",
        composition=composition,
        facilitator=fields["facilitator"] or "",
        participants=participants,
        priorities=priorities,
        method=fields["method"] or "",
        area=fields["area"] if fields["area"] not in (None, "", WHOLE_SITE) else None,
        findings=fields["findings"] or "",
        quotes=tuple(line.strip() for line in (fields["quotes"] or "").splitlines() if line.strip()),
        code=edited.get("code"),
    )


def day_from(typed: str | None, problems: list[Problem]) -> date | None:
    try:
        return date.fromisoformat(typed or "")
    except ValueError:
        message = f"'{typed or ''}' is not a day. Choose the day on which the session was held."
        problems.append(Problem("focus.date", message, facts={"value": typed or ""}))
        return None


def participants_from(typed: Typed, sexes: set[str], problems: list[Problem]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for field_id, text in typed:
        text = str(text or "").strip()
        if not text or field_id["sex"] not in sexes:
            continue
        if WHOLE_NUMBER.fullmatch(text):
            found.setdefault(field_id["sex"], {})[field_id["band"]] = int(text)
        else:
            message = f"'{text}' is not a number of participants. Write a whole number."
            problems.append(Problem("focus.number", message, value=text, facts={"value": text}))
    return found


def priorities_from(
    typed: Typed, groups: Sequence[str], names: Mapping[str, str], problems: list[Problem]
) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for field_id, text in typed:
        text = plain_text(text)
        if text is None or field_id["group"] not in groups:
            continue
        if SCORE.fullmatch(text):
            found.setdefault(field_id["group"], {})[field_id["need"]] = float(text)
        else:
            need = names.get(field_id["need"], field_id["need"])
            message = f"{need}: '{text}' is not a number. Write digits, such as 3 or 2.5, or leave it empty."
            problems.append(Problem("focus.score_text", message, value=text, facts={"value": text, "need": need}))
    return found
