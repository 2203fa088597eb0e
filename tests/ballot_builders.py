"""A site in which people vote: process, three feasible proposals, an open box, codes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from data.readers.process_file import parse_process
from data.store.engine import transaction
from data.workflows.ballot_boxes import BoxToOpen, open_box
from data.workflows.ballot_codes import CodeGroup, make_codes
from data.workflows.processes import save_process
from data.workflows.proposals import save_proposal
from tests.store_builders import make_place

SECRET = "a secret of forty signs, only for the tests"
NOW = datetime(2026, 11, 26, 15, tzinfo=UTC)
COSTS = {"A": "60", "B": "60", "C": "40"}
PROCESS = "{rule: greedy, ties: lexicographic, envelope: 100.00, least_group: 3}"


def make_voting_site(factory, process=PROCESS, costs=COSTS, year=2027, slug="lomas", **proposal):
    """The slug of a site with a process and feasible proposals."""
    with transaction(factory) as session:
        make_place(session, slug)
    save_process(factory, slug, year, parse_process(process, "process.yaml"), "ana")
    for code, cost in costs.items():
        cells = {"code": code, "title_es": f"Obra {code}", "cost": cost, "state": "feasible", "reason": "Se puede"}
        save_proposal(factory, slug, year, {**cells, **proposal}, "ana")
    return slug


def make_box(factory, slug="lomas", kind="approval", most=None, asks=(), zone="", year=2027, now=NOW):
    wanted = BoxToOpen(kind, most, now - timedelta(hours=1), now + timedelta(hours=8), asks, zone)
    return open_box(factory, slug, year, wanted, "ana", now)


def codes_of(factory, box, number=3, slug="lomas", **group):
    return make_codes(factory, slug, box.id, number, CodeGroup(**group), SECRET, "ana").codes
