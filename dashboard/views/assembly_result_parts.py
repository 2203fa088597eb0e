"""The parts of the result of a vote: titles, sentences and tables, the same on the page with charts and the plain one.

How a part looks is for the page; what it says and which figures it shows is said here once. No Dash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.context import PageContext
from dashboard.services.assembly import ScoreBoard, VoteInfo
from dashboard.views import assembly_results as view
from dashboard.views.assembly_scores import list_rows, source_words
from dashboard.views.assembly_words import money, rule_name
from dashboard.views.quorum_words import people_rows, rule_sentences, vote_sentence, zone_rows

USUAL, FINDING, INFO, WARNING, NOTE, SOURCE = "usual", "finding", "info", "warning", "note", "source"
MOST_LOSERS, FIRST_LOSERS = 12, 10  # that stand open; of more, the first
COMMAND = "python -m budget_model verify record.json"


@dataclass(frozen=True)
class Told:
    """A sentence. `kind`: usual; the finding of its part; info or warning, which ask for attention; note; source."""

    text: str
    kind: str = USUAL


@dataclass(frozen=True)
class ResultTable:
    """Formatted cells. `figures`: which columns hold numbers. `names`: how many cells at the beginning name a row.

    `is_long`: to be folded until somebody asks for it. `is_told`: the last column holds sentences.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: frozenset[int] = frozenset()
    names: int = 1
    is_long: bool = False
    is_told: bool = False


@dataclass(frozen=True)
class ResultPart:
    """A part with its title; `hint` stands below the title."""

    title: str
    blocks: tuple[Told | ResultTable, ...]
    hint: str = ""


@dataclass(frozen=True)
class Fact:
    """A figure with its label above and a note below. `group`: women or men, whose figure it is; empty: nobody's."""

    label: str
    value: str
    note: str = ""
    group: str = ""


def result_facts(vote: VoteInfo, context: PageContext) -> list[Fact]:
    """The vote in figures."""
    _, number = context.gettext, context.formats.number
    outcome = vote.result["outcome"]
    return [
        Fact(_("Ballots"), number(vote.ballots), vote.zone or _("The whole site")),
        Fact(_("Envelope"), money(outcome["budget"], context)),
        Fact(_("Spent on winners"), money(outcome["cost"], context)),
        Fact(
            _("Winners"),
            number(len(outcome["winners"])),
            _("of {number} proposals", number=number(len(vote.result["projects"]))),
        ),
    ]


def result_parts(vote: VoteInfo, scores: ScoreBoard, context: PageContext) -> list[ResultPart]:
    """All parts but the record, in the order in which they are read."""
    return [
        quorum_part(vote, context),
        winners_part(vote, context),
        losers_part(vote, context),
        ties_part(vote, context),
        rules_part(vote, context),
        groups_part(vote, context),
        *other_groups_parts(vote, context),
        needs_part(vote, scores, context),
    ]


def table(
    caption: str, heads: list[str], rows: list[list[str]], figures: range | set[int] = range(0), **how: int
) -> ResultTable:
    return ResultTable(caption, tuple(heads), tuple(tuple(row) for row in rows), frozenset(figures), **how)


def quorum_part(vote: VoteInfo, context: PageContext) -> ResultPart:
    """Whether the vote had its quorum, and women and men at the vote beside the inhabitants."""
    _, quorum = context.gettext, vote.quorum
    blocks: list[Told | ResultTable] = []
    if quorum is None:
        blocks.append(Told(_("No quorum was announced for this vote.")))
    else:
        blocks.append(Told(vote_sentence(quorum, context), INFO if quorum["reached"] else WARNING))
        blocks += [Told(sentence) for sentence in rule_sentences(quorum, context)]
        rows = zone_rows(quorum, context)
        if rows:
            heads = [_("Zone"), _("Registered"), _("Needed"), _("Voted"), _("Quorum")]
            blocks.append(table(_("Quorum by zone"), heads, rows, range(1, 4)))
    return ResultPart(_("Quorum and parity"), (*blocks, *people_blocks(vote, context)))


def people_blocks(vote: VoteInfo, context: PageContext) -> list[Told | ResultTable]:
    _ = context.gettext
    if vote.people is None:
        return []
    heads = [_("Who"), _("Among those registered"), _("Among those who voted"), _("Share of the inhabitants")]
    rows = [[row.who, row.registered, row.voted, row.inhabitants] for row in people_rows(vote.people, context)]
    blocks: list[Told | ResultTable] = []
    if vote.people.too_many:
        blocks.append(Told(too_many_words(*vote.people.too_many, vote, context), WARNING))
    caption = _("Women and men when the vote was counted")
    blocks.append(table(f"{caption}: {vote.zone}" if vote.zone else caption, heads, rows, range(1, 4)))
    living = vote.people.inhabitants
    if living:
        told = _("Inhabitants of {year}: {source}", year=living.year, source=context.stored(living.source))
        blocks.append(Told(told, SOURCE))
    return blocks


