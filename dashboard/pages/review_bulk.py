"""Review desk: many lines at once. A change is shown line by line before it is made; reviews and approvals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, Input, Output, State, ctx, dcc, html, no_update

from budget_model.errors import InputError, StaleVersionError
from budget_model.spending.schemes import Scheme
from dashboard.components import Column, data_table, notice
from dashboard.context import PageContext
from dashboard.pages.review_form import NOTHING, labelled_by
from dashboard.pages.review_steps import DONE, MESSAGE, by_path
from dashboard.services import Services
from dashboard.services.tags import Key
from dashboard.shown_errors import sentences_of
from dashboard.views.review import desk_filters, key_of, line_name, queue_query, row_id
from dashboard.views.review_tags import (
    WITH_SCHEME,
    change_rows,
    code_label,
    content_of,
    form_values,
    refusal_sentences,
)
from dashboard.views.tags_words import FACETS, SHARE_METHODS
from data.workflows.tag_bulk import BulkChange, BulkPreview

BULK = "review-bulk-field"  # type of the ids of the fields
SHOWN_LINES = 50  # of a preview
TEXTS = ("objective", "indicator", "gap", "review_on", "women_share_percent")
ALL_LINES, CHOSEN_LINES = "all", "chosen"


class BulkIds(StrEnum):
    """Components of the bulk part."""

    WHICH = "review-bulk-which"
    ONLY_UNTAGGED = "review-bulk-only-untagged"
    RATIONALE = "review-bulk-rationale"
    PREVIEW = "review-bulk-preview"
    SHOWN = "review-bulk-shown"
    KEPT = "review-bulk-kept"
    APPLY = "review-bulk-apply"
    REVIEW = "review-bulk-review"
    APPROVE = "review-bulk-approve"


def bulk_part(schemes: Mapping[str, Scheme], context: PageContext) -> html.Details:
    """The folded part below the grid."""
    _ = context.gettext
    which = [
        {"value": CHOSEN_LINES, "label": _("The lines ticked in the list")},
        {"value": ALL_LINES, "label": _("All lines that the choices above show (5,000 at most)")},
    ]
    fields = [
        *[code_choice(facet, schemes, context) for facet in WITH_SCHEME],
        *[bulk_text(name, context) for name in TEXTS],
        bulk_select("women_share_method", [(code, _(words)) for code, words in SHARE_METHODS.items()], context),
        scheme_choice(schemes, context),
    ]
    hint = _("What is left as it is stays as it is on every line. Nothing is stored before you have seen the preview.")
    parts = [
        html.Summary(_("Many lines at once")),
        html.P(hint, className="hint"),
        labelled_by(BulkIds.WHICH, _("Which lines"), dbc.Select(id=BulkIds.WHICH, options=which, value=CHOSEN_LINES)),
        html.Div(fields, className="review-fields"),
        labelled_by(BulkIds.RATIONALE, _("Rationale"), dbc.Textarea(id=BulkIds.RATIONALE, rows=2, value="")),
        dbc.Checkbox(id=BulkIds.ONLY_UNTAGGED, label=_("Leave lines alone that have a tag"), value=False),
        html.Div(
            [
                html.Button(_("Preview"), id=BulkIds.PREVIEW, className="btn btn-outline-secondary"),
                html.Button(_("Propose on these lines"), id=BulkIds.APPLY, className="btn btn-primary", hidden=True),
            ],
            className="buttons",
        ),
        html.Div(id=BulkIds.SHOWN, role="status"),
        html.P(_("Ticked lines that others proposed can be reviewed, and reviewed ones approved, in one step.")),
        html.Div(
            [
                html.Button(_("Review the ticked lines"), id=BulkIds.REVIEW, className="btn btn-outline-secondary"),
                html.Button(_("Approve the ticked lines"), id=BulkIds.APPROVE, className="btn btn-outline-secondary"),
            ],
            className="buttons",
        ),
        dcc.Store(id=BulkIds.KEPT),
    ]
    return html.Details(parts, className="panel review-bulk", id="review-bulk")


def bulk_id(path: str) -> dict[str, str]:
    return {"type": BULK, "path": path}


def bulk_select(path: str, options: Sequence[tuple[str, str]], context: PageContext, label: str = "") -> html.Div:
    kept = {"value": NOTHING, "label": context.gettext("leave as it is")}
    texts = [{"value": key, "label": text} for key, text in options]
    made = dbc.Select(id=bulk_id(path), options=[kept, *texts], value=NOTHING)
    return labelled_by(bulk_id(path), label or context.gettext(FACETS[path]), made)


def bulk_text(path: str, context: PageContext) -> html.Div:
    made = dbc.Input(id=bulk_id(path), type="text", value="", autocomplete="off", debounce=True)
    return labelled_by(bulk_id(path), context.gettext(FACETS[path]), made)


def code_choice(facet: str, schemes: Mapping[str, Scheme], context: PageContext) -> html.Div:
    scheme = schemes[WITH_SCHEME[facet]]
    return bulk_select(facet, [(one.code, code_label(scheme, one.code, context)) for one in scheme.categories], context)


def scheme_choice(schemes: Mapping[str, Scheme], context: PageContext) -> html.Div:
    """Schemes that need no answers of their own; forms are filled in line by line."""
    kinds = ("category", "share_bands")
    counting = [one for one in schemes.values() if one.counts_money and one.kind in kinds]
    options = [(one.id, context.in_language(one.label)) for one in counting]
    return bulk_select("scheme", options, context, context.gettext("Scheme of attribution (one)"))


def bulk_change(values: Mapping[str, Any], rationale: str, is_only_untagged: bool) -> BulkChange:
    """Only what is stated changes."""
    facets = content_of({**form_values({}), **values}, {})
    return BulkChange(facets, rationale, (), is_only_untagged)


def ticked(rows: Any) -> dict[Key, int]:
    """Versions of the ticked rows, as the grid showed them."""
    found: dict[Key, int] = {}
    for row in rows or ():
        key = key_of(row.get("id")) if isinstance(row, Mapping) else None
        if key is not None and isinstance(row.get("version"), int):
            found[key] = row["version"]
    return found


def preview_bulk(
    services: Services, context: PageContext, keys: Sequence[Key], change: BulkChange
) -> tuple[Any, Any, bool]:
    """What is shown, what is kept for the step, and whether its button is hidden."""
    try:
        preview = services.tags.preview(context.user, context.site, keys, change)
    except InputError as refusal:
        return notice(refusal_sentences(refusal, context), "danger"), None, True
    if not change.rationale.strip():
        missing = context.gettext("State the rationale first: why these lines are tagged so.")
        return notice([missing], "danger"), None, True
    kept = {
        "versions": [[row_id(line.year, line.code), line.version] for line in preview.lines],
        "facets": dict(change.facets),
        "rationale": change.rationale,
        "only_untagged": change.only_untagged,
    }
    is_possible = bool(preview.changed) and not preview.refused
    return preview_table(preview, services.tags.schemes(), context), kept if is_possible else None, not is_possible


def preview_table(preview: BulkPreview, schemes: Mapping[str, Scheme], context: PageContext) -> html.Div:
    _, number = context.gettext, context.formats.number
    same = len(preview.lines) - len(preview.changed) - len(preview.refused)
    told = _(
        "{changed} lines would change, {same} stay as they are, {refused} are refused.",
        changed=number(len(preview.changed)),
        same=number(same),
        refused=number(len(preview.refused)),
    )
    rows = [
        [
            line_name(line.labels, line.code),
            line.code,
            "; ".join(change_rows(line.changes, schemes, context)),
            "; ".join(refusal_sentences(InputError(line.problems), context)) if line.problems else "",
        ]
        for line in [*preview.refused, *preview.changed][:SHOWN_LINES]
    ]
    columns = [Column(_("Line")), Column(_("Code")), Column(_("What changes")), Column(_("Why it is refused"))]
    kind = "danger" if preview.refused else "info"
    caption = _("Preview, refused lines first ({shown} of {total})", shown=len(rows), total=len(preview.lines))
    return html.Div([notice([told], kind), data_table(caption, columns, rows)] if rows else [notice([told], kind)])


def apply_kept(services: Services, context: PageContext, kept: Any) -> tuple[Any, Any]:
    """Do what was previewed: all of it or nothing; the message, and that something was done."""
    versions = {
        key: int(version) for text, version in (kept or {}).get("versions", ()) if (key := key_of(text)) is not None
    }
    facets = kept.get("facets") if isinstance(kept, Mapping) else None
    if not versions or not isinstance(facets, Mapping):
        return notice([context.gettext("Preview the change first.")], "danger"), no_update
    change = BulkChange(facets, str(kept.get("rationale", "")), (), bool(kept.get("only_untagged")))
    return told(lambda: services.tags.apply(context.user, context.site, versions, change), context)


def told(step: Any, context: PageContext) -> tuple[Any, Any]:
    """Run a step of many lines; say how many it changed, or why none."""
    try:
        states = step()
    except StaleVersionError as stale:
        return notice(sentences_of(stale, context), "danger"), no_update
    except InputError as refusal:
        return notice(refusal_sentences(refusal, context)[:10], "danger"), no_update
    number = context.formats.number(len(states))
    done = context.ngettext("{number} line changed.", "{number} lines changed.", len(states), number=number)
    return notice([done], "info"), {"bulk": len(states)}


# --- callbacks -----------------------------------------------------------------------------------------------------


def answer_preview(app: Any, services: Services, _clicks: Any, *sent: Any) -> tuple[Any, Any, bool]:
    which, rows, values, ids, rationale, is_only, path, *choices = sent
    context = app.router.context_of(path)
    keys: Sequence[Key] = list(ticked(rows))
    if which == ALL_LINES:
        filters = chosen_filters(services, context, choices)
        keys = services.tags.keys(context.user, context.site, queue_query(filters, context.user.login))
    change = bulk_change(by_path(values, ids), str(rationale or ""), bool(is_only))
    return preview_bulk(services, context, keys, change)


def chosen_filters(services: Services, context: PageContext, choices: Sequence[Any]) -> Any:
    """The choices above the grid, in the order of `CHOICES`."""
    years = services.tags.years(context.user, context.site)
    values = dict(zip(CHOICES, choices, strict=True))
    return desk_filters(values, years, [str(values["by"] or "").strip("-")])


CHOICES = ("year", "show", "marker", "text", "by", "part")


def answer_bulk(app: Any, services: Services, *sent: Any) -> tuple[Any, Any, Any, bool]:
    """Apply, review or approve."""
    *_clicks, kept, rows, path = sent
    context, tags = app.router.context_of(path), services.tags
    if not (ctx.triggered and ctx.triggered[0]["value"]):
        return no_update, no_update, no_update, no_update  # type: ignore[return-value]
    if ctx.triggered_id == BulkIds.APPLY:
        message, done = apply_kept(services, context, kept)
        return message, done, None, True
    advance = tags.review_many if ctx.triggered_id == BulkIds.REVIEW else tags.approve_many
    message, done = told(lambda: advance(context.user, context.site, ticked(rows)), context)
    return message, done, no_update, True


def register_bulk(app: Any, services: Services, grid: str, choices: Sequence[State]) -> None:
    rows, path = State(grid, "selectedRows"), State("location", "pathname")
    fields = [State({"type": BULK, "path": ALL}, "value"), State({"type": BULK, "path": ALL}, "id")]
    app.callback(
        [Output(BulkIds.SHOWN, "children"), Output(BulkIds.KEPT, "data"), Output(BulkIds.APPLY, "hidden")],
        Input(BulkIds.PREVIEW, "n_clicks"),
        [
            State(BulkIds.WHICH, "value"),
            rows,
            *fields,
            State(BulkIds.RATIONALE, "value"),
            State(BulkIds.ONLY_UNTAGGED, "value"),
            path,
            *choices,
        ],
        prevent_initial_call=True,
    )(partial(answer_preview, app, services))
    app.callback(
        [
            Output(MESSAGE, "children", allow_duplicate=True),
            Output(DONE, "data", allow_duplicate=True),
            Output(BulkIds.SHOWN, "children", allow_duplicate=True),
            Output(BulkIds.APPLY, "hidden", allow_duplicate=True),
        ],
        [Input(BulkIds.APPLY, "n_clicks"), Input(BulkIds.REVIEW, "n_clicks"), Input(BulkIds.APPROVE, "n_clicks")],
        [State(BulkIds.KEPT, "data"), rows, path],
        prevent_initial_call=True,
    )(partial(answer_bulk, app, services))
