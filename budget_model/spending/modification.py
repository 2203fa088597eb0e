"""A reallocation between programmes written back as transfers between budget lines of the same funding source.

All amounts are whole cents. Money leaves the lines that feed the programmes that lose and enters lines of those that
gain. It keeps its source, goes only where the rules of that source let it go (`source_rules`), and is only what is
still free. Of all ways the most money is placed (a greatest flow), lines that are there coming before new ones. What
cannot be placed is told with its reasons, so that on both sides *moved = transfers + not placed*, to the cent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from budget_model.spending.flows import FlowNetwork
from budget_model.spending.source_rules import Labels, SourceRules, Verdict

# Why money stays where it is, in the order in which it is told.
OUT_REASONS = (
    *("takers_full", "not_allowed", "no_receiver", "reserved", "reserved_unknown"),
    *("locked", "source_unknown", "no_rule", "no_lines"),
)
IN_REASONS = ("no_lines", "not_allowed", "givers_used_up")
SOURCE, SINK = ("source",), ("sink",)


@dataclass(frozen=True)
class FundedLine:
    """A budget line. `reserved_cents` is what is certified or spent already; None: nothing tells how much that is."""

    code: str
    labels: Labels
    budget_cents: int
    reserved_cents: int | None
    lock: str | None = None  # the law that locks it


@dataclass(frozen=True)
class Portion:
    """The part of a line that feeds a programme, and how much of it is still free."""

    line: str
    cents: int
    free_cents: int


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
    rules: tuple[str, ...]


@dataclass
class _Board:
    """What is being worked on."""

    rules: SourceRules
    lines: Mapping[str, FundedLine]
    losing: tuple[ProgrammeChange, ...]
    gaining: tuple[ProgrammeChange, ...]
    ways: dict[tuple[str, str], _Way] = field(default_factory=dict)  # (giving line, gaining programme)
    refusals: dict[str, list[Verdict]] = field(default_factory=dict)  # giving line -> what stood against it


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
    for is_new_line in (False, True):  # lines that are there come first
        _open_ways(board, network, is_new_line)
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
                board.refusals.setdefault(code, []).append(way)


def _way_of(board: _Board, giver: FundedLine, programme: ProgrammeChange) -> _Way | Verdict | None:
    """The best way into a programme: a line of the same source, of the same class where there is one, the largest."""
    refused: Verdict | None = None
    for is_new_line in (False, True):
        for line in _receivers(board, giver, programme, is_new_line):
            labels = _with_source(board.rules, line.labels, giver.labels) if is_new_line else line.labels
            verdict = board.rules.may_move(giver.labels, labels)
            if verdict.refusal is None:
                return _Way(line.code, is_new_line, verdict.rules)
            refused = refused or verdict
    return refused


def _receivers(board: _Board, giver: FundedLine, programme: ProgrammeChange, is_new_line: bool) -> list[FundedLine]:
    """Lines of a programme that have the giver's source, or (for a new line like them) another one."""
    rules, source = board.rules, board.rules.source_of(giver.labels)
    own = [board.lines[portion.line] for portion in programme.portions]
    found = [line for line in own if line.lock is None and (rules.source_of(line.labels) != source) == is_new_line]
    wanted = rules.class_of(giver.labels)
    return sorted(found, key=lambda line: (rules.class_of(line.labels) != wanted, -line.budget_cents, line.code))


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


def _open_ways(board: _Board, network: FlowNetwork, is_new_line: bool) -> None:
    for one in board.losing:
        for portion in one.portions:
            for programme in board.gaining:
                way = board.ways.get((portion.line, programme.code))
                if way is not None and way.is_new_line == is_new_line:
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
    refusals = {verdict.refusal for verdict in board.refusals.get(line.code, ())}
    known = ("source_unknown", "no_rule", "not_allowed")
    return next((reason for reason in known if reason in refusals), "no_receiver")


def _rules_against(board: _Board, reason: str, lines: Sequence[str]) -> tuple[str, ...]:
    if reason != "not_allowed":
        return ()
    found = [rule for line in lines for verdict in board.refusals.get(line, ()) for rule in verdict.rules]
    return tuple(dict.fromkeys(found))


def _not_got(board: _Board, transfers: Sequence[Transfer]) -> Iterator[Unplaced]:
    for one in board.gaining:
        left = one.change_cents - sum(transfer.cents for transfer in transfers if transfer.to_programme == one.code)
        if left > 0:
            yield Unplaced(one.code, "in", left, _in_reason(board, one), tuple(p.line for p in one.portions))


def _in_reason(board: _Board, one: ProgrammeChange) -> str:
    if not one.portions:
        return "no_lines"
    return "givers_used_up" if any(programme == one.code for _line, programme in board.ways) else "not_allowed"
