"""Tags of budget lines in versions, and ratings. Rows are only added; the head of a line moves to its newest version.

Whoever saves a version locks the line first (`lock_lines`), so that two people on one line come one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, false, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from budget_model.errors import InputError, NotFoundError, Problem
from data.store import line_sums
from data.store.tables import BudgetLine, LineRating, LineTag, LineTagVersion

STATES = ("proposed", "reviewed", "approved", "disputed")
PROPOSED, REVIEWED, APPROVED, DISPUTED = STATES
KEYS_AT_ONCE = 400  # of a query that names lines one by one
Key = tuple[int, str]  # year, code


def lock_lines(session: Session, site_id: int, keys: Sequence[Key]) -> dict[Key, BudgetLine]:
    """The lines, locked until the end of the transaction, in one order for everybody so that nobody waits in a circle.

    Raises InputError with every line that was removed from the budget after it was tagged, NotFoundError for a line
    that never was there.
    """
    ids = sorted(line.id for line in load_lines(session, site_id, keys).values())
    locked: dict[Key, BudgetLine] = {}
    for start in range(0, len(ids), KEYS_AT_ONCE):
        query = select(BudgetLine).where(BudgetLine.id.in_(ids[start : start + KEYS_AT_ONCE])).order_by(BudgetLine.id)
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
        locked |= {(line.year, line.code): line for line in session.scalars(query)}
    _refuse_missing(session, site_id, keys, locked)  # gone while we waited for them
    return locked


def load_lines(session: Session, site_id: int, keys: Sequence[Key]) -> dict[Key, BudgetLine]:
    """As `lock_lines`, to look at them only."""
    found: dict[Key, BudgetLine] = {}
    for part in _parts(sorted(set(keys))):
        query = select(BudgetLine).where(BudgetLine.site_id == site_id, _named(BudgetLine, part))
        found |= {(line.year, line.code): line for line in session.scalars(query)}
    _refuse_missing(session, site_id, keys, found)
    return found


def known_lines(session: Session, site_id: int, keys: Sequence[Key]) -> frozenset[Key]:
    """Those of the lines that are in the budget."""
    found: set[Key] = set()
    for part in _parts(list(keys)):
        query = select(BudgetLine.year, BudgetLine.code).where(BudgetLine.site_id == site_id, _named(BudgetLine, part))
        found |= {(year, code) for year, code in session.execute(query)}
    return frozenset(found)


def _refuse_missing(session: Session, site_id: int, keys: Sequence[Key], found: Mapping[Key, BudgetLine]) -> None:
    missing = [key for key in keys if key not in found]
    if missing:
        raise _missing(session, site_id, missing)


def _missing(session: Session, site_id: int, keys: Sequence[Key]) -> Exception:
    tagged = find_heads(session, site_id, keys)
    never = [key for key in keys if key not in tagged]
    if never:
        return NotFoundError(f"budget line of {never[0][0]}", never[0][1])
    return InputError([_line_gone(*key) for key in keys])


def _line_gone(year: int, code: str) -> Problem:
    message = (
        f"The line '{code}' of {year} was removed from the budget by an import after it was tagged. Its tag is kept "
        "with its history and comes back with the line; it cannot be changed without it."
    )
    return Problem("tag_line_gone", message, value=code, facts={"year": year, "code": code})


def _parts(keys: Sequence[Key]) -> Iterable[Sequence[Key]]:
    return (keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE))


def _named(table: Any, keys: Sequence[Key]) -> Any:
    """Year by year: a list of pairs would make SQLite read all lines of the site."""
    codes: dict[int, list[str]] = defaultdict(list)
    for year, code in keys:
        codes[year].append(code)
    return or_(false(), *(and_(table.year == year, table.code.in_(named)) for year, named in codes.items()))


def find_heads(session: Session, site_id: int, keys: Sequence[Key]) -> dict[Key, LineTag]:
    """Heads of the lines that are tagged."""
    found: dict[Key, LineTag] = {}
    for part in _parts(list(keys)):
        query = select(LineTag).where(LineTag.site_id == site_id, _named(LineTag, part))
        query = query.execution_options(populate_existing=True)
        found |= {(head.year, head.code): head for head in session.scalars(query)}
    return found


def list_heads(session: Session, site_id: int, year: int | None = None) -> list[LineTag]:
    """Heads of a site, by year and code."""
    query = select(LineTag).where(LineTag.site_id == site_id).order_by(LineTag.year, LineTag.code)
    return list(session.scalars(query if year is None else query.where(LineTag.year == year)))


def load_version(session: Session, site_id: int, key: Key, version: int) -> LineTagVersion:
    """One version; NotFoundError where the line has none of that number."""
    query = _versions(site_id, key).where(LineTagVersion.version == version)
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(f"version of the tag of '{key[1]}' of {key[0]}", str(version))
    return found


def list_versions(session: Session, site_id: int, key: Key) -> list[LineTagVersion]:
    """All versions of a line's tag, the first one first."""
    return list(session.scalars(_versions(site_id, key).order_by(LineTagVersion.version)))


def list_histories(session: Session, site_id: int, keys: Sequence[Key]) -> dict[Key, list[LineTagVersion]]:
    """All versions of many lines' tags, each from the first to the newest; untagged lines are not in it."""
    found: dict[Key, list[LineTagVersion]] = {}
    for part in _parts(keys):
        query = select(LineTagVersion).where(LineTagVersion.site_id == site_id, _named(LineTagVersion, part))
        for one in session.scalars(query.order_by(LineTagVersion.version)):
            found.setdefault((one.year, one.code), []).append(one)
    return found


