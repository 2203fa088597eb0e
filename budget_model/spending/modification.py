"""A reallocation between programmes written back as transfers between budget lines of the same funding source.

All amounts are whole cents. Money leaves the lines that feed the programmes that lose and enters lines of those that
gain. It keeps its source, goes only where the rules of that source let it go (`source_rules`), and is only what is
still free. Of all ways the most money is placed (a greatest flow): lines that are there come before new ones, and lines
that are a programme's own before those of which it has a part. No line gives to itself. What cannot be placed is told
with its reasons, so that on both sides *moved = transfers + not placed*, to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from budget_model.spending.flows import FlowNetwork
from budget_model.spending.source_rules import Labels, SourceRules, Verdict

# Why money stays where it is, in the order in which it is told.
OUT_REASONS = (
    *("takers_full", "not_allowed", "same_line", "no_receiver", "reserved", "reserved_unknown"),
    *("locked", "source_unknown", "no_rule", "no_lines"),
)
IN_REASONS = (
    *("no_lines", "givers_used_up", "not_allowed", "same_line"),
    *("givers_source_unknown", "givers_no_rule", "no_giver"),
)
WHOLE = Decimal(1)
SOURCE, SINK = ("source",), ("sink",)


@dataclass(frozen=True)
class FundedLine:
    """A budget line.

    `reserved_cents`: what is certified or spent already; None: nothing tells how much that is. `linked_share`: sum of
    the shares that programmes have in it.
    """

    code: str
    labels: Labels
    budget_cents: int
    reserved_cents: int | None
    lock: str | None = None  # the law that locks it
    linked_share: Decimal = WHOLE


@dataclass(frozen=True)
class Portion:
    """The part of a line that feeds a programme, how much of it is still free, and which share of the line it is."""

    line: str
    cents: int
    free_cents: int
    share: Decimal = WHOLE


@dataclass(frozen=True)
class ProgrammeChange:
    """A programme, by how much its money changes, and the lines behind it."""

    code: str
    change_cents: int
    portions: tuple[Portion, ...]


@dataclass(frozen=True)
class Transfer:
    """Money from one line to another of the same source.

    `is_new_line`: the gaining programme has no line of that source; a new one is needed, like `to_line` in all else.
    `rules`: ids of the rules that allow it.
    """

    from_programme: str
    from_line: str
    to_programme: str
    to_line: str
    is_new_line: bool
    source: str
    cents: int
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Unplaced:
    """What of a programme's change could not be placed, and why. `side`: out (it loses), in (it gains)."""

    programme: str
    side: str
    cents: int
    reason: str
    lines: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Modification:
    """The transfers and what could not be placed."""

    transfers: tuple[Transfer, ...]
    unplaced: tuple[Unplaced, ...]
    moved_out_cents: int  # what the programmes that lose lose
    moved_in_cents: int  # what those that gain gain

    @property
    def placed_cents(self) -> int:
        """Sum of the transfers."""
        return sum(transfer.cents for transfer in self.transfers)

    def unplaced_cents(self, side: str) -> int:
        """Sum of what could not be placed on a side."""
        return sum(one.cents for one in self.unplaced if one.side == side)


@dataclass(frozen=True)
class _Way:
    """How the money of a line gets into a programme."""

    to_line: str
    is_new_line: bool
    is_own: bool  # both lines are wholly of their programmes, or the money gets a line of its own
    rules: tuple[str, ...]


@dataclass
class _Board:
    """What is being worked on."""

    rules: SourceRules
    lines: Mapping[str, FundedLine]
    losing: tuple[ProgrammeChange, ...]
    gaining: tuple[ProgrammeChange, ...]
    ways: dict[tuple[str, str], _Way] = field(default_factory=dict)  # (giving line, gaining programme)
    refusals: dict[tuple[str, str], Verdict] = field(default_factory=dict)  # what stood against such a way
    same_line: set[tuple[str, str]] = field(default_factory=set)  # only the giving line itself could take it


