"""A counted vote in plain words: why each proposal won or lost, what ties did, women beside men. No Dash here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

from dashboard.context import PageContext
from dashboard.services.assembly import VoteInfo
from dashboard.views.assembly_words import BALLOT_SEXES, money, number_of, rule_name, tie_words

Entry = Mapping[str, Any]


def title_of(vote: VoteInfo, code: str, context: PageContext) -> str:
    """`P-01 · Title`, or the code where nothing else is known."""
    title = context.in_language(vote.titles.get(code), code)
    return title if title == code else f"{code} · {title}"


def has_points(vote: VoteInfo) -> bool:
    """Whether people gave points or places, so that votes alone do not decide."""
    return any("points" in project for project in vote.result["projects"].values())


def counts_of(project: Mapping[str, Any], context: PageContext) -> list[str]:
    """How many chose a proposal, and the points they gave it where there are any."""
    votes = context.formats.number(project["votes"])
    return [votes, *([points_text(support_of(project), context)] if "points" in project else [])]


def support_of(project: Mapping[str, Any]) -> float:
    """What puts proposals in order: points, else votes."""
    return number_of(project.get("points", project["votes"]))


def points_text(points: float, context: PageContext) -> str:
    return context.formats.number(points, 0 if points.is_integer() else 2)


def count_names(vote: VoteInfo, context: PageContext) -> list[str]:
    """What `counts_of` tells, in its order."""
    _ = context.gettext
    return [_("Who chose it"), _("Points")] if has_points(vote) else [_("Votes")]


def winner_rows(vote: VoteInfo, context: PageContext) -> list[list[str]]:
    """Winners in the order of their choice: title, price, votes (and points), why."""
    rounds = {entry["proposal"]: entry for entry in vote.result["outcome"]["rounds"]}
    projects = vote.result["projects"]
    return [
        [
            title_of(vote, code, context),
            money(projects[code]["cost"], context),
            *counts_of(projects[code], context),
            why_won(rounds.get(code, {}), context),
        ]
        for code in vote.result["outcome"]["winners"]
    ]


def why_won(entry: Entry, context: PageContext) -> str:
    _, number = context.gettext, context.formats.number
    if entry.get("completion"):
        return _("Filled up at the end, by votes.")
    if "paid_by" in entry:
        return _("{number} of its supporters paid for it.", number=number(entry["paid_by"]))
    if "left" in entry:
        return _("Its turn came with {left} left, and it fitted.", left=money(entry["left"], context))
    if "supporters" in entry:
        return _("Its {number} supporters could pay for it first.", number=number(entry["supporters"]))
    return _("It belongs to the list that the rule finds.")


def loser_rows(vote: VoteInfo, context: PageContext) -> list[list[str]]:
    """Losers with what they lacked, those with most votes first."""
    projects, outcome = vote.result["projects"], vote.result["outcome"]
    ordered = sorted(outcome["losers"], key=lambda entry: -support_of(projects[entry["proposal"]]))
    return [
        [
            title_of(vote, entry["proposal"], context),
            money(projects[entry["proposal"]]["cost"], context),
            *counts_of(projects[entry["proposal"]], context),
            " ".join([why_lost(entry, vote, context), votes_lacked(entry, context)]).strip(),
        ]
        for entry in ordered
    ]


def why_lost(entry: Entry, vote: VoteInfo, context: PageContext) -> str:
    _ = context.gettext
    reason, budget = entry["reason"], vote.result["outcome"]["budget"]
    if number_of(entry["cost"]) > number_of(budget):
        return _("It costs more than the whole envelope of {budget}.", budget=money(budget, context))
    if reason == "does_not_fit":
        return _("{lacks} of money were missing when its turn came.", lacks=money(entry["lacks"], context))
    if reason == "excluded_by":
        return _("{rival} had won, and only one of the two may.", rival=title_of(vote, entry["rival"], context))
    if reason == "stopped":
        return _("The count had ended before its turn, as the rule says.")
    if reason == "no_votes":
        return _("Nobody chose it.")
    if reason == "no_points":
        return _("Those who chose it gave it no points.")
    if reason == "supporters_lack_money":
        told = _("Its supporters had {money} left of their parts, {lacks} less than it costs.")
        return told.format(money=rounded(entry["supporters_money"], context), lacks=rounded(entry["lacks"], context))
    if reason == "below_threshold":
        rule = vote.result["rule"]
        if rule.get("least_score"):
            least = context.formats.number(rule["least_score"])
            return _("It had fewer than the {least} points that are needed to take part.", least=least)
        least = context.formats.number(rule["least_votes"])
        return _("It had fewer than the {least} votes that are needed to take part.", least=least)
    return _("It is not in the list with the highest total that fits.")


def rounded(value: Any, context: PageContext) -> str:
    """Parts of voters' money, which have endless decimals, to whole units."""
    return context.formats.money(number_of(value), context.site.currency if context.site else "")


