"""What the rooms of the validation page share: the ids of its components, buttons and labelled fields."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from dashboard.pages.validation_figures import AGES, CATALOGUE, MAKE
from dashboard.pages.validation_figures import RUN as RUN_INDICATORS


class Ids(StrEnum):
    """Components that callbacks talk to."""

    ROUND = "validation-round"
    CONTENT = "validation-content"
    MESSAGE = "validation-message"
    RUN = "validation-run"
    RULE = "validation-rule"
    GROUPS = "validation-groups"
    REASON = "validation-reason"
    VALIDATE = "validation-validate"
    PUBLISH = "validation-publish"
    REOPEN = "validation-reopen"
    UPLOAD = "validation-upload"
    PREVIEW = "validation-preview"
    APPLY = "validation-apply"
    ORGANISATION = "validation-organisation"
    WOMEN = "validation-women"
    MEN = "validation-men"
    HELD_ON = "validation-held-on"
    CONCLUSIONS = "validation-conclusions"
    REPRESENT = "validation-represent"
    INDICATORS = RUN_INDICATORS
    AGES = AGES
    CATALOGUE = CATALOGUE
    FIGURES = MAKE


def button(button_id: str, label: str, kind: str = "outline-secondary", **options: Any) -> html.Button:
    return html.Button(label, id=button_id, type="button", className=f"btn btn-{kind}", **options)


def labelled(label: str, field: Any, hint: str = "") -> html.Div:
    """A field with its label, and a hint below."""
    parts = [dbc.Label(label, html_for=field.id, class_name="form-label"), field]
    return html.Div([*parts, html.P(hint, className="hint")] if hint else parts, className="field")
