"""Votes on the site, for officials: open one, print its codes, close it. How many voted, never what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dash import html
from flask import request

from budget_model.assembly.ballot_forms import KINDS
from budget_model.assembly.ballot_groups import LABELS
from budget_model.errors import InputError, NotFoundError, Problem
from dashboard.components import Column, card, data_table, no_data, page_header, tile, tiles
from dashboard.components.forms import choice, chosen, field, hidden, plain_form, submit
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.assembly_parts import posted_year, year_links, year_of
from dashboard.pages.assembly_tallies import tally_parts
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.access import PLANNERS
from dashboard.services.assembly import AssemblyBoard
from dashboard.services.ballots import DeskBox
from dashboard.views.assembly_words import BALLOT_SEXES, rule_name, tie_words
from dashboard.views.ballot_words import KIND_NAMES, STATES, times
from dashboard.views.ballot_words import LABELS as LABEL_NAMES
from data.readers.process_file import AGES
from data.workflows.ballot_boxes import BoxToOpen, site_zone
from data.workflows.ballot_codes import MOST_CODES, CodeGroup
from data.workflows.tallies import TallyToEnter

NAME = "ballot-box"
TITLE = mark("Vote on the site")
GROUP = Group.ASSEMBLY
ROLES = PLANNERS
BALLOT = "ballot"  # the voters' page


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    board = services.assembly.board(context.user, context.site, year_of(context))
    lead = _("People vote on their phones with a code that is printed beforehand. Nobody learns what somebody voted.")
    parts: list[Any] = [page_header(_(TITLE), lead), *year_links(board, NAME, context)]
    if board.process is None:
        how = _("Announce one under Participatory budget.")
        return html.Div([*parts, no_data(_("This site has no participatory budget yet."), how)])
    boxes = services.ballots.desk(context.user, context.site, board.process.year)
    link = html.A(_("The page on which people vote"), href=context.address(BALLOT))
    return html.Div(
        [*parts, html.P(link), *(box_card(one, context) for one in boxes), open_card(board, services, context)]
    )


def box_card(box: DeskBox, context: PageContext) -> html.Section:
    _, info = context.gettext, box.info
    title = _("{state}: {place}", state=_(STATES[info.state]), place=info.zone or _("The whole site"))
    parts: list[Any] = [figures(box, context), facts(box, context)]
    if box.batches:
        parts.append(batches_table(box, context))
    parts += tally_parts(box, context)
    if info.state == "open":
        parts += [codes_form(box, context), end_form(box, "close", context)]
        parts += [] if used(box) else [end_form(box, "cancel", context)]
    return card(title, parts, times(info, context))


def used(box: DeskBox) -> int:
    return sum(one.used for one in box.batches)


def figures(box: DeskBox, context: PageContext) -> html.Dl:
    _, number = context.gettext, context.formats.number
    items = [
        tile(_("Codes printed"), number(sum(one.codes for one in box.batches))),
        tile(_("Have voted"), number(box.statistics["ballots"] if box.statistics else used(box))),
        tile(_("Proposals"), number(len(box.info.titles))),
    ]
    return tiles(items, _("The vote in figures"))


def facts(box: DeskBox, context: PageContext) -> html.Div:
    _, info = context.gettext, box.info
    kind = _(KIND_NAMES[info.form.kind]) + (f" ({info.form.most})" if info.form.most else "")
    asked = ", ".join(_(LABEL_NAMES[name]) for name in info.asks) or _("none")
    rows = [
        (_("Ballot"), kind),
        (_("Rule of the count"), rule_name(info.rule["rule"], context)),
        (_("Equal proposals"), tie_words(info.rule["ties"], context)),
        (_("Results wanted by"), asked),
    ]
    left_out = (box.statistics or {}).get("left_out", [])
    if left_out:
        names = ", ".join(_(LABEL_NAMES[name]) for name in left_out)
        rows.append((_("Left out, because a group was too small"), names))
    return data_table(_("What was announced for the vote"), [Column(_("What")), Column(_("Announced"))], rows)


def batches_table(box: DeskBox, context: PageContext) -> html.Div:
    _, number = context.gettext, context.formats.number
    rows = [
        [group_words(one.sex, one.age, one.zone, context), number(one.codes), number(one.used)] for one in box.batches
    ]
    heads = [Column(_("Codes for")), Column(_("Printed"), True), Column(_("Have voted"), True)]
    return data_table(_("Sheets of codes"), heads, rows)


def group_words(sex: str, age: str, zone: str, context: PageContext) -> str:
    _ = context.gettext
    parts = [_(BALLOT_SEXES[sex]) if sex else "", age, zone]
    return ", ".join(part for part in parts if part) or _("everybody")


def codes_form(box: DeskBox, context: PageContext) -> Any:
    _, info = context.gettext, box.info
    key = f"codes{info.id}-"
    parts = [hidden("box", str(info.id), form=key)]
    most = _("Up to {most} on a sheet.", most=MOST_CODES)
    number = _("Number of codes")
    parts.append(field("number", number, "100", most, key, required=True, inputmode="numeric", maxlength=4))
    none = [("", _("everybody"))]
    if "sex" in info.asks:
        sexes = [(code, _(name)) for code, name in BALLOT_SEXES.items()]
        parts.append(choice("sex", _("For"), [*none, *sexes], form=key))
    if "age" in info.asks:
        parts.append(choice("age", _("Age"), [*none, *((age, age) for age in AGES if age != "unknown")], form=key))
    if "zone" in info.asks:
        parts.append(choice("zone", _("Zone"), [*none, *box.zones], form=key))
    told = _("The sheet is given out once: codes are not kept and cannot be printed again.")
    parts.append(html.P(told, className="hint"))
    parts.append(html.Div([submit(_("Make codes and get the sheet (PDF)"))], className="buttons"))
    form = plain_form(f"{context.address(NAME)}/codes.pdf", parts)
    return html.Details([html.Summary(_("Print codes")), form], open=not box.batches)


def end_form(box: DeskBox, action: str, context: PageContext) -> Any:
    _, key = context.gettext, f"{action}{box.info.id}-"
    texts = {
        "close": (
            _("Close the vote"),
            _("Reason, where it is closed before its time"),
            _("Closing counts the ballots by the rule announced and removes codes and ballots."),
        ),
        "cancel": (_("Take the vote back"), _("Reason"), _("Possible while nobody has voted. Its codes are void.")),
    }
    title, reason, told = texts[action]
    parts = [
        hidden("box", str(box.info.id), form=key),
        field("reason", reason, maxlength=400, hint=told, form=key),
        html.Div([submit(title, kind="outline-secondary")], className="buttons"),
    ]
    return html.Details([html.Summary(title), plain_form(f"{context.address(NAME)}/{action}", parts)])


def open_card(board: AssemblyBoard, services: Services, context: PageContext) -> html.Section:
    _ = context.gettext
    year = str(board.process.year) if board.process else ""
    zones = [("", _("The whole site")), *services.assembly.choices(context.user, context.site).zones]
    parts = [
        hidden("year", year),
        choice("zone", _("Who votes"), zones, hint=_("A zone votes on its own proposals under its own envelope.")),
        choice("kind", _("Ballot"), [(kind, _(KIND_NAMES[kind])) for kind in KINDS], KINDS[0]),
        field("most", _("Number of choices, places or points"), hint=_("Only where the ballot has one."),
              inputmode="numeric", maxlength=4),
        field("opens_at", _("Opens"), type="datetime-local", required=True),
        field("closes_at", _("Closes"), type="datetime-local", required=True),
        *(choice(f"by_{name}", _("Results by {label}", label=_(LABEL_NAMES[name])), [("", _("no")), ("1", _("yes"))])
          for name in LABELS),
        html.P(_("Results by a group need codes printed for it. What a group is too small for is left out."),
               className="hint"),
        html.Div([submit(_("Open the vote"))], className="buttons"),
    ]  # fmt: skip
    told = _("Proposals, envelope and rule stay as they are at this moment until the vote is closed.")
    form = plain_form(f"{context.address(NAME)}/open", parts)
    return card(_("Open a vote"), html.Details([html.Summary(_("Open a vote")), html.P(told), form]))


# --- what is posted --------------------------------------------------------------------------------------------------


def open_vote(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    year = posted_year(fields)
    most = fields.get("most", "").strip()
    wanted = BoxToOpen(
        kind=fields.get("kind", ""),
        most=whole(most) if most else None,
        opens_at=moment_of(fields.get("opens_at", ""), context),
        closes_at=moment_of(fields.get("closes_at", ""), context),
        asks=tuple(name for name in LABELS if fields.get(f"by_{name}")),
        zone=fields.get("zone", ""),
    )
    services.ballots.open(context.user, context.site, year, wanted)
    return context.address(NAME, year=str(year))


def moment_of(text: str, context: PageContext) -> datetime:
    """A day and time as the browser sends it, by the clock of the site."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"'{text[:30]}' is no day with a time. Choose both."
        raise InputError(Problem("box-time", message, value=text[:30], facts={"value": text[:30]})) from None
    country = context.site.country if context.site else ""
    return moment.replace(tzinfo=site_zone(country))


