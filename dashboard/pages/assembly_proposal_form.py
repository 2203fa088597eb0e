"""The form of one proposal, and its being stored."""

from __future__ import annotations

from typing import Any

from dash import html

from budget_model.assembly.proposals import STATES as STATE_CODES
from budget_model.assembly.proposals import SUBMITTED, ProposalRecord, cells_of
from dashboard.components import card
from dashboard.components.forms import choice, chosen, field, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.pages.assembly_parts import PAGE, action, posted_year, text_area
from dashboard.pages.assembly_pictures import TAKE_AWAY, picture_fields
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.services.access import PLANNERS, require
from dashboard.services.assembly import EDIT, AssemblyBoard, Choices, ProposalInfo
from dashboard.services.proposals import sent_photo
from dashboard.views.assembly_words import STATES
from data.readers.typed_numbers import plain_text


def form_card(services: Services, board: AssemblyBoard, one: ProposalInfo | None, context: PageContext) -> html.Section:
    """The form of a new proposal, or of the next version of one."""
    _ = context.gettext
    choices = services.assembly.choices(context.user, context.site)
    record = one.record if one else ProposalRecord("", {})
    year = str(board.process.year) if board.process else ""
    parts = [
        hidden("seen", str(one.version if one else 0)),
        *form_fields(record, choices, year, is_new=one is None, context=context),
        html.Div([submit(_("Save the proposal"))], className="buttons"),
    ]
    title = _("Change or review this proposal") if one else _("A new proposal")
    return card(title, plain_form(action(context, "save"), parts, has_files=True), className="proposal-form")


def form_fields(record: ProposalRecord, choices: Choices, year: str, is_new: bool, context: PageContext) -> list[Any]:
    _ = context.gettext
    cells = cells_of(record)
    price = {"inputmode": "decimal", "maxlength": 16}
    zones = [("", _("The whole site")), *choices.zones]
    needs = [("", _("None named")), *((code, context.in_language(label)) for code, label in choices.needs)]
    states = [(code, _(STATES[code])) for code in STATE_CODES]
    code = field("code", _("Code"), hint=_("Empty: the next free one."), maxlength=40)
    return [
        field("year", _("Year"), year, required=True, maxlength=4) if is_new else hidden("year", year),
        code if is_new else hidden("code", record.code),
        field("title_es", _("Title in Spanish"), cells["title_es"], required=True, maxlength=200),
        field("title_en", _("Title in English"), cells["title_en"], maxlength=200),
        text_area("description_es", _("Description in Spanish"), cells["description_es"]),
        text_area("description_en", _("Description in English"), cells["description_en"]),
        choice("zone", _("Where"), zones, record.zone),
        field("cost", _("Price"), cells["cost"], hint=_("With a decimal point: 1500.50"), **price),
        field("category", _("Category"), cells["category"], maxlength=80),
        choice("need", _("Need that it answers"), needs, record.need),
        field("women", _("Women who benefit in a year"), cells["women"], inputmode="numeric", maxlength=8),
        field("men", _("Men who benefit in a year"), cells["men"], inputmode="numeric", maxlength=8),
        field("unit_cost", _("Cost for one person and year"), cells["unit_cost"], **price),
        field("excludes", _("Codes of proposals that exclude this one"), cells["excludes"], maxlength=400),
        choice("state", _("Technical review"), states, record.state or SUBMITTED),
        field(
            "merged_into",
            _("Merged into (code)"),
            cells["merged_into"],
            maxlength=40,
            hint=_("Only where the review says that it was merged into another one."),
        ),
        text_area("reason", _("Reason of the review"), cells["reason"], rows=2, most=1000),
        *picture_fields(record, context),
    ]


def save(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    fields |= {name: plain_text(fields[name]) or "" for name in ("cost", "unit_cost") if name in fields}
    year, seen = posted_year(fields), str(fields.pop("seen", "0"))
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else 0
    if fields.get("photo_stays") == TAKE_AWAY:
        fields["photo"] = ""
    require(context.user, PLANNERS, context.site, EDIT)  # before a file of a stranger is decoded
    photo = sent_photo(next(iter(posted.files.get("photo_file", ())), None))
    code = services.assembly.save_proposal(context.user, context.site, year, fields, version, photo)
    return context.address(PAGE, year=str(year), code=code)
