"""A linear programme over counts of persons, and who asks it for intervals. Knows nothing of surveys.

Any point that agrees with everything known proves that a sum may have the value it has there; two points prove a width.
So most questions need no programme of their own: a few points at the edge of what is possible, each found by pushing
many sums up or down at once, show them to be wide. What they leave open is solved.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import highspy
import numpy as np
from scipy.sparse import csr_matrix

NEARLY = 1e-4  # persons; what a point may be off, and a whole number
Terms = Mapping[int, float]  # unknown -> factor


class Programme:
    """Counts of persons as unknowns from 0 to `most`, and what is known of sums of them."""

    def __init__(self, most: float) -> None:
        self.most = most
        self.columns: dict[Hashable, int] = {}
        self.low: list[float] = []
        self.high: list[float] = []
        self.rows: list[tuple[Terms, float, float]] = []

    def column(self, name: Hashable) -> int:
        if name not in self.columns:
            self.columns[name] = len(self.columns)
            self.low.append(0.0)
            self.high.append(self.most)
        return self.columns[name]

    def know(self, terms: Terms, low: float, high: float) -> None:
        """Low <= sum <= high; of one unknown it becomes its bound."""
        if len(terms) == 1:
            ((column, factor),) = terms.items()
            if factor == 1.0:
                self.low[column] = max(self.low[column], low)
                self.high[column] = min(self.high[column], high)
                return
        self.rows.append((terms, low, high))

    def matrix(self, sums: Sequence[Terms]) -> csr_matrix:
        """A row for each sum, a column for each unknown."""
        values = [factor for terms in sums for factor in terms.values()]
        rows = np.repeat(np.arange(len(sums)), [len(terms) for terms in sums])
        columns = [column for terms in sums for column in terms]
        return csr_matrix((values, (rows, columns)), shape=(len(sums), len(self.columns)))


class Solver:
    """Points that agree with all of a programme; none leaves here unchecked."""

    def __init__(self, programme: Programme) -> None:
        self.matrix = programme.matrix([terms for terms, _, _ in programme.rows])
        self.bounds = np.array(programme.low), np.array(programme.high)
        self.sides = tuple(np.array([row[place] for row in programme.rows], dtype=float) for place in (1, 2))
        self.every = np.arange(len(programme.columns), dtype=np.int32)
        self.highs = self._highs()
        self.solved = 0

    def _highs(self) -> highspy.Highs:
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("log_to_console", False)
        highs.setOptionValue("threads", 1)
        highs.setOptionValue("simplex_strategy", 4)  # primal: the last basis stays feasible for the next question
        highs.addVars(len(self.every), *self.bounds)
        matrix = self.matrix
        starts = matrix.indptr[:-1].astype(np.int32)
        entries = matrix.indices.astype(np.int32), matrix.data
        highs.addRows(matrix.shape[0], *self.sides, matrix.nnz, starts, *entries)
        return highs

    def lowest(self, cost: np.ndarray) -> np.ndarray:
        """The point at which the sum is smallest: from the basis of the last question, else from the start."""
        self.highs.changeColsCost(len(self.every), self.every, cost)
        self.solved += 1
        for strategy in (4, 1):
            self.highs.setOptionValue("simplex_strategy", strategy)
            self.highs.run()
            status = self.highs.getModelStatus()
            if status == highspy.HighsModelStatus.kOptimal:
                return self.checked(np.array(self.highs.getSolution().col_value))
            self.highs.clearSolver()
        raise SystemExit(f"The programme has no solution: {self.highs.modelStatusToString(status)}")

    def checked(self, point: np.ndarray) -> np.ndarray:
        """The same point; the script ends where it breaks what is known."""
        sums = self.matrix @ point
        sides = (self.bounds[0] - point, point - self.bounds[1], self.sides[0] - sums, sums - self.sides[1])
        off = max((float(side.max(initial=0.0)) for side in sides), default=0.0)
        if off > NEARLY:
            raise SystemExit(f"A point breaks what is known by {off:g} persons.")
        return point


class Asker:
    """What is known of each of many sums: the smallest and largest value found so far, and whether that is all."""

    def __init__(self, programme: Programme, sums: Sequence[Terms]) -> None:
        self.solver = Solver(programme)
        self.sums = programme.matrix(sums)
        self.low = np.full(len(sums), np.inf)
        self.high = np.full(len(sums), -np.inf)
        self.is_solved = np.zeros(len(sums), dtype=bool)

    @property
    def width(self) -> np.ndarray:
        """Of whole persons: from the smallest to the largest whole number within."""
        return np.floor(self.high + NEARLY) - np.ceil(self.low - NEARLY)

    def witness(self, point: np.ndarray) -> None:
        values = self.sums @ self.solver.checked(point)
        self.low, self.high = np.minimum(self.low, values), np.maximum(self.high, values)

    def push(self, wanted: float, times: int, seed: int = 0) -> None:
        """Push the sums that are narrower than wanted all up, all down, then each one way and back, at random."""
        random = np.random.default_rng(seed)
        for _ in range(times):
            is_open = self.width < wanted
            if not is_open.any():
                return
            ways = random.choice([-1.0, 1.0], len(is_open)) * is_open
            for cost in (self.sums.T @ is_open, self.sums.T @ ways):
                for sign in (1.0, -1.0):
                    self.witness(self.solver.lowest(sign * cost))

    def solve(self, question: int) -> float:
        """The exact interval of one sum; its width."""
        cost = np.asarray(self.sums[question].todense()).ravel()
        for sign in (1.0, -1.0):
            self.witness(self.solver.lowest(sign * cost))
        self.is_solved[question] = True
        return float(self.width[question])

    def solve_narrowest(self, questions: np.ndarray, stated: float) -> None:
        """Solve what is not shown to be as wide as stated, then the narrowest until none can be narrower."""
        narrowest = np.inf
        while True:
            is_open = questions[~self.is_solved[questions]]
            if not len(is_open):
                return
            next_one = is_open[np.argmin(self.width[is_open])]
            if self.width[next_one] >= max(stated, narrowest):
                return
            narrowest = min(narrowest, self.solve(next_one))
