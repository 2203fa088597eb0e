"""Plain forms that are posted and answered by another page: fields with labels, choices, files, buttons."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

NOTHING = "-"  # a select shows nothing for an empty value


def plain_form(action: str, children: Sequence[Any], has_files: bool = False) -> html.Form:
    """A form that posts to an address of ours; `assets/40-forms.js` adds the token."""
    kind = {"encType": "multipart/form-data"} if has_files else {}
    return html.Form(
        list(children), action=action, method="POST", className="plain-form", disable_n_clicks=True, **kind
    )


def field(name: str, label: Any, value: str = "", hint: str = "", form: str = "", **options: Any) -> html.Div:
    """A line to write in; options go to the input (type, required, maxlength).

    form : tells fields of the same name apart where a page has several forms
    """
    made = dbc.Input(id=field_id(form + name), name=name, value=value, debounce=True, **options)
    return _labelled(form + name, label, made, hint)


def choice(
    name: str, label: Any, options: Sequence[tuple[str, str]], value: str = "", hint: str = "", form: str = ""
) -> html.Div:
    """A native select; options are (value, text). The empty value travels as NOTHING; `chosen` reads it."""
    texts = [{"value": key or NOTHING, "label": text} for key, text in options]
    made = dbc.Select(id=field_id(form + name), name=name, options=texts, value=value or NOTHING)
    return _labelled(form + name, label, made, hint)


def chosen(fields: Mapping[str, str]) -> dict[str, str]:
    """Posted fields, with nothing where nothing was chosen."""
    return {name: "" if value == NOTHING else value for name, value in fields.items()}


def file_field(
    name: str, label: str, accept: Sequence[str], hint: str = "", multiple: bool = False, required: bool = False
) -> html.Div:
    """A field for files; the script writes it, because Dash has no such component."""
    wanted = {
        "id": field_id(name),
        "name": name,
        "label": label,
        "accept": ",".join(accept),
        "hint": hint,
        "multiple": multiple,
        "required": required,
    }
    return html.Div(className="field", **{"data-file-field": json.dumps(wanted, ensure_ascii=False)})


def hidden(name: str, value: str, form: str = "") -> dbc.Input:
    return dbc.Input(type="hidden", id=field_id(form + name), name=name, value=value)


def submit(label: str, name: str = "", value: str = "", kind: str = "primary") -> html.Button:
    named = {"name": name, "value": value} if name else {}
    return html.Button(label, type="submit", className=f"btn btn-{kind}", disable_n_clicks=True, **named)


def field_id(name: str) -> str:
    return "field-" + "".join(c if c.isalnum() or c in "-_" else f"-{ord(c):x}" for c in name)


def _labelled(name: str, label: Any, made: Any, hint: str) -> html.Div:
    parts = [html.Label(label, htmlFor=field_id(name), className="form-label"), made]
    return html.Div([*parts, html.P(hint, className="hint")] if hint else parts, className="field")
