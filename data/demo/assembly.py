"""An invented participatory budget: proposals and process as files that a user would bring, and a vote drawn by chance.

Women of the demonstration choose care, water and literacy more often than men, men roads and sports: invented, so that
the pages have something to tell apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from sqlalchemy.orm import Session, sessionmaker

from data.demo.standing import SLUG
from data.demo.texts import TEXTS
from data.readers.process_file import read_process
from data.store.assembly import find_process, list_votes, load_process
from data.store.sites import load_site
from data.store.winner_lines import list_winner_lines
from data.workflows.criteria import read_marks, save_marks
from data.workflows.processes import save_process
from data.workflows.proposal_scores import score_process
from data.workflows.proposals import import_proposals
from data.workflows.stored_votes import VoteToImport, import_vote
from data.workflows.trends import keep_population
from data.workflows.vote_studies import study_vote
from data.workflows.winner_lines import match_line
from data.writers.pabulib import pabulib_of

HERE = Path(__file__).parent
MOST_CHOICES = 4
DRAWS = 200  # of the scores: an official may ask for more


@dataclass(frozen=True)
class DrawnVote:
    """A vote of the demonstration. `draw`: proposal -> price, and how much it draws women and men (weights)."""

    year: int
    envelope: str
    days: tuple[str, str]
    women: int
    men: int
    draw: Mapping[str, tuple[str, int, int]]

    @property
    def file(self) -> str:
        return f"voto_sintetico_{self.year}.pb"


LATEST = DrawnVote(
    2027,
    "700000",
    ("2026-09-19", "2026-09-20"),
    358,
    302,
    {
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
    },
)
EARLIER = DrawnVote(
    2025,
    "620000",
    ("2024-09-21", "2024-09-22"),
    241,
    219,
    {
        "E-01": ("210000", 8, 6),
        "E-02": ("120000", 8, 4),
        "E-03": ("105000", 8, 5),
        "E-04": ("80000", 6, 6),
        "E-05": ("90000", 4, 9),
        "E-06": ("260000", 1, 3),
        "E-07": ("45000", 2, 2),
    },
)
# winner of the earlier vote -> code of the line of 2025 that carried it out, and its share of it; the lights of the
# sports ground have none: nothing of them was begun
CARRIED_OUT = {
    "E-01": ("999142/0005/5/07/2.6", "1"),
    "E-02": ("999142/0043/5/07/2.3", "0.5"),
    "E-03": ("999142/0017/4/13/2.3", "1"),
    "E-04": ("999142/0014/5/07/2.3", "0.25"),
}
AGES = ((18, 0.08), (25, 0.2), (35, 0.27), (45, 0.2), (55, 0.15), (68, 0.1))


def hold_assembly(
    factory: sessionmaker[Session],
    actor: str,
    official: str,
    random: np.random.Generator,
    earlier: np.random.Generator,
) -> None:
    """Process, proposals and vote of two years, and what became of the earlier winners; nothing where they are there.

    official : log-in of who says which budget lines carried out a winner
    earlier : draws the vote of the earlier year, `random` that of the latest
    """
    keep_population(factory, SLUG, _text("population.csv"), TEXTS["population_source"], actor)
    if not _has_vote(factory, EARLIER.year):
        _hold(factory, EARLIER, "_2025", actor, earlier)
    _match_lines(factory, official)
    if not _has_vote(factory, LATEST.year):
        _hold(factory, LATEST, "", actor, random)
        score_process(factory, SLUG, LATEST.year, actor, DRAWS)
    save_marks(factory, SLUG, LATEST.year, read_marks(_text("points.csv"), "points.csv"), actor)


def _text(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _has_vote(factory: sessionmaker[Session], year: int) -> bool:
    with factory() as session:
        process = find_process(session, load_site(session, SLUG).id, year)
        return process is not None and bool(list_votes(session, process.id))


def _hold(factory: sessionmaker[Session], vote: DrawnVote, files: str, actor: str, random: np.random.Generator) -> None:
    save_process(factory, SLUG, vote.year, read_process(HERE / f"process{files}.yaml"), actor)
    import_proposals(factory, SLUG, vote.year, HERE / f"proposals{files}.csv", actor)
    content = vote_file(vote, random).encode()
    done = import_vote(factory, SLUG, vote.year, VoteToImport(content, vote.file), actor)
    study_vote(factory, SLUG, done.vote.id, actor)


def _match_lines(factory: sessionmaker[Session], official: str) -> None:
    """Say which lines of 2025 carried out a winner, where nobody said so yet."""
    with factory() as session:
        process = load_process(session, load_site(session, SLUG).id, EARLIER.year)
        there = {link.proposal_code for link in list_winner_lines(session, process.id)}
    for winner, (code, share) in CARRIED_OUT.items():
        if winner not in there:
            match_line(factory, SLUG, EARLIER.year, winner, (EARLIER.year, code), official, Decimal(share))


def vote_file(vote: DrawnVote, random: np.random.Generator) -> str:
    """The vote as a `.pb` file."""
    meta = {
        "description": "Synthetic vote of the demonstration; nobody voted",
        "country": "PE",
        "unit": SLUG,
        "instance": str(vote.year),
        "budget": vote.envelope,
        "vote_type": "approval",
        "rule": "greedy",
        "date_begin": vote.days[0],
        "date_end": vote.days[1],
        "min_length": "1",
        "max_length": str(MOST_CHOICES),
        "currency": "PEN",
    }
    projects = [{"project_id": code, "cost": cost} for code, (cost, _women, _men) in vote.draw.items()]
    votes = [*_ballots(random, vote, "F", vote.women, 1), *_ballots(random, vote, "M", vote.men, 2)]
    order = random.permutation(len(votes))
    return pabulib_of(meta, projects, [{"voter_id": str(i + 1), **votes[k]} for i, k in enumerate(order)])


def _ballots(random: np.random.Generator, vote: DrawnVote, sex: str, count: int, column: int) -> list[dict[str, str]]:
    codes = list(vote.draw)
    weights = np.array([float(vote.draw[code][column]) for code in codes])
    ages, shares = zip(*AGES, strict=True)
    ballots = []
    for _ in range(count):
        chosen = random.choice(
            len(codes), size=int(random.integers(1, MOST_CHOICES + 1)), replace=False, p=weights / weights.sum()
        )
        age = str(int(random.choice(ages, p=np.array(shares) / sum(shares))))
        ballots.append({"vote": ",".join(codes[k] for k in sorted(chosen)), "sex": sex, "age": age})
    return ballots