def _versions(site_id: int, key: Key) -> Any:
    year, code = key
    query = select(LineTagVersion).where(LineTagVersion.site_id == site_id)
    return query.where(LineTagVersion.year == year, LineTagVersion.code == code)


def load_versions_by_id(session: Session, ids: Iterable[int]) -> dict[int, LineTagVersion]:
    """Versions by their row ids."""
    wanted, found = sorted(set(ids)), {}
    for start in range(0, len(wanted), 5 * KEYS_AT_ONCE):
        query = select(LineTagVersion).where(LineTagVersion.id.in_(wanted[start : start + 5 * KEYS_AT_ONCE]))
        found |= {version.id: version for version in session.scalars(query)}
    return found


def current_and_approved(
    session: Session, site_id: int, year: int | None = None
) -> list[tuple[LineTag, LineTagVersion, LineTagVersion | None]]:
    """Heads with their newest and their approved version, by year and code; also of lines that are gone."""
    newest, approved = aliased(LineTagVersion), aliased(LineTagVersion)
    query = (
        select(LineTag, newest, approved)
        .join(newest, newest.id == LineTag.version_id)
        .outerjoin(approved, approved.id == LineTag.approved_id)
        .where(LineTag.site_id == site_id)
        .order_by(LineTag.year, LineTag.code)
    )
    if year is not None:
        query = query.where(LineTag.year == year)
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def add_versions(session: Session, rows: Sequence[Mapping[str, Any]], facets: Sequence[Mapping[str, Any]]) -> None:
    """Add versions and move the heads of their lines. The lines are locked by the caller.

    rows : columns of `LineTagVersion`; facets : beside each, the columns of `LineTag` that repeat its content
    """
    versions = [LineTagVersion(**row) for row in rows]
    session.add_all(versions)
    session.flush()
    keys = [(version.year, version.code) for version in versions]
    heads = find_heads(session, versions[0].site_id, keys) if versions else {}
    new, moved = [], []
    for version, columns in zip(versions, facets, strict=True):
        head = heads.get((version.year, version.code))
        row = {**_head_row(version), **columns}
        if version.state == APPROVED:
            row["approved_id"] = version.id
        if head is None:
            new.append({"approved_id": None, **row})
        else:
            moved.append({"id": head.id, "approved_id": head.approved_id, **row})
    if new:
        session.execute(insert(LineTag), new)
    if moved:
        session.execute(update(LineTag), moved)
    for head in heads.values():
        session.expire(head)
    counting = {(version.site_id, version.year) for version in versions if version.state == APPROVED}
    for site_id, year in sorted(counting):
        line_sums.add_changes(session, site_id, [year])


def _head_row(version: LineTagVersion) -> dict[str, Any]:
    return {
        "site_id": version.site_id,
        "year": version.year,
        "code": version.code,
        "version": version.version,
        "version_id": version.id,
        "state": version.state,
        "updated_at": version.at,
        "updated_by": version.actor,
        "author": version.author,
    }


def add_rating(session: Session, rating: LineRating) -> LineRating:
    """Add a rating; earlier ones of the same rater stay and no longer count."""
    session.add(rating)
    session.flush()
    return rating


def latest_ratings(session: Session, site_id: int, scheme: str, year: int | None = None) -> list[LineRating]:
    """The last rating of every rater and line in a scheme."""
    parts = (LineRating.year, LineRating.code, LineRating.rater)
    last = select(func.max(LineRating.id)).where(LineRating.site_id == site_id, LineRating.scheme == scheme)
    query = select(LineRating).where(LineRating.id.in_(last.group_by(*parts)))
    return list(session.scalars(query if year is None else query.where(LineRating.year == year)))


def first_proposals(session: Session, site_id: int, year: int | None = None) -> list[LineTagVersion]:
    """The first version of every tag: made by somebody who had no tag to look at."""
    query = select(LineTagVersion).where(and_(LineTagVersion.site_id == site_id, LineTagVersion.version == 1))
    return list(session.scalars(query if year is None else query.where(LineTagVersion.year == year)))


def next_unrated(session: Session, site_id: int, year: int, scheme: str, rater: str) -> BudgetLine | None:
    """The line with the largest budget that the rater has not rated in the scheme, and whose tag she did not begin."""
    same_rating = (LineRating.year == BudgetLine.year, LineRating.code == BudgetLine.code)
    rated = select(LineRating.id).where(
        LineRating.site_id == site_id, LineRating.scheme == scheme, LineRating.rater == rater, *same_rating
    )
    same_version = (LineTagVersion.year == BudgetLine.year, LineTagVersion.code == BudgetLine.code)
    begun = select(LineTagVersion.id).where(
        LineTagVersion.site_id == site_id, LineTagVersion.author == rater, *same_version
    )
    query = select(BudgetLine).where(
        BudgetLine.site_id == site_id, BudgetLine.year == year, ~rated.exists(), ~begun.exists()
    )
    largest = func.coalesce(BudgetLine.pim, BudgetLine.pia, 0)
    return session.scalar(query.order_by(largest.desc(), BudgetLine.code).limit(1))