def votes_lacked(entry: Entry, context: PageContext) -> str:
    """The least number of further votes or points that would have been enough, where it is known; all else as it is."""
    if "further_points" in entry:
        points = ceil(number_of(entry["further_points"]) * 100) / 100
        told = context.gettext("With {number} points more, all else alike, it would have won.")
        return told.format(number=points_text(float(points), context))
    if "further_votes" not in entry:
        return ""
    more = entry["further_votes"]
    return context.ngettext(
        "With {number} vote more, all else alike, it would have won.",
        "With {number} votes more, all else alike, it would have won.",
        more,
        number=context.formats.number(more),
    )


def round_rows(vote: VoteInfo, context: PageContext) -> list[list[str]]:
    """Round by round: proposal, votes, price, money left before, what came of it."""
    _ = context.gettext
    projects = vote.result["projects"]
    rows = []
    for number, entry in enumerate(vote.result["outcome"]["rounds"], start=1):
        code = entry["proposal"]
        has_won = entry.get("won", True)
        rows.append(
            [
                context.formats.number(number),
                title_of(vote, code, context),
                *counts_of(projects[code], context),
                money(projects[code]["cost"], context),
                _("Wins. {why}", why=why_won(entry, context))
                if has_won
                else _("Does not win. {why}", why=why_lost(entry, vote, context)),
            ]
        )
    return rows


def tie_sentences(vote: VoteInfo, context: PageContext) -> list[str]:
    _ = context.gettext
    ties = vote.result["outcome"]["ties"]
    rule = tie_words(vote.result["rule"]["ties"], context)
    if not ties:
        return [_("No tie decided who won. The rule announced for ties was: {rule}.", rule=rule)]
    return [_tie_sentence(tie, rule, context) for tie in ties]


def _tie_sentence(tie: Entry, rule: str, context: PageContext) -> str:
    _ = context.gettext
    facts = {"tied": ", ".join(tie["tied"]), "chosen": tie["chosen"], "rule": rule}
    if tie["round"]:
        told = _(
            "Round {round}: {tied} were exactly equal. {chosen} came first by the rule announced for ties: {rule}.",
            round=context.formats.number(tie["round"]),
            **facts,
        )
    else:
        told = _(
            "While the parts were smaller, {tied} were exactly equal. {chosen} came first by the rule announced for "
            "ties: {rule}.",
            **facts,
        )
    if tie.get("certain", True):
        return told
    return " ".join([told, _("There are too many orders to try: this may have decided who won, or not.")])


def compared_rules(vote: VoteInfo, context: PageContext) -> tuple[list[str], list[list[str]]] | None:
    """Names of the rules, and a row a proposal that wins under any of them; None while nothing was computed."""
    if vote.study is None:
        return None
    own = {"name": vote.result["rule"]["rule"], "winners": vote.result["outcome"]["winners"]}
    counted = [own, *(one for one in vote.study["rules"] if "winners" in one and one["name"] != own["name"])]
    return [rule_name(one["name"], context) for one in counted], winner_marks(vote, counted, context)


def compared_ties(vote: VoteInfo, context: PageContext) -> tuple[list[str], list[list[str]]] | None:
    """The same for other rules of ties; None where no tie decided."""
    ties = [one for one in (vote.study or {}).get("tie_rules", []) if "winners" in one]
    if not ties:
        return None
    return [tie_words(one["name"], context) for one in ties], winner_marks(vote, ties, context)


