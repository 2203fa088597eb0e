"""An invented participatory budget: proposals and process as files that a user would bring, and a vote drawn by chance.

Women of the demonstration choose care, water and literacy more often than men, men roads and sports: invented, so that
the pages have something to tell apart.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from data.demo.standing import SLUG
from data.readers.process_file import read_process
from data.store.assembly import find_process, list_votes
from data.store.sites import load_site
from data.workflows.processes import save_process
from data.workflows.proposal_scores import score_process
from data.workflows.proposals import import_proposals
from data.workflows.stored_votes import VoteToImport, import_vote
from data.workflows.vote_studies import study_vote
from data.writers.pabulib import pabulib_of

HERE = Path(__file__).parent
YEAR = 2027
ENVELOPE = "700000"
VOTE_FILE = "voto_sintetico_2027.pb"
WOMEN, MEN = 358, 302
MOST_CHOICES = 4
DRAWS = 200  # of the scores: an official may ask for more
# proposal -> price, and how much it draws women and men (relative weights, invented)
DRAW = {
    "P-01": ("144000", 9, 3),
    "P-02": ("99000", 8, 2),
    "P-03": ("210000", 7, 6),
    "P-04": ("320000", 3, 8),
    "P-05": ("180000", 2, 9),
    "P-06": ("48000", 5, 2),
    "P-07": ("115000", 6, 3),
    "P-08": ("126000", 6, 5),
    "P-09": ("60000", 3, 4),
    "P-10": ("38000", 4, 4),
    "P-11": ("450000", 1, 3),
}
AGES = ((18, 0.08), (25, 0.2), (35, 0.27), (45, 0.2), (55, 0.15), (68, 0.1))


def hold_assembly(factory: sessionmaker[Session], actor: str, random: np.random.Generator) -> None:
    """Process, proposals and vote; nothing where they are there already."""
    with factory() as session:
        site = load_site(session, SLUG)
        process = find_process(session, site.id, YEAR)
        if process is not None and list_votes(session, process.id):
            return
    save_process(factory, SLUG, YEAR, read_process(HERE / "process.yaml"), actor)
    import_proposals(factory, SLUG, YEAR, HERE / "proposals.csv", actor)
    content = vote_file(random).encode()
    done = import_vote(factory, SLUG, YEAR, VoteToImport(content, VOTE_FILE), actor)
    study_vote(factory, SLUG, done.vote.id, actor)
    score_process(factory, SLUG, YEAR, actor, DRAWS)


def vote_file(random: np.random.Generator) -> str:
    """The vote as a `.pb` file."""
    meta = {
        "description": "Synthetic vote of the demonstration; nobody voted",
        "country": "PE",
        "unit": SLUG,
        "instance": str(YEAR),
        "budget": ENVELOPE,
        "vote_type": "approval",
        "rule": "greedy",
        "date_begin": "2026-09-19",
        "date_end": "2026-09-20",
        "min_length": "1",
        "max_length": str(MOST_CHOICES),
        "currency": "PEN",
    }
    projects = [{"project_id": code, "cost": cost} for code, (cost, _women, _men) in DRAW.items()]
    votes = [*_ballots(random, "F", WOMEN, 1), *_ballots(random, "M", MEN, 2)]
    order = random.permutation(len(votes))
    return pabulib_of(meta, projects, [{"voter_id": str(i + 1), **votes[k]} for i, k in enumerate(order)])


def _ballots(random: np.random.Generator, sex: str, count: int, column: int) -> list[dict[str, str]]:
    codes = list(DRAW)
    weights = np.array([float(DRAW[code][column]) for code in codes])
    ages, shares = zip(*AGES, strict=True)
    ballots = []
    for _ in range(count):
        chosen = random.choice(
            len(codes), size=int(random.integers(1, MOST_CHOICES + 1)), replace=False, p=weights / weights.sum()
        )
        age = str(int(random.choice(ages, p=np.array(shares) / sum(shares))))
        ballots.append({"vote": ",".join(codes[k] for k in sorted(chosen)), "sex": sex, "age": age})
    return ballots
