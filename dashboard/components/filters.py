"""Choices above a page: a labelled native select, and the address that keeps in step with it."""

from __future__ import annotations

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, html


def select(select_id: str, label: str, options: Sequence[dict[str, str]], value: str) -> html.Div:
    """A native select with its label; `options` have `label` and `value`."""
    choice = dbc.Select(id=select_id, options=list(options), value=value)
    return html.Div([dbc.Label(label, html_for=select_id, class_name="form-label"), choice])


def keep_in_address(app: Dash, choices: Sequence[str]) -> None:
    """The query of the address follows the choices, so that it can be sent to somebody.

    The name in the query is the part of the component's id after its last hyphen (`needs-area` -> `area`).
    """
    inputs = [Input(choice, "value") for choice in choices]
    app.clientside_callback(ClientsideFunction("shell", "keepInAddress"), *inputs, prevent_initial_call=True)
