"""The quorum of a process and of a vote in sentences, and women and men at the vote beside the inhabitants. No Dash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from dashboard.context import PageContext
from dashboard.i18n import mark
from dashboard.services.assembly_processes import VotePeople
from dashboard.views.assembly_words import SEXES

Quorum = Mapping[str, Any]
KIND_NAMES = {
    "more_than": mark("More than a share of the registered"),
    "at_least": mark("At least a share of the registered"),
    "persons": mark("A number of persons"),
}
REACHED = {True: mark("reached"), False: mark("not reached"), None: mark("not known")}


@dataclass(frozen=True)
class PeopleRow:
    """Women or men as a share of those who registered, who voted, who live there."""

    who: str
    registered: str
    voted: str
    inhabitants: str


def rule_sentences(quorum: Quorum, context: PageContext) -> list[str]:
    """What was announced, and on what it rests."""
    _, number, rule = context.gettext, context.formats.number, quorum["rule"]
    told = []
    if rule["registered"] is not None:
        told.append(_("At least {number} participants must have registered.", number=number(rule["registered"])))
    if rule["kind"]:
        value = Fraction(rule["value"])
        share = context.formats.share(float(value))
        told.append(
            {
                "more_than": lambda: _("More than {share} of the registered participants must vote.", share=share),
                "at_least": lambda: _("At least {share} of the registered participants must vote.", share=share),
                "persons": lambda: _("At least {number} persons must vote.", number=number(int(value))),
            }[rule["kind"]]()
        )
    if rule["by_zone"]:
        told.append(_("The same holds for each zone by itself."))
    return [*told, citation(rule, context)]


def citation(rule: Mapping[str, Any], context: PageContext) -> str:
    _ = context.gettext
    told = _("Legal ground of the quorum: {citation}.", citation=context.stored(rule["citation"]).rstrip("."))
    if not rule["effective_on"]:
        return told
    return f"{told} {_('In force since {day}.', day=context.formats.date(date.fromisoformat(rule['effective_on'])))}"


def registration_sentences(quorum: Quorum, context: PageContext) -> list[str]:
    """How the quorum stands before the vote: who has registered, and how many must vote."""
    _, number = context.gettext, context.formats.number
    told = []
    registered, wanted = quorum["registered"], quorum["registered_needed"]
    if wanted is not None:
        facts = {"registered": number(registered), "needed": number(wanted)}
        told.append(
            _("{registered} have registered and {needed} are needed: reached.", **facts)
            if registered >= wanted
            else _("{registered} have registered and {needed} are needed: not reached yet.", **facts)
        )
    if quorum["rule"]["kind"]:
        needed = quorum["voted_needed"]
        told.append(
            _("How many must vote is not known: nobody has registered.")
            if needed is None
            else _(
                "Quorum of the vote: {needed} persons, with {registered} registered.",
                needed=number(needed),
                registered=number(registered),
            )
        )
    return told


def vote_sentence(quorum: Quorum, context: PageContext) -> str:
    """Whether a vote that was counted had its quorum."""
    _, number = context.gettext, context.formats.number
    facts = {
        "voted": number(quorum["voted"]),
        "registered": number(quorum["registered"]),
        "needed": number(quorum["voted_needed"]),
    }
    if quorum["reached"] is None:
        return _("Whether the vote had its quorum is not known: {voted} voted, {registered} had registered.", **facts)
    if quorum["reached"]:
        if quorum["voted_needed"] is None:
            return _("The vote had its quorum: {registered} had registered.", **facts)
        return _(
            "The vote had its quorum: {voted} voted and {needed} were needed, with {registered} registered.", **facts
        )
    if quorum["registered_needed"] is not None and quorum["registered"] < quorum["registered_needed"]:
        wanted = number(quorum["registered_needed"])
        return _(
            "The vote closed WITHOUT quorum: {registered} had registered, {wanted} were needed.", wanted=wanted, **facts
        )
    if quorum["voted_needed"] is not None and quorum["voted"] < quorum["voted_needed"]:
        return _(
            "The vote closed WITHOUT quorum: {voted} voted and {needed} were needed, with {registered} registered.",
            **facts,
        )
    return _("The vote closed WITHOUT quorum in at least one zone.")


def zone_rows(quorum: Quorum, context: PageContext) -> list[list[str]]:
    """Zone, registered, needed, voted, reached; small numbers are left out of all zones."""
    number = context.formats.number
    return [
        [one["zone"], *(number(one[name]) for name in ("registered", "needed", "voted")),
         context.gettext(REACHED[one["reached"]])]
        for one in quorum["zones"]
    ]  # fmt: skip


def people_rows(people: VotePeople, context: PageContext) -> list[PeopleRow]:
    share, living = context.formats.share, people.inhabitants
    both = living.women + living.men if living else 0
    inhabitants = {"female": living.women / both, "male": living.men / both} if living and both else {}
    return [
        PeopleRow(
            context.gettext(SEXES[sex]),
            *(share(one.get(sex) if one else None) for one in (people.registered, people.voted, inhabitants)),
        )
        for sex in ("female", "male")
    ]
