"""What a site brings in to divide its money: tables of users, questions, and their history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from budget_model.errors import InputError
from dashboard.components import (
    Column,
    card,
    data_table,
    notice,
)
from dashboard.components.forms import file_field, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.queries import unknown_choice
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.incidence import InputInfo
from dashboard.shown_errors import ToldError
from dashboard.views import incidence_tables
from dashboard.views.incidence_words import KINDS, problem_sentences
from data.store.audit import COMMAND_LINE

PAGE = "incidence"
FILES = (".csv", ".xlsx", ".yaml", ".yml")


def inputs(services: Services, context: PageContext) -> html.Section:
    _ = context.gettext
    found = services.incidence.inputs(context.user, context.site)
    said = {"taken": _("The file was taken in."), "withdrawn": _("It is not used any more.")}.get(
        context.query.get("done", "")
    )
    gone = [notice([_("No programme of this site any more, so not used: {codes}.", codes=", ".join(found.gone))])]
    return card(
        _("Users, fees and hours of this site"),
        [
            notice([said], "info", role="status") if said else None,
            html.P(explanation(context)),
            *(gone if found.gone else []),
            upload(context),
            *[withdrawal(kind, context) for kind in counted_kinds(found)],
            history(found.history, context),
        ],
        id="incidence-inputs",
    )


def history(saved: Sequence[InputInfo], context: PageContext) -> Any:
    """What was brought in, or that nothing was."""
    _, formats = context.gettext, context.formats
    if not saved:
        return html.P(_("Nothing has been brought in yet: users are those of registers, stated reach and the survey."))
    rows = [
        [
            formats.moment(one.saved_at),
            _("command line") if one.saved_by == COMMAND_LINE else one.saved_by,
            _(KINDS[one.kind]),
            one.file_name or _("withdrawn"),
            formats.number(one.programmes),
        ]
        for one in saved
    ]
    columns = [
        Column(_("When (UTC)")),
        Column(_("Who")),
        Column(_("What")),
        Column(_("File")),
        Column(_("Programmes"), True),
    ]
    return data_table(_("What was brought in, the newest first; the newest of a kind counts"), columns, rows)


def explanation(context: PageContext) -> str:
    return context.gettext(
        "Where somebody counted a programme's users by sex and fifth of income, bring in the table: it goes before "
        "registers and survey. Fees, hours spared at home and questions of the survey come in a YAML file."
    )


def counted_kinds(found: Any) -> list[str]:
    return [*(["users"] if found.users else []), *(["questions"] if found.has_questions else [])]


def upload(context: PageContext) -> html.Form:
    _ = context.gettext
    template = html.A(_("Table to fill in (CSV)"), href=context.address(f"{PAGE}/users.csv"))
    hint = _(
        "Columns: programme, sex, fifth (1 the poorest), users, source. Ten rows a programme. Or the questions file."
    )
    return plain_form(
        f"{context.address(PAGE)}/take",
        [
            file_field("file", _("Table of users (CSV, XLSX) or questions (YAML)"), FILES, hint, required=True),
            html.Div([submit(_("Bring in")), template], className="buttons"),
        ],
        has_files=True,
    )


def withdrawal(kind: str, context: PageContext) -> html.Form:
    _ = context.gettext
    label = _("Stop using: {what}", what=_(KINDS[kind]))
    return plain_form(
        f"{context.address(PAGE)}/withdraw", [hidden("kind", kind), submit(label, kind="outline-secondary")]
    )


def take(services: Services, context: PageContext, posted: Posted) -> str:
    """Take in a file whole, or say everything that is wrong with it and where."""
    files = posted.files.get("file", ())
    if not files:
        raise ToldError([context.gettext("No file was chosen. Go back and choose one.")])
    name, stream = files[0]
    try:
        services.incidence.take_in(context.user, context.site, name, stream.read())
    except InputError as error:
        told = [context.gettext("Nothing was stored."), *problem_sentences(error.problems, context)]
        raise ToldError(told) from error
    return f"{context.address(PAGE, done='taken')}#incidence-inputs"


def withdraw(services: Services, context: PageContext, posted: Posted) -> str:
    kind = posted.fields.get("kind", "")
    if kind not in KINDS:
        raise unknown_choice("kind", kind, KINDS, context)
    try:
        services.incidence.withdraw(context.user, context.site, kind)
    except InputError as error:
        raise ToldError(problem_sentences(error.problems, context)) from error
    return f"{context.address(PAGE, done='withdrawn')}#incidence-inputs"


def users_file(services: Services, context: PageContext) -> Resource:
    """A table to fill in: what counts now, else ten empty rows for each programme."""
    codes = services.incidence.programmes(context.user, context.site)
    known = services.incidence.inputs(context.user, context.site).users
    return Resource(incidence_tables.users_csv(codes, known), "text/csv", "users.csv")