def make_codes(services: Services, context: PageContext, posted: Posted) -> Resource:
    fields = chosen(posted.fields)
    group = CodeGroup(fields.get("sex", ""), fields.get("age", ""), fields.get("zone", "").strip())
    address = request.url_root.rstrip("/") + context.address(BALLOT)
    number = whole(fields.get("number", ""))
    content, name = services.ballots.codes(context.user, context.site, box_of(fields), number, group, address)
    return Resource(content, "application/pdf", name)


def close(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    box = box_of(fields)
    year = services.ballots.box_year(context.user, context.site, box)
    closed = services.ballots.close(context.user, context.site, box, fields.get("reason", ""))
    return (
        context.address("results", vote=str(closed.vote.id)) if closed.vote else context.address(NAME, year=str(year))
    )


def cancel(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    box = box_of(fields)
    services.ballots.cancel(context.user, context.site, box, fields.get("reason", ""))
    return context.address(NAME, year=str(services.ballots.box_year(context.user, context.site, box)))


def whole(text: str) -> int:
    """A whole number, 0 where it is none: 0 is refused with what would do."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def box_of(fields: Any) -> int:
    number = whole(str(fields.get("box", "")))
    if not number:
        raise NotFoundError("ballot box", str(fields.get("box", ""))[:40])
    return number


def post_tally(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    box = box_of(fields)
    given = TallyToEnter(fields.get("way", ""), fields.get("place", ""), fields.get("rows", ""), fields.get("zone", ""))
    services.ballots.enter_tally(context.user, context.site, box, given)
    return after(services, context, box)


def post_sign(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    services.ballots.sign_tally(context.user, context.site, whole(fields.get("tally", "")), fields.get("rows", ""))
    return after(services, context, box_of(fields))


def post_withdraw(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    number, reason = whole(fields.get("tally", "")), fields.get("reason", "")
    services.ballots.withdraw_tally(context.user, context.site, number, reason)
    return after(services, context, box_of(fields))


def post_keep(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    services.ballots.keep_tally(context.user, context.site, whole(fields.get("tally", "")))
    return after(services, context, box_of(fields))


def after(services: Services, context: PageContext, box: int) -> str:
    return context.address(NAME, year=str(services.ballots.box_year(context.user, context.site, box)))


ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str | Resource]] = {
    "open": open_vote,
    "codes.pdf": make_codes,
    "close": close,
    "cancel": cancel,
    "tally": post_tally,
    "sign": post_sign,
    "withdraw": post_withdraw,
    "keep": post_keep,
}


def register_callbacks(app: Any, services: Services) -> None:
    """None: plain forms."""