def propose(changes: Sequence[ProgrammeChange], lines: Mapping[str, FundedLine], rules: SourceRules) -> Modification:
    """The most of a reallocation that can be written back by line and funding source.

    changes : each programme once; its portions name `lines` by their code
    Amounts are cents. A programme's portions may be less than what it loses: the rest is told as `no_lines`.
    """
    losing = tuple(one for one in changes if one.change_cents < 0)
    gaining = tuple(one for one in changes if one.change_cents > 0)
    board = _Board(rules, lines, losing, gaining)
    _find_ways(board)
    network = _network(board)
    for is_new_line in (False, True):  # lines that are there come first, of them those that are nobody else's
        for is_own in (True, False):
            _open_ways(board, network, is_new_line, is_own)
            network.raise_to_most(SOURCE, SINK)
    transfers = tuple(_transfers(board, network))
    return Modification(
        transfers,
        (*_not_given(board, transfers), *_not_got(board, transfers)),
        -sum(one.change_cents for one in losing),
        sum(one.change_cents for one in gaining),
    )


# --- where money may go ----------------------------------------------------------------------------------------------


def _find_ways(board: _Board) -> None:
    for code in dict.fromkeys(portion.line for one in board.losing for portion in one.portions):
        for programme in board.gaining:
            way = _way_of(board, board.lines[code], programme)
            if isinstance(way, _Way):
                board.ways[code, programme.code] = way
            elif way is not None:
                board.refusals[code, programme.code] = way
            elif any(portion.line == code for portion in programme.portions):
                board.same_line.add((code, programme.code))


def _way_of(board: _Board, giver: FundedLine, programme: ProgrammeChange) -> _Way | Verdict | None:
    """The best way into a programme, see `_receivers`; else what forbids it; None: nothing could take it."""
    refused: Verdict | None = None
    for is_new_line in (False, True):
        for line, is_own in _receivers(board, giver, programme, is_new_line):
            labels = _with_source(board.rules, line.labels, giver.labels) if is_new_line else line.labels
            verdict = board.rules.may_move(giver.labels, labels)
            if verdict.refusal is None:
                return _Way(line.code, is_new_line, is_own, verdict.rules)
            refused = refused or verdict
    return refused


def _receivers(
    board: _Board, giver: FundedLine, programme: ProgrammeChange, is_new_line: bool
) -> list[tuple[FundedLine, bool]]:
    """Lines of a programme that have the giver's source, or (for a new line like them) another one, the best first.

    Those of the giver's class come first, then those that are the programme's own, then by share, then the largest.
    With each: whether it is the programme's own, as a new line always is. The giver is never among them.
    """
    rules, source, wanted = board.rules, board.rules.source_of(giver.labels), board.rules.class_of(giver.labels)
    found = []
    for portion in programme.portions:
        line = board.lines[portion.line]
        if line.lock is None and line.code != giver.code and (rules.source_of(line.labels) != source) == is_new_line:
            is_own = is_new_line or _is_own(portion, line)
            order = (rules.class_of(line.labels) != wanted, not is_own, -portion.share, -line.budget_cents, line.code)
            found.append((order, line, is_own))
    return [(line, is_own) for _order, line, is_own in sorted(found, key=lambda one: one[0])]


def _is_own(portion: Portion, line: FundedLine) -> bool:
    """Whether the whole line is the programme's and no other's."""
    return portion.share == line.linked_share == WHOLE


def _with_source(rules: SourceRules, labels: Labels, giver: Labels) -> dict[str, str]:
    """The labels of a line, but for the source, which is the giver's."""
    return {**labels, **{name: giver.get(name, "") for name in rules.source_labels}}


# --- the flow --------------------------------------------------------------------------------------------------------


def _network(board: _Board) -> FlowNetwork:
    network = FlowNetwork()
    for one in board.losing:
        network.add(SOURCE, ("from", one.code), -one.change_cents)
        for portion in sorted(one.portions, key=lambda part: (-part.free_cents, part.line)):
            if board.lines[portion.line].lock is None:
                network.add(("from", one.code), ("line", one.code, portion.line), portion.free_cents)
    for one in board.gaining:
        network.add(("to", one.code), SINK, one.change_cents)
    return network


def _open_ways(board: _Board, network: FlowNetwork, is_new_line: bool, is_own: bool) -> None:
    for one in board.losing:
        for portion in one.portions:
            for programme in board.gaining:
                way = board.ways.get((portion.line, programme.code))
                if way is None or way.is_new_line != is_new_line:
                    continue
                if (way.is_own and _is_own(portion, board.lines[portion.line])) == is_own:
                    network.add(("line", one.code, portion.line), ("to", programme.code), portion.free_cents)


