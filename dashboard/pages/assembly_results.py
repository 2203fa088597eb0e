"""Results of the vote: who won and why, other rules, women beside men, and the record that anybody counts again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from dash import html

from budget_model.errors import InputError, NotFoundError, Problem
from dashboard.components import Column, card, data_table, no_data, notice, page_header, source_note, tile, tiles
from dashboard.components.forms import choice, chosen, field, file_field, hidden, plain_form, submit
from dashboard.components.projector import assembly_page
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.assembly_parts import posted_year, year_links, year_of
from dashboard.router import Posted, Resource
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.assembly import NO_SCORES, AssemblyBoard, ScoreBoard, VoteInfo
from dashboard.views.assembly_result_parts import (
    COMMAND,
    FINDING,
    INFO,
    NOTE,
    SOURCE,
    WARNING,
    ResultPart,
    ResultTable,
    Told,
    record_address,
    record_title,
    record_words,
    result_facts,
    result_parts,
)
from data.readers.pabulib_sections import MOST_BYTES
from data.workflows.stored_votes import VoteToImport
from data.workflows.vote_studies import RELABELLINGS

NAME = "results"
TITLE = mark("Results of the vote")
GROUP = Group.ASSEMBLY
ROLES = EVERYBODY
KIND = "vote-study"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    vote_id = number_in(context, "vote")
    year = services.assembly.vote_year(context.user, context.site, vote_id) if vote_id else year_of(context)
    board = services.assembly.board(context.user, context.site, year)
    header = page_header(_(TITLE), _("Who won, why, and whether women and men fared alike."))
    parts: list[Any] = [header, *year_links(board, NAME, context)]
    votes = services.assembly.votes(context.user, context.site, board.process.year) if board.process else ()
    if not votes:
        how = _("The result appears here when the vote has been counted.")
        return html.Div(
            [*parts, no_data(_("No vote has been counted yet."), how), *official_cards(board, None, context)]
        )
    vote = next((one for one in votes if one.id == vote_id), votes[0])
    scores = services.assembly.scores(context.user, context.site, board.process.year) if board.process else NO_SCORES
    parts += [*vote_links(votes, vote, context), *result_cards(vote, scores, context)]
    return assembly_page(context, [*parts, *official_cards(board, vote, context)])


def number_in(context: PageContext, name: str) -> int | None:
    text = context.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def vote_links(votes: tuple[VoteInfo, ...], vote: VoteInfo, context: PageContext) -> list[Any]:
    """Votes by zone, where there are several."""
    if len(votes) < 2:
        return []
    names = [(one, one.zone or context.gettext("The whole site")) for one in votes]
    links = [
        html.Strong(name) if one is vote else html.A(name, href=context.address(NAME, vote=str(one.id)))
        for one, name in names
    ]
    return [html.P(links, className="year-links")]


def result_cards(vote: VoteInfo, scores: ScoreBoard, context: PageContext) -> list[Any]:
    facts = [tile(one.label, one.value, one.note or None) for one in result_facts(vote, context)]
    return [
        tiles(facts, context.gettext("The vote in figures")),
        *(part_card(part, context) for part in result_parts(vote, scores, context)),
        record_card(vote, context),
    ]


def part_card(part: ResultPart, context: PageContext) -> html.Section:
    return card(part.title, [block(one, context) for one in part.blocks], part.hint or None)


def block(one: Told | ResultTable, context: PageContext) -> Any:
    """A sentence or a table of a part."""
    if isinstance(one, Told):
        return sentence(one, context)
    columns = [Column(head, number in one.figures) for number, head in enumerate(one.heads)]
    shown = data_table(one.caption, columns, one.rows)
    return html.Details([html.Summary(one.caption), shown]) if one.is_long else shown


def sentence(one: Told, context: PageContext) -> Any:
    if one.kind in (INFO, WARNING):
        return notice([one.text], one.kind)
    if one.kind == SOURCE:
        return source_note(context, [one.text])
    return html.P(
        html.Strong(one.text) if one.kind == FINDING else one.text,
        className="source-note" if one.kind == NOTE else "",
    )


def record_card(vote: VoteInfo, context: PageContext) -> html.Section:
    _ = context.gettext
    return card(
        record_title(context),
        [
            html.P(record_words(context)),
            html.Pre(COMMAND, tabIndex=0),
            html.P(
                html.A(
                    _("Download the record"),
                    href=record_address(vote, context),
                    className="btn btn-outline-secondary",
                )
            ),
            html.P([_("Seal (SHA-256): "), html.Code(vote.hash)], className="seal"),
        ],
    )


# --- officials -------------------------------------------------------------------------------------------------------


def official_cards(board: AssemblyBoard, vote: VoteInfo | None, context: PageContext) -> list[Any]:
    _ = context.gettext
    if not board.may_edit:
        return []
    year = str(board.process.year) if board.process else ""
    parts = [
        field("year", _("Year"), year, required=True, maxlength=4),
        file_field("file", _("File of the vote (.pb)"), (".pb",), _("In the format of Pabulib."), required=True),
        field("zone", _("Code of the zone"), hint=_("Empty: the whole site."), maxlength=80),
        field("reason", _("Reason, where it takes the place of a vote that is there"), maxlength=400),
        html.Div([submit(_("Bring the vote in and count it"))], className="buttons"),
    ]
    shown: list[Any] = [plain_form(f"{context.address(NAME)}/import", parts, has_files=True)]
    if vote is not None:
        shown += [study_form(vote, context), file_link(vote, context)]
    return [card(_("For officials"), shown)]


def study_form(vote: VoteInfo, context: PageContext) -> Any:
    _ = context.gettext
    counts = [(str(n), context.formats.number(n)) for n in (RELABELLINGS, 10_000)]
    parts = [
        hidden("vote", str(vote.id)),
        choice("relabellings", _("Shuffles of women and men"), counts, str(RELABELLINGS)),
        html.Div([submit(_("Compute other rules and chance"), kind="outline-secondary")], className="buttons"),
    ]
    return plain_form(f"{context.address(NAME)}/study", parts)


def file_link(vote: VoteInfo, context: PageContext) -> html.P:
    told = context.gettext("The file of the vote as it came in, with all that it tells of voters")
    return html.P(html.A(told, href=f"{context.address(NAME)}/vote.pb?vote={vote.id}"))


def bring_in(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    year = posted_year(fields)
    for name, stream in posted.files.get("file", ())[:1]:
        given = VoteToImport(
            stream.read(MOST_BYTES + 1),
            name.replace("\\", "/").rsplit("/", 1)[-1],
            fields.get("zone", "").strip(),
            reason=fields.get("reason", ""),
        )
        done = services.assembly.import_vote(context.user, context.site, year, given)
        return context.address(NAME, vote=str(done.vote.id))
    raise InputError(Problem("file_missing", "No file was sent. Choose one."))


def study(services: Services, context: PageContext, posted: Posted) -> str:
    """Ask for the calculation; where it stands is told among the person's calculations."""
    texts = (posted.fields.get("vote", ""), posted.fields.get("relabellings", ""))
    vote, count = (int(text) if text.isascii() and text.isdigit() else 0 for text in texts)
    services.assembly.vote_year(context.user, context.site, vote)
    services.jobs.start(context.user, context.site, KIND, {"vote": vote, "relabellings": count})
    return context.address("calculations")


def record(services: Services, context: PageContext) -> Resource:
    sealed = services.assembly.record(context.user, context.site, wanted_vote(context))
    content = (json.dumps(sealed, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    return Resource(content, "application/json", "record.json")


def file(services: Services, context: PageContext) -> Resource:
    content, name = services.assembly.file(context.user, context.site, wanted_vote(context))
    return Resource(content, "text/plain", name)


def wanted_vote(context: PageContext) -> int:
    number = number_in(context, "vote")
    if number is None:
        raise NotFoundError("vote", context.query.get("vote", ""))
    return number


RESOURCES: dict[str, Callable[[Services, PageContext], Resource]] = {"record.json": record, "vote.pb": file}
QUERIES = dict.fromkeys(RESOURCES, frozenset({"vote"}))
ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str]] = {"import": bring_in, "study": study}


def register_callbacks(app: Any, services: Services) -> None:
    """None: plain forms and links."""
