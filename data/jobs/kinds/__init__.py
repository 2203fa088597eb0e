"""The kinds of background work, one a file. A new kind is a module with a `KIND` and its line here."""

from __future__ import annotations

from data.jobs.kind import JobKind
from data.jobs.kinds.budget_import import BUDGET_IMPORT
from data.jobs.kinds.budget_reading import BUDGET_READING
from data.jobs.kinds.compare import COMPARE
from data.jobs.kinds.draws import DRAWS
from data.jobs.kinds.optimise import FRONTIER, OPTIMISE
from data.jobs.kinds.plan_draws import PLAN_DRAWS
from data.jobs.kinds.vote_study import VOTE_STUDY

ALL: tuple[JobKind, ...] = (DRAWS, PLAN_DRAWS, OPTIMISE, FRONTIER, COMPARE, VOTE_STUDY, BUDGET_READING, BUDGET_IMPORT)

KINDS: dict[str, JobKind] = {kind.name: kind for kind in ALL}
