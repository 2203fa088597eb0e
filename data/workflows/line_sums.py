"""Sums of a site's budget lines by year and tag: the kept ones where they are good, else made anew."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from functools import lru_cache

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from budget_model.spending.lines import STAGES
from budget_model.spending.sums import PAIRS, LineSums, PairSum
from budget_model.spending.tags import Tag
from data.store import line_sums as store
from data.store.engine import transaction
from data.store.line_sums import StoredSums, Year
from data.workflows.tag_steps import stored_tag

YEARS_REMEMBERED, TAGS_REMEMBERED = 1_000, 10_000  # of a process: documents that need not be read again
COUNTED_FIELDS = ("marker", "sharp", "policy", "beneficiary", "women_share_percent", "attribution")
log = logging.getLogger(__name__)
Sums = dict[int, tuple[LineSums, ...]]  # by year


def load_sums(session: Session, site_ids: Collection[int]) -> dict[int, Sums]:
    """Sums by site and year, oldest first; years without lines are not in it. Stores nothing."""
    wanted, kept = store.stamps(session, site_ids), store.find_documents(session, site_ids)
    found: dict[int, Sums] = {site_id: {} for site_id in site_ids}
    for (site_id, year), stamp in sorted(wanted.items()):
        stored_stamp, document = kept.get((site_id, year), ("", ""))
        groups = sums_of(document if stored_stamp == stamp else _document(session, site_id, year))
        if groups:
            found[site_id][year] = groups
    return found


def refresh_sums(factory: sessionmaker[Session], site_ids: Collection[int]) -> int:
    """Bring the kept sums of these sites up to date; gives how many years were made anew.

    Where the store is being written to for long they stay as they are: whoever reads makes them for herself.
    """
    with factory() as session:
        stale = _stale(session, site_ids)
        made = {year: (stamp, _document(session, *year)) for year, stamp in stale.items()}
    if not made:
        return 0
    try:
        with transaction(factory) as session:
            for (site_id, year), (stamp, document) in made.items():
                store.keep_document(session, site_id, year, stamp, document)
    except OperationalError:
        log.warning("The sums of %s years could not be kept: the store is busy.", len(made))
        return 0
    return len(made)


def _stale(session: Session, site_ids: Collection[int]) -> dict[Year, str]:
    wanted, kept = store.stamps(session, site_ids), store.find_documents(session, site_ids)
    return {year: stamp for year, stamp in wanted.items() if kept.get(year, ("", ""))[0] != stamp}


def _document(session: Session, site_id: int, year: int) -> str:
    """Groups as JSON; tags that no scheme could count differently are one group, so that long texts make none."""
    groups: dict[str | None, list[StoredSums]] = defaultdict(list)
    for one in store.sum_year(session, site_id, year):
        groups[None if one.content is None else counted_part(one.content)].append(one)
    return json.dumps([_written(content, parts) for content, parts in groups.items()], separators=(",", ":"))


@lru_cache(maxsize=TAGS_REMEMBERED)
def counted_part(content: str) -> str:
    """What of a stored tag a scheme may look at when it counts (`budget_model.spending.counting.count`)."""
    return json.dumps({name: value for name, value in json.loads(content).items() if name in COUNTED_FIELDS})


def _written(content: str | None, parts: Collection[StoredSums]) -> list[object]:
    amounts = [_sum(part.amounts[stage] for part in parts) for stage in STAGES]
    numbers = [sum(part.numbers[stage] for part in parts) for stage in STAGES]
    pairs = []
    for pair in PAIRS:
        lines, before, after = zip(*(part.pairs[pair] for part in parts), strict=True)
        pairs.append([sum(lines), _sum(before), _sum(after)])
    return [content, sum(part.lines for part in parts), amounts, numbers, pairs]


def _sum(amounts: Iterable[Decimal | None]) -> str | None:
    stated = [amount for amount in amounts if amount is not None]
    return f"{sum(stated, Decimal(0)):f}" if stated else None


@lru_cache(maxsize=YEARS_REMEMBERED)
def sums_of(document: str) -> tuple[LineSums, ...]:
    """The sums that a document holds."""
    return tuple(_read(*group) for group in json.loads(document))


def _read(
    content: str | None, lines: int, amounts: list[str | None], numbers: list[int], pairs: list[list[str | int | None]]
) -> LineSums:
    read = [None if amount is None else Decimal(amount) for amount in amounts]
    found = [PairSum(int(number or 0), Decimal(before or 0), Decimal(after or 0)) for number, before, after in pairs]
    return LineSums(
        None if content is None else tag_of(content),
        lines,
        dict(zip(STAGES, read, strict=True)),
        dict(zip(STAGES, numbers, strict=True)),
        dict(zip(PAIRS, found, strict=True)),
    )


@lru_cache(maxsize=TAGS_REMEMBERED)
def tag_of(content: str) -> Tag:
    """The tag of a stored content, as the database wrote it."""
    return stored_tag(json.loads(content))


def stage_amount(groups: Collection[LineSums], stage: str) -> tuple[int, Decimal]:
    """How many lines of a year have the stage, and their exact amount."""
    amounts: list[Decimal] = [amount for one in groups if (amount := one.amounts[stage]) is not None]
    return sum(one.numbers[stage] for one in groups), sum(amounts, Decimal(0))
