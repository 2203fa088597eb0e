"""One programme of the workbench: its code, curve, form, history, and how it is taken away."""

from __future__ import annotations

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components import card, page_header, select
from dashboard.context import PageContext
from dashboard.pages.workbench_form import form
from dashboard.pages.workbench_parts import Ids, common_parts, history_section, model_notice, save_row
from dashboard.services import Services
from dashboard.services.workbench import Bench, EditableProgramme
from data.workflows.programme_texts import form_values


def programme_layout(services: Services, context: PageContext, code: str | None) -> html.Div:
    """The form of a programme, its curve, its history; `code` None: a new one."""
    _ = context.gettext
    bench = services.workbench.bench(context.user, context.site, code)
    programme = bench.programme(code) if code else None
    document = programme.document if programme else {}
    title = context.in_language(document.get("name"), _("New programme"))
    back = html.A(_("All programmes"), href=context.address(), className="btn btn-outline-secondary")
    money = context.formats.money(programme.baseline, context.site.currency) if programme and context.site else None
    subtitle = (
        _(
            "Code {code}, version {version}, money of today {money}",
            code=programme.code,
            version=programme.version,
            money=money,
        )
        if programme
        else None
    )
    parts = [
        page_header(title, subtitle, [back]),
        *model_notice(bench, context),
        code_field(programme, context),
        curve_section(programme, bench, context),
        card(_("Parameters"), form(form_values(document, bench.areas), bench, context)),
        html.Div(id=Ids.PROBLEMS, role="alert", className="workbench-problems"),
        html.Div(id=Ids.STATUS, role="status"),
        save_row(Ids.REASON, [html.Button(_("Save programme"), id=Ids.SAVE, className="btn btn-primary")], context),
        remove_section(programme, context),
        history_section(bench, context, code) if code else None,
        dcc.Store(id=Ids.SEEN, data=programme.version if programme else 0),
    ]
    return html.Div([*parts, *common_parts(context)])


def code_field(programme: EditableProgramme | None, context: PageContext) -> html.Div:
    """The code, which never changes once it is there."""
    _ = context.gettext
    made = dbc.Input(id=Ids.CODE, type="text", value=programme.code if programme else "", maxlength=80)
    label = html.Label(_("Code (small letters, digits, hyphens)"), htmlFor=Ids.CODE, className="form-label")
    return html.Div([label, made], className="field", hidden=programme is not None)


def curve_section(programme: EditableProgramme | None, bench: Bench, context: PageContext) -> html.Section:
    """Coverage of a need against the programme's money, as the form says it."""
    _ = context.gettext
    served = [link["need"] for link in (programme.document if programme else {}).get("serves", [])]
    options = [{"value": code, "label": context.in_language(label, code)} for code, label in bench.needs.items()]
    chosen = served[0] if served else next(iter(bench.needs), "")
    choice = select(Ids.NEED, _("Need"), options, chosen)
    hint = _("As the form below says it, saved or not; it is drawn anew when a field is left.")
    return card(_("Response curve"), [html.P(hint, className="hint"), choice, html.Div(id=Ids.CURVE)])


def remove_section(programme: EditableProgramme | None, context: PageContext) -> html.Details | html.Div:
    """Taking a programme away is asked twice."""
    _ = context.gettext
    sure = dbc.Checkbox(id=Ids.SURE, label=_("Yes, take this programme away; its history stays."), value=False)
    button = html.Button(_("Remove programme"), id=Ids.REMOVE, className="btn btn-outline-danger")
    if programme is None:
        return html.Div([sure, button], hidden=True)
    return html.Details([html.Summary(_("Remove this programme")), sure, button])
