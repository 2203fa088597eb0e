"""The most that can flow from a source to a sink through whole-number capacities, exactly (Dinic's method).

Whole numbers of Python have no upper end, so that amounts in cents never overflow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

Node = Hashable


class FlowNetwork:
    """A directed network. Edges can be added after a flow was made: it is then raised, never lowered, in all."""

    def __init__(self) -> None:
        self._room: dict[Node, dict[Node, int]] = {}
        self._capacity: dict[tuple[Node, Node], int] = {}

    def add(self, start: Node, end: Node, capacity: int) -> None:
        """An edge; the capacity of one that is there already is raised. ValueError for a negative capacity."""
        if capacity < 0:
            raise ValueError("a capacity is 0 or more")
        self._room.setdefault(start, {}).setdefault(end, 0)
        self._room.setdefault(end, {}).setdefault(start, 0)
        self._room[start][end] += capacity
        self._capacity[start, end] = self._capacity.get((start, end), 0) + capacity

    def raise_to_most(self, source: Node, sink: Node) -> int:
        """Raise the flow to the greatest there is; gives by how much it was raised."""
        raised = 0
        while (levels := self._levels(source, sink)) is not None:
            arcs = {node: list(ends) for node, ends in self._room.items()}
            while pushed := self._push(source, sink, None, levels, arcs):
                raised += pushed
        return raised

    def flow(self, start: Node, end: Node) -> int:
        """What flows through an edge; 0 where there is none. Edges run one way only between two nodes."""
        return self._capacity.get((start, end), 0) - self._room.get(start, {}).get(end, 0)

    def _levels(self, source: Node, sink: Node) -> dict[Node, int] | None:
        """Distance of every node from the source through edges with room; None where the sink is out of reach."""
        levels, waiting = {source: 0}, deque([source])
        while waiting:
            node = waiting.popleft()
            for end, room in self._room.get(node, {}).items():
                if room > 0 and end not in levels:
                    levels[end] = levels[node] + 1
                    waiting.append(end)
        return levels if sink in levels else None

    def _push(
        self, node: Node, sink: Node, most: int | None, levels: dict[Node, int], arcs: dict[Node, list[Node]]
    ) -> int:
        """Send something along one shortest path; an edge that leads nowhere is not tried again."""
        if node == sink:
            return most or 0
        while arcs[node]:
            end = arcs[node][0]
            room = self._room[node][end]
            if room > 0 and levels.get(end) == levels[node] + 1:
                pushed = self._push(end, sink, room if most is None else min(most, room), levels, arcs)
                if pushed:
                    self._room[node][end] -= pushed
                    self._room[end][node] += pushed
                    return pushed
            arcs[node].pop(0)
        return 0