def too_many_words(what: str, persons: int, vote: VoteInfo, context: PageContext) -> str:
    """That more ballots came than people could have cast."""
    _, number = context.gettext, context.formats.number
    facts = {"ballots": number(vote.ballots), "persons": number(persons)}
    if what == "inhabitants":
        return _(
            "There are more ballots ({ballots}) than inhabitants ({persons}). Check where they came from.", **facts
        )
    return _(
        "There are more ballots ({ballots}) than people who had registered ({persons}). Check the lists of "
        "participants and of ballots.",
        **facts,
    )


def proposal_table(vote: VoteInfo, caption: str, last: str, rows: list[list[str]], context: PageContext) -> ResultTable:
    _ = context.gettext
    heads = [_("Proposal"), _("Price"), *view.count_names(vote, context), last]
    return table(caption, heads, rows, range(1, len(heads) - 1), is_told=True)


def winners_part(vote: VoteInfo, context: PageContext) -> ResultPart:
    _ = context.gettext
    rule = _("Rule: {rule}.", rule=rule_name(vote.result["rule"]["rule"], context))
    rows = view.winner_rows(vote, context)
    if not rows:
        nobody = _("No proposal won: none of those that people chose fits into the envelope.")
        return ResultPart(_("Who won"), (Told(nobody, WARNING),), rule)
    won = proposal_table(vote, _("Winners in the order of the count"), _("Why it won"), rows, context)
    rounds = view.round_rows(vote, context)
    heads = [_("Round"), _("Proposal"), *view.count_names(vote, context), _("Price"), _("What came of it")]
    how = {"names": 2, "is_long": True, "is_told": True}
    steps = table(_("The count, round by round"), heads, rounds, range(2, len(heads) - 1), **how)
    return ResultPart(_("Who won"), (won, steps) if rounds else (won,), rule)


def losers_part(vote: VoteInfo, context: PageContext) -> ResultPart:
    """Losers; where they are many, those with most votes, and the others folded."""
    _ = context.gettext
    title, rows = _("Who did not win"), view.loser_rows(vote, context)
    if not rows:
        return ResultPart(title, (Told(_("Every proposal won.")),))
    if len(rows) <= MOST_LOSERS:
        return ResultPart(
            title, (proposal_table(vote, _("Proposals that did not win"), _("What it lacked"), rows, context),)
        )
    first, others = rows[:FIRST_LOSERS], rows[FIRST_LOSERS:]
    number = context.formats.number(len(others))
    shown = proposal_table(
        vote, _("Proposals that did not win: those with most support"), _("What it lacked"), first, context
    )
    folded = proposal_table(
        vote, _("The other {number} proposals that did not win", number=number), _("What it lacked"), others, context
    )
    return ResultPart(title, (shown, replace(folded, is_long=True)))


def ties_part(vote: VoteInfo, context: PageContext) -> ResultPart:
    _ = context.gettext
    told = tuple(Told(sentence) for sentence in view.tie_sentences(vote, context))
    compared = view.compared_ties(vote, context)
    if compared is None:
        return ResultPart(_("Ties"), told)
    names, rows = compared
    return ResultPart(_("Ties"), (*told, table(_("Winners by other rules for ties"), [_("Proposal"), *names], rows)))


def rules_part(vote: VoteInfo, context: PageContext) -> ResultPart:
    _ = context.gettext
    compared = view.compared_rules(vote, context)
    if compared is None:
        return ResultPart(_("Other rules"), (Told(_("Not computed yet.")),))
    names, rows = compared
    told = _("The first of the rules is the one that was announced and counts.")
    return ResultPart(_("Other rules"), (table(_("Winners by several rules"), [_("Proposal"), *names], rows),), told)


def groups_part(vote: VoteInfo, context: PageContext) -> ResultPart:
    """What the winning list means for women and for men, and whether chance explains the difference."""
    _ = context.gettext
    title = _("Women and men")
    if not vote.groups:
        few = _("Too few ballots of a group: nothing is shown, so that nobody's ballot can be guessed.")
        none = _("The ballots do not tell who is a woman and who a man.")
        return ResultPart(title, (Told(few if vote.is_group_hidden else none),))
    names = [view.group_name(label, context) for label in vote.groups]
    heads = [_("What the winning list means"), *names]
    facts = table(
        _("The winning list for women and for men"), heads, view.group_rows(vote, context), range(1, len(heads))
    )
    return ResultPart(title, (facts, *group_notes(vote, context), *own_lists(vote, names, context)))


