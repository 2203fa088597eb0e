"""Winners of the participatory budget become budget lines, and lines that came otherwise are said to be theirs.

Lines are written with their tags proposed, in one transaction: all of them or none. They hold the price of the vote as
opening budget (PIA) and nothing else, so that no model takes a wish for a budget. When the ministry's file brings the
real line, a person matches it to the winner, and it takes the place of the line that was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.execution import Candidate, likely_lines
from budget_model.errors import InputError, NotFoundError, Problem
from data.store import assembly as store
from data.store import audit
from data.store.engine import transaction
from data.store.lines import list_lines, load_line, save_lines
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, BudgetLine, ProgrammeLineShare, Site, WinnerLine
from data.store.winner_lines import MADE, MATCHED, find_lines, list_links_of_line, list_winner_lines
from data.workflows.tag_people import TAGGERS, require_role
from data.workflows.winners import Winner, propose_tags, source_name, winners_of

LONGEST_CODE, LONGEST_SOURCE = 200, 200
NOTHING = Decimal(0)
WHOLE = Decimal(1)


@dataclass(frozen=True)
class WantedLine:
    """A line to be written from a winner. `amount` None: the price of the vote."""

    proposal: str
    code: str
    source: str
    amount: Decimal | None = None
    row: int | None = None  # of a file, for messages


# --- lines that are made ---------------------------------------------------------------------------------------------


def make_lines(
    factory: sessionmaker[Session],
    site_slug: str,
    year: int,
    wanted: Sequence[WantedLine],
    actor: str,
    *,
    budget_year: int | None = None,
    language: str = "es",
) -> list[WinnerLine]:
    """Write budget lines for winners of the process of a year, each with a tag proposed.

    budget_year : None: that of the process
    language : of the reason that stands with the tags
    Raises InputError with every problem, NotFoundError, AccessError; then nothing is changed.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        require_role(session, actor, site.id, TAGGERS, "write budget lines")
        process = store.load_process(session, site.id, year)
        store.lock_process(session, process.id)
        winners, of_year = winners_of(session, process), budget_year or year
        problems = list(_problems(session, site, process, winners, wanted, of_year))
        if problems:
            raise InputError(problems)
        rows = [_row(one, winners[one.proposal], process, of_year) for one in wanted]
        save_lines(session, site.id, actor, rows)
        tagged = {(of_year, one.code.strip()): winners[one.proposal] for one in wanted}
        propose_tags(session, site, process, tagged, actor, language)
        links = [_link(process, one.proposal, of_year, one.code.strip(), WHOLE, MADE, actor) for one in wanted]
        session.add_all(links)
        session.flush()
        told = {"budget_year": of_year, "lines": [[one.proposal, one.code.strip()] for one in wanted]}
        audit.record(session, actor, "assembly.lines.make", str(year), site.id, told)
        return links


def _problems(
    session: Session,
    site: Site,
    process: AssemblyProcess,
    winners: Mapping[str, Winner],
    wanted: Sequence[WantedLine],
    budget_year: int,
) -> list[Problem]:
    if not wanted:
        return [Problem("winner-lines-none", "No line is to be written. State a code for at least one winner.")]
    there = find_lines(session, site.id, [(budget_year, one.code.strip()) for one in wanted])
    linked = {(link.proposal_code, link.year) for link in list_winner_lines(session, process.id)}
    codes = [one.code.strip() for one in wanted]
    found: list[Problem] = []
    for one in wanted:
        code = one.code.strip()
        message = _refusal(one, winners, (budget_year, code) in there, (one.proposal, budget_year) in linked)
        if message is None and codes.count(code) > 1:
            message = ("winner-line-twice", f"The line '{code[:80]}' is named twice. Every line needs its own code.")
        if message is not None:
            facts = {"proposal": one.proposal[:40], "code": code[:80], "year": budget_year}
            found.append(Problem(message[0], message[1], line=one.row, value=code[:80], facts=facts))
    return found + _sums(wanted, winners)


