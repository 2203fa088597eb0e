"""What takes long in a vote, done once and kept: other rules, other tie rules, and women and men beside chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.by_sex import relabelling_benchmark
from budget_model.assembly.counting import CountingRule, count_votes
from budget_model.assembly.election import Election
from budget_model.assembly.report import amount, benchmark_document
from budget_model.errors import InputError
from data.readers.pabulib import parse_pabulib
from data.store import assembly as store
from data.store import audit
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import AssemblyProcess, AssemblyVote
from data.workflows.vote_results import SEX, compared_sexes
from data.workflows.votes import labels_of, rule_of

OTHER_RULES = ("greedy", "greedy-per-cost", "mes-add1u", "phragmen")
OTHER_TIES = ("lexicographic", "cheapest", "dearest", "most-votes")
RELABELLINGS = 1000
SEED = 1
Progress = Callable[[int, int, str], None]


def study_vote(
    factory: sessionmaker[Session],
    site_slug: str,
    vote_id: int,
    actor: str,
    relabellings: int = RELABELLINGS,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Compute the study of a vote and keep it with the vote; gives it as plain data.

    Raises NotFoundError where the vote is not there, or was replaced meanwhile.
    """
    with factory() as session:
        site = load_site(session, site_slug)
        vote = store.load_vote(session, site.id, vote_id)
        process = session.get_one(AssemblyProcess, vote.process_id)
        held = _Held(vote.content, vote.source_file, vote.result, process.least_group)
    study = held.study(relabellings, progress or (lambda done, total, step: None))
    with transaction(factory) as session:
        stored: AssemblyVote = store.load_vote(session, site.id, vote_id)
        stored.study = study
        told = {"relabellings": relabellings, "vote": vote_id}
        audit.record(session, actor, "assembly.vote.study", str(process.year), site.id, told)
    return study


class _Held:
    """A vote in the hand."""

    def __init__(self, content: bytes, file: str, result: dict[str, Any], least_group: int):
        self.election: Election = parse_pabulib(content, file).election
        self.result, self.least_group = result, least_group
        self.rule = rule_of(result["rule"])

    def study(self, relabellings: int, progress: Progress) -> dict[str, Any]:
        total = len(OTHER_RULES) + 2
        rules = []
        for done, name in enumerate(OTHER_RULES):
            progress(done, total, "rules")
            rules.append(self.count(name, replace(self.rule, rule=name, stop_at_first=False, utility=None)))
        progress(len(OTHER_RULES), total, "ties")
        ties = [self.count(name, replace(self.rule, ties=name)) for name in OTHER_TIES] if self.has_ties() else []
        progress(len(OTHER_RULES) + 1, total, "chance")
        return {
            "rules": rules,
            "tie_rules": ties,
            "benchmark": self.benchmark(relabellings),
            "computed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def has_ties(self) -> bool:
        return bool(self.result["outcome"]["ties"])

    def count(self, name: str, rule: CountingRule) -> dict[str, Any]:
        """Winners by another rule, or that it cannot count this vote."""
        try:
            outcome = count_votes(self.election, rule)
        except InputError as refused:
            return {"name": name, "refused": refused.problems[0].rule}
        winners = [self.election.proposals[index].id for index in outcome.winners]
        return {"name": name, "winners": winners, "cost": amount(self.election.cost_of(outcome.winners))}

    def benchmark(self, relabellings: int) -> dict[str, Any] | None:
        """None where women or men are too few, or the ballots do not tell them apart."""
        sexes = compared_sexes(self.result, self.least_group)
        if sexes is None:
            return None
        labels = labels_of(self.election, SEX)
        found = relabelling_benchmark(self.election, self.rule, labels, (sexes[0], sexes[1]), relabellings, SEED)
        return {**benchmark_document(found), "seed": SEED}
