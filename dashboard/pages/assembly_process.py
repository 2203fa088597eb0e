"""The participatory budget of a year: phases, money, rules and their legal ground, participants in numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import yaml
from dash import html

from budget_model.assembly.counting import RULES as RULE_CODES
from budget_model.assembly.criteria import Criterion
from dashboard.components import Column, card, data_table, no_data, page_header, source_note, tile, tiles
from dashboard.components.forms import choice, chosen, field, hidden, plain_form, submit
from dashboard.components.projector import assembly_page, kept_size
from dashboard.context import PageContext
from dashboard.groups import Group
from dashboard.i18n import mark
from dashboard.pages.assembly_criteria import criteria_lines, criteria_of_lines
from dashboard.pages.assembly_parts import posted_year, text_area, year_links, year_of
from dashboard.pages.assembly_quorum_form import quorum_fields, quorum_of
from dashboard.pages.assembly_zone_form import zone_fields, zones_of
from dashboard.router import Posted
from dashboard.services import Services
from dashboard.services.access import EVERYBODY
from dashboard.services.assembly import AssemblyBoard, ProcessInfo
from dashboard.views.assembly_people import FigureTable, parity_words, people_tables, why_no_people
from dashboard.views.assembly_words import PHASES, RULES, TIES, money, rule_name, tie_words
from dashboard.views.ballot_words import times
from dashboard.views.quorum_words import registration_sentences, rule_sentences
from data.readers.process_file import AS_ANNOUNCED, LEAST_GROUP, ProcessFile, parse_process
from data.readers.process_file import PHASES as PHASE_CODES
from data.readers.typed_numbers import plain_text

NAME = "process"
TITLE = mark("Participatory budget")
GROUP = Group.ASSEMBLY
ROLES = EVERYBODY
FORM_NAME = "process.yaml"


def layout(services: Services, context: PageContext) -> html.Div:
    _ = context.gettext
    board = services.assembly.board(context.user, context.site, year_of(context))
    header = page_header(_(TITLE), _("What is decided together: when, with how much money, and by which rules."))
    light = html.P(html.A(_("Light version for phones"), href=context.address("phone")), className="on-screen")
    parts: list[Any] = [header, light, *year_links(board, NAME, context)]
    if board.process is None:
        parts.append(no_data(_("This site has no participatory budget yet."), _("An official starts one with a year.")))
    else:
        parts += [figures(board, board.process, context), phases_card(board.process, context)]
        parts += [*ballot_links(services, board.process, context), *follow_up_links(board, board.process, context)]
        parts += [rules_card(board.process, context), quorum_card(board.process, context)]
        parts.append(people_card(board.process, context))
    return assembly_page(context, [*parts, *official_form(services, board, context)])


def official_form(services: Services, board: AssemblyBoard, context: PageContext) -> list[Any]:
    if not board.may_edit:
        return []
    year = board.process.year if board.process else None
    criteria = services.criteria.matrix(context.user, context.site, year).criteria if year else ()
    sectors = services.assembly.choices(context.user, context.site).sectors
    return [form_card(board, criteria, sectors, context)]


def ballot_links(services: Services, process: ProcessInfo, context: PageContext) -> list[Any]:
    """The way to the ballot, while a vote of the year is announced or open."""
    _ = context.gettext
    boxes = [one for one in services.ballots.announced(context.user, context.site) if one.year == process.year]
    if not boxes:
        return []
    lines = [html.P(f"{one.zone or _('The whole site')}: {times(one, context)}") for one in boxes]
    link = html.P(html.A(_("Vote with your code"), href=context.address("ballot"), className="btn btn-primary"))
    return [card(_("The vote"), [*lines, link])]


def follow_up_links(board: AssemblyBoard, process: ProcessInfo, context: PageContext) -> list[Any]:
    """The way to what became of the winners: of this year once it was counted, and of the years before."""
    years = [year for year in board.years if year < process.year or (year == process.year and board.has_vote)]
    links = [
        html.A(
            context.gettext("What became of the winners of {year}", year=str(year)),
            href=context.address("follow-up", year=str(year)),
        )
        for year in years[:3]
    ]
    return [html.P(links, className="year-links")] if links else []


def figures(board: AssemblyBoard, process: ProcessInfo, context: PageContext) -> html.Dl:
    _ = context.gettext
    year, kept = str(process.year), kept_size(context)
    proposals = html.A(
        context.formats.number(len(board.proposals)), href=context.address("proposals", year=year, **kept)
    )
    result = (
        html.A(_("see the results"), href=context.address("results", year=year, **kept))
        if board.has_vote
        else _("not yet")
    )
    items = [
        tile(_("Envelope"), money(process.envelope, context) if process.envelope else _("not stated")),
        tile(_("Proposals"), proposals),
        tile(_("Vote counted"), result),
    ]
    return tiles(items, _("The participatory budget in figures"))


def phases_card(process: ProcessInfo, context: PageContext) -> html.Section:
    _ = context.gettext
    if not process.phases:
        return card(_("Phases"), html.P(_("No days were announced.")))
    day = context.formats.date
    rows = [[_(PHASES[phase]), day(start), day(end)] for phase, start, end in process.phases]
    return card(
        _("Phases"),
        data_table(_("Phases with their days"), [Column(_("Phase")), Column(_("From")), Column(_("To"))], rows),
    )


def rules_card(process: ProcessInfo, context: PageContext) -> html.Section:
    _ = context.gettext
    least = process.least_votes
    facts = [
        (_("Rule of the count"), rule_name(process.rule, context)),
        (_("Equal proposals"), tie_words(process.ties, context)),
        (_("Votes needed to take part"), _("as the file of the vote says") if least is None else str(least)),
        (_("Smallest group that is shown"), context.formats.number(process.least_group)),
        (_("Legal ground"), process.citation or _("not stated")),
        (_("In force since"), context.formats.date(process.effective_on)),
        *((f"{_('Envelope')}: {name}", money(amount, context)) for _code, name, amount in process.zones),
    ]
    table = data_table(_("Rules that were announced"), [Column(_("What")), Column(_("Announced"))], facts)
    return card(_("Rules"), table)


def quorum_card(process: ProcessInfo, context: PageContext) -> html.Section:
    title = context.gettext("Quorum")
    if process.quorum is None:
        return card(title, html.P(context.gettext("No quorum was announced.")))
    told = [*registration_sentences(process.quorum, context), *rule_sentences(process.quorum, context)]
    return card(title, [html.P(html.Strong(told[0])), *(html.P(sentence) for sentence in told[1:])])


def people_card(process: ProcessInfo, context: PageContext) -> html.Section:
    _ = context.gettext
    title, why = _("Participants"), why_no_people(process, context)
    if why:
        return card(title, html.P(why))
    tables = [people_table(table) for table in people_tables(process, context)]
    sentence, source = parity_words(process, context)
    told = [html.P(sentence), *([source_note(context, [source])] if source else [])]
    return card(title, [tables[0], *told, *tables[1:]], _("In numbers only, never by name."))


def people_table(table: FigureTable) -> Any:
    first, *figures = table.heads
    return data_table(table.caption, [Column(first), *(Column(head, True) for head in figures)], table.rows)


# --- officials -------------------------------------------------------------------------------------------------------


def criteria_area(criteria: Sequence[Criterion], context: PageContext) -> html.Div:
    label = context.gettext(
        "The municipality's own criteria, one line each: code, weight, points at most, name in Spanish | name in "
        "English"
    )
    return text_area("criteria", label, criteria_lines(criteria), rows=4, most=8_000)


def form_card(
    board: AssemblyBoard, criteria: Sequence[Criterion], sectors: Sequence[tuple[str, str]], context: PageContext
) -> html.Section:
    """A year that is there is changed; another year that is written starts a new one."""
    _ = context.gettext
    process = board.process
    rules = [(code, _(RULES[code])) for code in (AS_ANNOUNCED, *RULE_CODES)]
    ties = [(code, _(name)) for code, name in TIES.items()]
    if process and process.ties not in TIES:
        ties.append((process.ties, tie_words(process.ties, context)))
    least = "" if process is None or process.least_votes is None else str(process.least_votes)
    parts = [
        hidden("seen", f"{process.year}:{process.version}" if process else ""),
        field("year", _("Year"), str(process.year) if process else "", required=True, maxlength=4),
        field(
            "envelope", _("Envelope"), str(process.envelope) if process and process.envelope else "",
            hint=_("With a decimal point: 1200000.00"), inputmode="decimal", maxlength=18,
        ),
        *zone_fields(process, sectors, context),
        choice("rule", _("Rule of the count"), rules, process.rule if process else AS_ANNOUNCED),
        choice("ties", _("Equal proposals"), ties, process.ties if process else "lexicographic"),
        field("least_votes", _("Votes needed to take part"), least, inputmode="numeric", maxlength=6),
        field(
            "least_group", _("Smallest group that is shown"),
            str(process.least_group if process else LEAST_GROUP), inputmode="numeric", maxlength=4,
        ),
        field("citation", _("Legal ground"), process.citation if process else "", maxlength=1000),
        day_field("effective_on", _("In force since"), process.effective_on if process else None),
        *quorum_fields(process, context),
        criteria_area(criteria, context),
        *phase_fields(process, context),
        people_area(process, context),
        html.Div([submit(_("Save the process"))], className="buttons"),
    ]  # fmt: skip
    form = plain_form(f"{context.address(NAME)}/save", parts)
    return card(_("For officials"), html.Details([html.Summary(_("Announce or change")), form]))


def day_field(name: str, label: str, value: date | None) -> html.Div:
    return field(name, label, value.isoformat() if value else "", type="date")


def phase_fields(process: ProcessInfo | None, context: PageContext) -> list[Any]:
    _ = context.gettext
    days = {phase: (start, end) for phase, start, end in process.phases} if process else {}
    made = []
    for code in PHASE_CODES:
        start, end = days.get(code, (None, None))
        both = [
            day_field(f"{code}_from", _("{phase}: from", phase=_(PHASES[code])), start),
            day_field(f"{code}_to", _("{phase}: to", phase=_(PHASES[code])), end),
        ]
        made.append(html.Div(both, className="form-grid"))
    return made


def people_area(process: ProcessInfo | None, context: PageContext) -> html.Div:
    lines = [
        ", ".join([one.sex, one.age, one.zone or "-", str(one.persons), one.organisation]).removesuffix(", ")
        for one in (process.people if process else ())
    ]
    label = context.gettext(
        "Participants, one line a group: sex (female, male, other), age (18-29 …, unknown), zone (- for none), "
        "persons, and the organisation that they stand for, if told"
    )
    return text_area("participants", label, "\n".join(lines), rows=6, most=20_000)


def save(services: Services, context: PageContext, posted: Posted) -> str:
    fields = chosen(posted.fields)
    year = posted_year(fields)
    known, _sep, version = str(fields.get("seen", "")).partition(":")
    seen = int(version) if known == str(year) and version.isdigit() else None
    board = services.assembly.board(context.user, context.site)
    zones = {}
    if year in board.years:
        process = services.assembly.board(context.user, context.site, year).process
        zones = {code: str(amount) for code, _name, amount in process.zones} if process else {}
    services.assembly.save_process(context.user, context.site, year, content_of(fields, zones_of(fields, zones)), seen)
    return context.address(NAME, year=str(year))


def content_of(fields: Mapping[str, str], zones: Mapping[str, str]) -> ProcessFile:
    """What the form says, read as a file would be, so that both have the same checks. zones : amounts by code"""
    told: dict[str, Any] = {name: fields.get(name, "").strip() for name in ("rule", "ties", "citation")}
    if (envelope := plain_text(fields.get("envelope"))) is not None:
        told["envelope"] = envelope
    for name in ("least_votes", "least_group", "effective_on"):
        if fields.get(name, "").strip():
            told[name] = fields[name].strip()
    phases = [
        {"phase": code, "starts_on": fields.get(f"{code}_from", ""), "ends_on": fields.get(f"{code}_to", "")}
        for code in PHASE_CODES
        if fields.get(f"{code}_from") or fields.get(f"{code}_to")
    ]
    if (quorum := quorum_of(fields)) is not None:
        told["quorum"] = quorum
    told["criteria"] = criteria_of_lines(fields.get("criteria", ""))
    told |= {"phases": phases, "participants": people_of(fields.get("participants", "")), "zones": dict(zones)}
    return parse_process(yaml.safe_dump(told, allow_unicode=True), FORM_NAME)


def people_of(text: str) -> list[dict[str, str]]:
    people = []
    for line in text.splitlines():
        if line.strip():
            parts = [part.strip() for part in line.split(",", 4)]  # a name of an organisation may hold commas
            sex, age, zone, persons, organisation = [*parts, "", "", "", "", ""][:5]
            told = {"sex": sex, "age": age, "zone": "" if zone == "-" else zone, "persons": persons}
            people.append({**told, "organisation": organisation} if organisation else told)
    return people


ACTIONS: dict[str, Callable[[Services, PageContext, Posted], str]] = {"save": save}


def register_callbacks(app: Any, services: Services) -> None:
    """None: a plain form."""
