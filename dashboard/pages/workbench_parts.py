"""What the list of programmes and the form of one programme share: ids, notices, the row to save, the history."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components import Column, card, data_table, notice
from dashboard.context import PageContext
from dashboard.services.workbench import Bench
from dashboard.shown_errors import sentences_of
from dashboard.views import workbench as views


class Ids(StrEnum):
    """Components that answer."""

    GRID = "workbench-grid"
    CHANGES = "workbench-grid-changes"
    SAVE_GRID = "workbench-save-grid"
    GRID_REASON = "workbench-grid-reason"
    PROBLEMS = "workbench-problems"
    STATUS = "workbench-status"
    MARKED = "workbench-marked"
    GO = "workbench-go"
    SAVE = "workbench-save"
    REMOVE = "workbench-remove"
    SURE = "workbench-sure"
    REASON = "workbench-reason"
    CODE = "workbench-code"
    SEEN = "workbench-seen"
    NEED = "workbench-need"
    CURVE = "workbench-curve"


def common_parts(context: PageContext) -> list[Any]:
    return [dcc.Store(id=Ids.MARKED), dcc.Location(id=Ids.GO, refresh=True)]


def model_notice(bench: Bench, context: PageContext) -> list[Any]:
    """Why there is no model at present."""
    _ = context.gettext
    if bench.problems is not None:
        return [notice([_("These data give no model yet:"), *sentences_of(bench.problems, context)])]
    if bench.round_code is None:
        return [notice([_("No survey round has needs yet; programmes can be entered all the same.")], "info")]
    saved = context.query.get("saved")
    return [notice([_("Saved. The model is now version {version}.", version=saved[:8])], "info")] if saved else []


def save_row(reason_id: str, buttons: Sequence[Any], context: PageContext) -> html.Div:
    """Why something is changed, and the buttons."""
    label = html.Label(
        context.gettext("Reason of the change (for the history)"), htmlFor=reason_id, className="form-label"
    )
    reason = dbc.Input(id=reason_id, type="text", maxlength=300)
    return html.Div([html.Div([label, reason], className="field"), *buttons], className="workbench-actions")


def history_section(bench: Bench, context: PageContext, code: str | None = None) -> html.Section:
    _ = context.gettext
    title = _("History")
    rows = views.history_rows(bench.history, context, bench, has_programme=code is None)
    if not rows:
        return card(title, html.P(_("Nothing has been changed yet.")))
    columns = [Column(_("When (UTC)")), Column(_("Who"))]
    columns += [Column(_("Programme"))] if code is None else []
    columns += [Column(_("What")), Column(_("Where from")), Column(_("Reason")), Column(_("Model"))]
    return card(title, data_table(_("Changes, the newest first"), columns, rows))
