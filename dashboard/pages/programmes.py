"""Programmes: what money buys, at what cost, for which needs, and where each of these figures comes from."""

from __future__ import annotations

from typing import Any

from dash import Dash, html

from dashboard.components import Column, Marked, data_table, no_data, page_header
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.services import Services
from dashboard.services.access import SIGNED_IN
from dashboard.views.programmes import Fact, HeadingGroup, ProgrammeCard, is_assumption, programmes_view

NAME = "programmes"
TITLE = mark("Programmes")
GROUP = Group.BUDGET
ROLES = SIGNED_IN


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    found = services.programmes.programmes(context.user, context.site)
    view = programmes_view(found, context)
    if not view.groups:
        how = _("An official imports a programmes file: python -m budget_model programmes import")
        return html.Div([page_header(_(TITLE)), no_data(_("No programme has been entered."), how)])
    return html.Div([page_header(_(TITLE), view.summary), *[heading_section(group, context) for group in view.groups]])


def heading_section(group: HeadingGroup, context: PageContext) -> html.Section:
    cards = [programme_details(programme, context) for programme in group.programmes]
    return html.Section([html.H2(group.heading), *cards], className="panel")


def programme_details(programme: ProgrammeCard, context: PageContext) -> html.Details:
    """A programme folded up to its name and money."""
    _ = context.gettext
    lock = (
        html.Span([" · ", _("locked: {reason}", reason=programme.lock)], className="lock") if programme.lock else None
    )
    head = html.Summary([html.Strong(programme.name), " · ", html.Span(programme.money, className="amount"), lock])
    return html.Details([head, *programme_body(programme, context)], className="programme")


def programme_body(programme: ProgrammeCard, context: PageContext) -> list[Any]:
    _ = context.gettext
    columns = [Column(_("Parameter")), Column(_("Value"), True), Column(_("Source"))]
    caption = _("Parameters of {name}", name=programme.name)
    rows = [(fact.name, fact.value, source_cell(fact, context)) for fact in programme.facts]
    body: list[Any] = [data_table(caption, columns, rows)]
    if programme.serves:
        serves = [Column(title, 0 < i < 3) for i, title in enumerate(programme.serves_header)]
        marked = [(*row[:-1], marked_source(row[-1], is_assumption(row[-1]), context)) for row in programme.serves]
        body.append(data_table(_("Needs that {name} serves", name=programme.name), serves, marked))
    else:
        body.append(html.P(_("It serves no measured need.")))
    if programme.lines:
        body += [
            html.P(_("Budget lines that feed it (code, share, amount):")),
            html.Ul([html.Li(x) for x in programme.lines]),
        ]
    return body


def source_cell(fact: Fact, context: PageContext) -> Any:
    return marked_source(fact.source, fact.is_assumption, context)


def marked_source(source: str, is_assumed: bool, context: PageContext) -> Any:
    """The source; an assumption is marked so that nobody reads it as a finding."""
    if not is_assumed:
        return source
    word = context.gettext("assumption")
    return Marked(word, source.partition(":")[2].strip())


def register_callbacks(app: Dash, services: Services) -> None:
    """Nothing on this page answers back."""
