"""Words of the ballot that people see on their phones, and of what is refused there. No Dash here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from budget_model.assembly.ballot_forms import POINTS, RANKING, BallotContent, BallotForm, total_cost
from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.ballots import BoxInfo
from dashboard.views.assembly_words import money

KINDS = {
    "approval": mark("Mark every proposal that you want."),
    "k-approval": mark("Mark up to {most} proposals."),
    "knapsack": mark("Mark proposals as far as the money goes: {envelope}."),
    "ranking": mark("Give the place 1 to the proposal that you want most, 2 to the next. Up to {most} places."),
    "points": mark("Share out up to {most} points among the proposals."),
}
KIND_NAMES = {
    "approval": mark("Mark all that one wants"),
    "k-approval": mark("Mark up to a number"),
    "knapsack": mark("Mark as far as the money goes"),
    "ranking": mark("Put in order"),
    "points": mark("Share out points"),
}
LABELS = {"sex": mark("sex"), "age": mark("age"), "zone": mark("zone")}
STATES = {"open": mark("Open"), "closed": mark("Closed"), "cancelled": mark("Taken back")}

PROBLEMS: dict[str, str] = {
    "code-unknown": mark("There is no such code. Look at it again: it has 12 letters and digits."),
    "code-locked": mark("Too many wrong codes came from this connection. Wait a minute and try again."),
    "code-used": mark(
        "This code has voted already. A code votes once. If you sent your ballot a moment ago, it has arrived."
    ),
    "codes-other-key": mark("The server runs with another key than the codes were made with. Tell an official."),
    "codes-secret": mark("The server has no key for codes (SECRET_KEY). Whoever runs it must set one."),
    "vote-closed": mark("The vote is closed. No ballot is taken any more."),
    "vote-not-open": mark("The vote has not begun. Keep your code: it can vote when the vote opens."),
    "vote-cancelled": mark("This vote was taken back. Its codes are void; ask for another one."),
    "ballot-empty": mark("You have chosen nothing. Choose at least one proposal."),
    "ballot-unknown": mark("The proposal “{code}” is not on this ballot. Open the ballot again."),
    "ballot-too-many": mark("You chose {chosen}, and {most} are allowed. Take some away."),
    "ballot-too-dear": mark("What you chose costs more than there is. Take something away."),
    "ballot-points": mark("You gave {given} points, and you have {most}. Take some back."),
    "ballot-places": mark("Give the places 1, 2, 3 in order, each to one proposal."),
    "ballot-number": mark("Write whole numbers from 0."),
    "ballot-most": mark("This kind of ballot needs a number from 1 to {most}: of choices, places or points."),
    "ballot-most-unwanted": mark("This kind of ballot takes no number. Leave it empty."),
    "ballot-no-proposals": mark("No feasible proposal is here to vote on. Review proposals first."),
    "ballot-envelope": mark("There is no envelope to vote about. State it in the process first."),
    "box-rule": mark("The process names no rule of the count. Announce one before people vote."),
    "box-ties": mark("The rule for ties stops the count at a tie, and people cannot vote again. Announce another."),
    "box-there": mark("A vote is open here already. Close it first."),
    "box-counted": mark("A vote has been counted here already."),
    "box-all-zones": mark(
        "All of the envelope was given to zones ({zones}), which vote on it by themselves. Open a vote of each zone, "
        "or give the zones less in the process."
    ),
    "box-money-twice": mark(
        "Other votes of the year decide on {taken} already; with {wanted} of this one that is more than the envelope "
        "of {envelope}. The same money would be voted on twice. Correct the envelopes of the process first."
    ),
    "box-proposals-twice": mark(
        "On the ballot of another open vote already: {codes}. A proposal belongs to one vote. Close it first."
    ),
    "assembly-envelope": mark(
        "The zones add up to {zones}, which is more than the envelope of {envelope}. Give them less, or state a "
        "larger envelope."
    ),
    "box-times": mark("A vote closes after it opens, in the future, and lasts {days} days at most."),
    "box-days": mark("The vote was announced for {first} to {last}. Keep to these days, or announce others."),
    "box-time": mark("“{value}” is no day with a time. Choose both."),
    "box-not-open": mark("This vote is closed."),
    "box-early": mark("The vote closes later than now. Say why it is closed early."),
    "box-reason": mark("Say why the vote is taken back."),
    "box-has-ballots": mark("{ballots} people have voted. Close the vote instead of taking it back."),
    "vote-open": mark("A vote is open on the site here. Close it before another one is brought in."),
    "process-vote-open": mark("A vote is open: rule, envelope and limits stay as announced. Close the vote first."),
    "box-has-tallies": mark("Counts by hand were entered. Take them out first."),
    "tally-line": mark("Line {line} is not “choices; women; men; others” with whole numbers."),
    "tally-choices": mark("Line {line}: “{choices}” is no ballot of this vote. Correct the codes."),
    "tally-twice": mark("Line {line}: these choices stand in an earlier line already. Add the two up."),
    "tally-persons": mark("A count is of 1 to {most} people; here are {persons}."),
    "tally-long": mark("The count has {signs} signs, and {most} are taken. Enter it in parts, table by table."),
    "proposals-large": mark("The file is larger than {most} MiB. Bring the proposals in as several files."),
    "tally-way": mark("Choose paper or hands."),
    "tally-place": mark("Say which table or assembly this is the count of."),
    "tally-there": mark("There is a count of “{place}” already. Take it out first, or name another place."),
    "tally-same-person": mark("Whoever entered a count cannot sign it off. A second person counts again."),
    "tally-differs": mark(
        "{vote}: the first count says {first} and this one {second} ({group}). Count again together."
    ),
    "tally-reason": mark("Say why the count is taken out."),
    "tally-out-same-person": mark("You asked for this already. A second person must agree to take a signed count out."),
    "tally-not-leaving": mark("Nobody asked to take this count out."),
    "tally-leaving": mark(
        "Somebody asked to take counts out: {places}. A second person agrees, or keeps them, before closing."
    ),
    "tally-done": mark("This count was signed off or taken out already."),
    "tally-waits": mark("Counts wait for a second person: {places}. Sign them off or take them out before closing."),
    "codes-number": mark("A sheet has 1 to {most} codes. Make several sheets."),
    "codes-few": mark("A sheet for one group needs at least {least} codes, so that no ballot can be guessed."),
    "codes-not-asked": mark("This vote asks for no results by this. Leave it empty, or open another vote."),
    "codes-group": mark("“{value}” is no group here. Choose one of those offered."),
}


@dataclass(frozen=True)
class ChoiceRow:
    """A proposal of the ballot as the page shows it. `number`: what was chosen, 0 nothing."""

    code: str
    title: str
    description: str
    cost: str
    whole_cost: str  # for the script that adds up, in the smallest unit
    number: int
    rivals: str = ""  # a sentence with the proposals beside which it cannot win


def choice_rows(box: BoxInfo, chosen: Mapping[str, int], context: PageContext) -> list[ChoiceRow]:
    return [
        ChoiceRow(
            code,
            context.in_language(box.titles[code], code),
            context.in_language(box.descriptions[code]),
            money(exact(cost), context),
            str(int(cost * 100)),
            chosen.get(code, 0),
            rival_words(box, code, context),
        )
        for code, cost in box.form.costs.items()
    ]


def rival_words(box: BoxInfo, code: str, context: PageContext) -> str:
    """Which proposals of the ballot exclude this one, and what comes of that; empty where none does."""
    others = sorted({one for pair in box.rule["exclusive"] if code in pair for one in pair} - {code})
    if not others:
        return ""
    titles = ", ".join(f"“{context.in_language(box.titles[one], one)}”" for one in others)
    return context.gettext(
        "It cannot be done together with {titles}: only the one that comes first in the count can win. You may choose "
        "both.",
        titles=titles,
    )


def exact(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def how_to_fill(form: BallotForm, context: PageContext) -> str:
    return context.gettext(KINDS[form.kind], most=form.most, envelope=money(exact(form.budget), context))


def preview_rows(box: BoxInfo, content: BallotContent, context: PageContext) -> list[tuple[str, str, str]]:
    """What the ballot says, line by line: place or points, title, price."""
    _ = context.gettext
    codes = content.vote.split(",")
    points = content.points.split(",") if content.points else [""] * len(codes)
    lines = []
    for place, (code, given) in enumerate(zip(codes, points, strict=True), 1):
        before = str(place) if box.form.kind == RANKING else ""
        if box.form.kind == POINTS:
            before = _("{number} points", number=given)
        title = context.in_language(box.titles[code], code)
        lines.append((before, title, money(exact(box.form.costs[code]), context)))
    return lines


def total_words(box: BoxInfo, content: BallotContent, context: PageContext) -> str:
    total = total_cost(box.form, content.vote.split(","))
    told = {"total": money(exact(total), context), "envelope": money(exact(box.form.budget), context)}
    return context.gettext("Together: {total} of {envelope}.", **told)


def times(box: BoxInfo, context: PageContext) -> str:
    moment = context.formats.moment
    offset = f"{box.opens_at:%z}"
    told = {"first": moment(box.opens_at), "last": moment(box.closes_at), "offset": f"UTC{offset[:3]}:{offset[3:]}"}
    said = context.gettext("From {first} to {last} ({offset})", **told)
    if box.state == "open" and datetime.now(UTC) >= box.closes_at:
        return f"{said}. {context.gettext('The time to vote is over; the ballots are not counted yet.')}"
    return said