def own_lists(vote: VoteInfo, names: list[str], context: PageContext) -> tuple[Told | ResultTable, ...]:
    """Who would have won by one group's ballots alone, and whether chance explains it; or why that is not told."""
    _ = context.gettext
    if not vote.has_own_lists:
        hidden = _(
            "Who would have won by one group's ballots alone is left out: beside the public ballots it could tell how "
            "single people voted."
        )
        return (Told(hidden),)
    own = [_("Proposal"), _("All ballots"), *(_("By {group} alone", group=name.lower()) for name in names)]
    lists = table(_("Who would have won by one group's ballots alone"), own, view.own_list_rows(vote, context))
    sentence = view.chance_sentence(vote, context)
    finding = Told(sentence, FINDING) if sentence else Told(_("Whether chance explains it: not computed yet."))
    return finding, lists


def group_notes(vote: VoteInfo, context: PageContext) -> list[Told]:
    """What is left out or rounded so that nobody's ballot can be worked out."""
    _ = context.gettext
    notes = [Told(_("A group with too few ballots is not shown."))] if vote.is_group_hidden else []
    if vote.is_rounded:
        rounded = _(
            "These figures are rounded: from exact ones, those of the few who are in none of these groups could be "
            "worked out."
        )
        notes.append(Told(rounded))
    return [*notes, ranges_note(context), *size_note(vote, vote.groups, context)]


def size_note(vote: VoteInfo, groups: Mapping[str, Mapping[str, Any]], context: PageContext) -> list[Told]:
    """Where no figure of any group is told: how many voters a group needs for a range to leave anything open."""
    if any(found is not None for one in groups.values() for found in one.get("ranges", {}).values()):
        return []
    least = context.formats.number(2 * vote.least_group)
    told = context.gettext(
        "For figures to be told, every group needs at least {least} ballots, and more where ballots are much alike.",
        least=least,
    )
    return [Told(told)]


def ranges_note(context: PageContext) -> Told:
    """Why figures of groups are no single numbers."""
    return Told(
        context.gettext(
            "Figures of groups are ranges, or left out: everybody may download all ballots, and exact figures beside "
            "them could tell how single people voted."
        )
    )


def other_groups_parts(vote: VoteInfo, context: PageContext) -> list[ResultPart]:
    """What the winning list means by age and by zone, where the ballots tell it of enough people."""
    _ = context.gettext
    blocks: list[Told | ResultTable] = []
    for caption, label, groups in (
        (_("The winning list by age"), _("Age"), vote.by_age),
        (_("The winning list by zone"), _("Zone"), vote.by_zone),
    ):
        if groups:
            heads = [label, _("Ballots"), _("Own choices that won, on average"), _("Share of the money")]
            heads.append(_("None of their choices won"))
            blocks.append(table(caption, heads, view.other_group_rows(groups, context), range(1, 5)))
            blocks += size_note(vote, groups, context)
    note = Told(_("Groups with few ballots are left out."), NOTE)
    return [ResultPart(_("Ages and zones"), (*blocks, ranges_note(context), note))] if blocks else []


def needs_part(vote: VoteInfo, scores: ScoreBoard, context: PageContext) -> ResultPart:
    """What the winners do for the survey's needs, beside the best list under the same envelope."""
    _ = context.gettext
    found = list_rows(scores, vote, context)
    title = _("What the list does for the needs that the survey found")
    if found is None:
        return ResultPart(title, (Told(_("Not computed yet.")),))
    rows, told = found
    heads = [_("List"), _("Women"), _("Men"), _("Both")]
    met = table(_("Needs met in a year, by the model of the site"), heads, rows, range(1, 4))
    return ResultPart(title, (met, *(Told(sentence) for sentence in told), Told(source_words(scores, context), SOURCE)))


def record_title(context: PageContext) -> str:
    return context.gettext("Count it again yourself")


def record_words(context: PageContext) -> str:
    """What the sealed record holds, before the command that counts it again."""
    return context.gettext(
        "The record holds the ballots without anything about voters, the rule, and the result under one seal. Whoever "
        "has this program counts it again, without any connection:"
    )


def record_address(vote: VoteInfo, context: PageContext) -> str:
    return f"{context.address('results')}/record.json?vote={vote.id}"