def _transfers(board: _Board, network: FlowNetwork) -> Iterator[Transfer]:
    for one in board.losing:
        for portion in one.portions:
            for programme in board.gaining:
                cents = network.flow(("line", one.code, portion.line), ("to", programme.code))
                if cents:
                    way = board.ways[portion.line, programme.code]
                    source = board.rules.source_of(board.lines[portion.line].labels) or ""
                    ends = (one.code, portion.line, programme.code, way.to_line)
                    yield Transfer(*ends, way.is_new_line, source, cents, way.rules)


# --- what could not be placed ----------------------------------------------------------------------------------------


def _not_given(board: _Board, transfers: Sequence[Transfer]) -> Iterator[Unplaced]:
    for one in board.losing:
        given = [transfer for transfer in transfers if transfer.from_programme == one.code]
        left = -one.change_cents - sum(transfer.cents for transfer in given)
        stuck = _stuck(board, one, given)
        for reason in OUT_REASONS:
            cents = left if reason == "no_lines" else min(left, sum(stuck.get(reason, {}).values()))
            if cents > 0:
                lines = tuple(stuck.get(reason, {}))
                yield Unplaced(one.code, "out", cents, reason, lines, _rules_against(board, reason, lines))
                left -= cents


def _stuck(board: _Board, one: ProgrammeChange, given: Sequence[Transfer]) -> dict[str, dict[str, int]]:
    """Reason -> line -> cents of it that stay there for this reason."""
    stuck: dict[str, dict[str, int]] = {}
    for portion in one.portions:
        line = board.lines[portion.line]
        used = sum(transfer.cents for transfer in given if transfer.from_line == portion.line)
        bound, unused = portion.cents - portion.free_cents, portion.free_cents - used
        for reason, cents in ((_reserve_reason(line), bound), (_line_reason(board, line), unused)):
            if cents > 0:
                by_line = stuck.setdefault(reason, {})
                by_line[portion.line] = by_line.get(portion.line, 0) + cents
    return stuck


def _reserve_reason(line: FundedLine) -> str:
    if line.lock is not None:
        return "locked"
    return "reserved_unknown" if line.reserved_cents is None else "reserved"


def _line_reason(board: _Board, line: FundedLine) -> str:
    """Why what is free on a line was not given."""
    if line.lock is not None:
        return "locked"
    if not board.gaining or any((line.code, programme.code) in board.ways for programme in board.gaining):
        return "takers_full"
    refusals = {verdict.refusal for verdict in _refusals_of(board, line.code)}
    if any(code == line.code for code, _programme in board.same_line):
        refusals.add("same_line")
    known = ("source_unknown", "no_rule", "not_allowed", "same_line")
    return next((reason for reason in known if reason in refusals), "no_receiver")


def _refusals_of(board: _Board, line: str) -> list[Verdict]:
    return [verdict for (code, _programme), verdict in board.refusals.items() if code == line]


def _rules_against(board: _Board, reason: str, lines: Sequence[str]) -> tuple[str, ...]:
    if reason != "not_allowed":
        return ()
    found = [rule for line in lines for verdict in _refusals_of(board, line) for rule in verdict.rules]
    return tuple(dict.fromkeys(found))


def _not_got(board: _Board, transfers: Sequence[Transfer]) -> Iterator[Unplaced]:
    for one in board.gaining:
        left = one.change_cents - sum(transfer.cents for transfer in transfers if transfer.to_programme == one.code)
        if left > 0:
            reason = _in_reason(board, one)
            rules = _rules_against_taking(board, one) if reason == "not_allowed" else ()
            yield Unplaced(one.code, "in", left, reason, tuple(p.line for p in one.portions), rules)


def _in_reason(board: _Board, one: ProgrammeChange) -> str:
    """Why a programme did not get all: what its givers could not do, the most telling first."""
    if not one.portions:
        return "no_lines"
    if any(programme == one.code for _line, programme in board.ways):
        return "givers_used_up"
    refusals = {verdict.refusal for (_line, programme), verdict in board.refusals.items() if programme == one.code}
    if "not_allowed" in refusals:
        return "not_allowed"
    if any(programme == one.code for _line, programme in board.same_line):
        return "same_line"
    for refusal in ("source_unknown", "no_rule"):
        if refusal in refusals:
            return f"givers_{refusal}"
    return "no_giver"


def _rules_against_taking(board: _Board, one: ProgrammeChange) -> tuple[str, ...]:
    found = [verdict for (_line, programme), verdict in board.refusals.items() if programme == one.code]
    return tuple(dict.fromkeys(rule for verdict in found for rule in verdict.rules))