def _refusal(one: WantedLine, winners: Mapping[str, Winner], is_there: bool, is_linked: bool) -> tuple[str, str] | None:
    """Why a line cannot be written: rule and message."""
    code, name = one.code.strip(), one.proposal[:40]
    if one.proposal not in winners:
        return "winner-unknown", f"'{name}' has not won in this process. The winners are: {', '.join(winners)[:300]}."
    if not code or len(code) > LONGEST_CODE:
        return "winner-line-code", f"'{name}' needs a code of the budget, of {LONGEST_CODE} letters at most."
    if not one.source.strip() or len(one.source.strip()) > LONGEST_SOURCE:
        return "winner-line-source", f"State the funding source of '{name}': whence its money comes."
    if one.amount is not None and one.amount <= 0:
        return "winner-line-amount", f"The amount of '{name}' is not above 0. Leave it empty for the price of the vote."
    if is_there:
        return "winner-line-there", f"The budget has a line '{code[:80]}' already. Match it to '{name}' instead."
    if is_linked:
        return "winner-line-linked", f"'{name}' has a line in that year already. Take it away first, or match another."
    return None


def _sums(wanted: Sequence[WantedLine], winners: Mapping[str, Winner]) -> list[Problem]:
    """Lines of a winner that hold more money together than was voted for."""
    found = []
    for name, winner in winners.items():
        own = [winner.cost if one.amount is None else one.amount for one in wanted if one.proposal == name]
        if sum(own, NOTHING) > winner.cost:
            message = f"The lines of '{name}' add up to {sum(own, NOTHING)}; it won with a price of {winner.cost}."
            facts = {"proposal": name, "cost": str(winner.cost), "sum": str(sum(own, NOTHING))}
            found.append(Problem("winner-line-sum", message, value=name, facts=facts))
    return found


def _row(one: WantedLine, winner: Winner, process: AssemblyProcess, budget_year: int) -> dict[str, Any]:
    title = winner.title.get("es") or next(iter(winner.title.values()))
    return {
        "year": budget_year,
        "code": one.code.strip(),
        "labels": {
            "activity": title,
            "source": one.source.strip(),
            "participatory_budget": f"{process.year} {winner.code}",
            **({"zone": winner.zone} if winner.zone else {}),
        },
        "pia": winner.cost if one.amount is None else one.amount,
        "source_file": source_name(process),
        "source_sha256": winner.seal,
        "source_line": None,
    }


def _link(
    process: AssemblyProcess, name: str, year: int, code: str, share: Decimal, origin: str, actor: str
) -> WinnerLine:
    return WinnerLine(
        process_id=process.id,
        proposal_code=name,
        year=year,
        line_code=code,
        share=share,
        origin=origin,
        saved_at=datetime.now(UTC),
        saved_by=actor,
    )


# --- lines that came otherwise ---------------------------------------------------------------------------------------