def winner_marks(vote: VoteInfo, counted: Sequence[Mapping[str, Any]], context: PageContext) -> list[list[str]]:
    codes = list(dict.fromkeys(code for one in counted for code in one["winners"]))
    wins, loses = context.gettext("wins"), "–"
    return [
        [title_of(vote, code, context), *(wins if code in one["winners"] else loses for one in counted)]
        for code in codes
    ]


# --- women and men ---------------------------------------------------------------------------------------------------


def group_name(label: str, context: PageContext) -> str:
    return context.gettext(BALLOT_SEXES[label]) if label in BALLOT_SEXES else label


def group_rows(vote: VoteInfo, context: PageContext) -> list[list[str]]:
    """Facts by group: a row a fact, a column a group."""
    _, formats = context.gettext, context.formats
    groups = list(vote.groups.values())
    facts: list[tuple[str, list[str]]] = [
        (_("Voters"), [("≈ " if vote.is_rounded else "") + formats.number(one["voters"]) for one in groups]),
        (_("Winners among a voter's choices, on average"), [mean_between(one, context) for one in groups]),
        (_("Share of the money that falls on them"), [share_between(one, "money_share", context) for one in groups]),
        (_("Voters none of whose choices won"), [share_between(one, "exclusion", context) for one in groups]),
    ]
    return [[name, *cells] for name, cells in facts]


def own_list_rows(vote: VoteInfo, context: PageContext) -> list[list[str]]:
    """Who would have won by each group's ballots alone, beside who won."""
    won = {"name": "", "winners": vote.result["outcome"]["winners"]}
    counted = [won, *({"name": label, "winners": one["winners"]} for label, one in vote.groups.items())]
    return winner_marks(vote, counted, context)


def chance_sentence(vote: VoteInfo, context: PageContext) -> str:
    """Whether women's and men's lists differ by more than chance; empty where that is not known."""
    found = (vote.study or {}).get("benchmark")
    if not found or not {"F", "M"} <= set(vote.groups):
        return ""
    _, formats = context.gettext, context.formats
    facts = {
        "difference": formats.number(found["difference"]),
        "relabellings": formats.number(found["relabellings"]),
        "mean": formats.number(found["mean_difference_by_chance"], 1),
        "share": formats.share(found["p_value"]),
    }
    if not found["difference"]:
        return _("Women alone and men alone would have chosen the same list.")
    if found["more_than_chance"]:
        return _(
            "Women's and men's lists differ in {difference} proposals. That is more than chance: of {relabellings} "
            "shuffles of who is a woman and who a man, which differ in {mean} on average, only {share} reach it.",
            **facts,
        )
    return _(
        "Women's and men's lists differ in {difference} proposals. That is not more than chance would often bring: of "
        "{relabellings} shuffles of who is a woman and who a man, which differ in {mean} on average, {share} reach it.",
        **facts,
    )


def other_group_rows(groups: Mapping[str, Mapping[str, Any]], context: PageContext) -> list[list[str]]:
    """A row a group: voters, satisfaction, share of the money, share whose choices all lost."""
    number = context.formats.number
    return [
        [
            label,
            number(one["voters"]),
            mean_between(one, context),
            share_between(one, "money_share", context),
            share_between(one, "exclusion", context),
        ]
        for label, one in groups.items()
    ]


def mean_between(group: Mapping[str, Any], context: PageContext) -> str:
    """How many choices of a voter of the group won, as the range that is told."""
    found = group["ranges"]["satisfaction"]
    return from_to(found, lambda value: context.formats.number(None if value is None else max(value, 0.0), 2))


def share_between(group: Mapping[str, Any], name: str, context: PageContext) -> str:
    found = group["ranges"][name]
    return from_to(found, lambda value: context.formats.share(None if value is None else min(max(value, 0.0), 1.0)))


def from_to(found: tuple[float, float] | None, say: Callable[[float | None], str]) -> str:
    """`low – high`, one number where both are said alike; what is left out is said as any missing number."""
    if found is None:
        return say(None)
    low, high = say(found[0]), say(found[1])
    return low if low == high else f"{low} – {high}"