def match_line(
    factory: sessionmaker[Session],
    site_slug: str,
    year: int,
    name: str,
    line: tuple[int, str],
    actor: str,
    share: Decimal = WHOLE,
    *,
    language: str = "es",
) -> WinnerLine:
    """Say that a line (budget year, code), or a share of it, carries out a winner of the process of `year`.

    Lines that were made of the winner for that budget year go: this one takes their place. A line without a tag gets
    that of the winner proposed.
    Raises InputError (no winner; a share that is none or is taken; a made line that feeds a programme), NotFoundError,
    AccessError; then nothing is changed.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        require_role(session, actor, site.id, TAGGERS, "match budget lines")
        process = store.load_process(session, site.id, year)
        store.lock_process(session, process.id)
        winner = _check_match(session, site, process, name, line, share)
        gone = _remove_made(session, site, process, name, line)
        link = _link(process, name, line[0], line[1], share, MATCHED, actor)
        session.add(link)
        session.flush()
        propose_tags(session, site, process, {line: winner}, actor, language, only_untagged=True)
        told = {"proposal": name, "budget_year": line[0], "code": line[1], "share": str(share), "replaced": gone}
        audit.record(session, actor, "assembly.lines.match", str(year), site.id, told)
        return link


def _check_match(
    session: Session, site: Site, process: AssemblyProcess, name: str, line: tuple[int, str], share: Decimal
) -> Winner:
    facts = {"proposal": name[:40], "code": line[1][:80], "year": line[0]}
    winners = winners_of(session, process)
    if name not in winners:
        message = f"'{name[:40]}' has not won in this process. The winners are: {', '.join(winners)[:300]}."
        raise InputError(Problem("winner-unknown", message, value=name[:40], facts=facts))
    if not (share.is_finite() and 0 < share <= 1 and share == round(share, 6)):
        message = "The share of the line is not above 0 to 100 %, with four decimals at most."
        raise InputError(Problem("winner-line-share", message, value=str(share)[:40], facts=facts))
    found = load_line(session, site.id, *line)
    links = list_links_of_line(session, site.id, *line)
    if any(link.process_id == process.id and link.proposal_code == name for link in links):
        message = f"The line '{line[1][:80]}' is matched to '{name}' already."
        raise InputError(Problem("winner-line-matched", message, value=line[1][:80], facts=facts))
    taken = sum((link.share for link in links), NOTHING)
    if taken + share > 1:
        message = (
            f"{taken * 100:f} % of the line '{found.code[:80]}' are matched already; {(1 - taken) * 100:f} % are left."
        )
        left = {**facts, "left": f"{(1 - taken) * 100:f}"}
        raise InputError(Problem("winner-line-taken", message, value=found.code[:80], facts=left))
    return winners[name]


def _remove_made(session: Session, site: Site, process: AssemblyProcess, name: str, line: tuple[int, str]) -> list[str]:
    """Take away the lines that were made of a winner for the same budget year; gives their codes."""
    made = [
        link
        for link in list_winner_lines(session, process.id)
        if (link.proposal_code, link.year, link.origin) == (name, line[0], MADE)
    ]
    there = find_lines(session, site.id, [(link.year, link.line_code) for link in made])
    for link in made:
        own = there.get((link.year, link.line_code))
        if own is not None and own.source_file == source_name(process) and own.code != line[1]:
            _refuse_feeding(session, own)
            session.delete(own)
        session.delete(link)
    session.flush()
    return [link.line_code for link in made]


def _refuse_feeding(session: Session, line: BudgetLine) -> None:
    query = select(ProgrammeLineShare.programme_id).where(ProgrammeLineShare.budget_line_id == line.id)
    if session.scalar(query) is not None:
        message = f"The line '{line.code}' feeds a programme. Take it out of the programme first."
        raise InputError(Problem("winner-line-feeds", message, value=line.code[:80], facts={"code": line.code[:80]}))


def unmatch_line(
    factory: sessionmaker[Session],
    site_slug: str,
    year: int,
    name: str,
    line: tuple[int, str],
    actor: str,
    reason: str,
) -> None:
    """Take back that a line carries out a winner, with a reason; a line that was made of it goes with it.

    Raises InputError without a reason, NotFoundError, AccessError.
    """
    if not reason.strip():
        raise InputError(Problem("winner-line-reason", "State why the line is no longer the winner's."))
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        require_role(session, actor, site.id, TAGGERS, "match budget lines")
        process = store.load_process(session, site.id, year)
        store.lock_process(session, process.id)
        links = list_winner_lines(session, process.id)
        found = next((one for one in links if (one.proposal_code, one.year, one.line_code) == (name, *line)), None)
        if found is None:
            raise NotFoundError("line of the winner", f"{name} {line[0]} {line[1]}")
        own = find_lines(session, site.id, [line]).get(line)
        if found.origin == MADE and own is not None and own.source_file == source_name(process):
            _refuse_feeding(session, own)
            session.delete(own)
        session.delete(found)
        told = {"proposal": name, "budget_year": line[0], "code": line[1], "reason": reason.strip()[:1000]}
        audit.record(session, actor, "assembly.lines.unmatch", str(year), site.id, told)


def suggested_lines(
    session: Session, process: AssemblyProcess, budget_year: int
) -> dict[str, tuple[tuple[Candidate, BudgetLine], ...]]:
    """For each winner without a line of its own in a budget year: lines that may be its."""
    lines = [
        line for line in list_lines(session, process.site_id, budget_year) if line.source_file != source_name(process)
    ]
    by_code = {line.code: line for line in lines}
    texts = [(line.code, " ".join(line.labels.values()), (line.pia, line.pim)) for line in lines]
    links = [link for link in list_winner_lines(session, process.id) if link.year == budget_year]
    matched = {link.proposal_code for link in links if link.line_code in by_code}  # whatever was made is not among them
    found = {}
    for winner in winners_of(session, process).values():
        if winner.code not in matched:
            title = winner.title.get("es") or next(iter(winner.title.values()))
            likely = likely_lines(winner.code, title, winner.cost, texts)
            found[winner.code] = tuple((one, by_code[one.code]) for one in likely)
    return found
