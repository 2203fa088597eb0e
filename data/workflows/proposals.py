"""Proposals of a year: added, changed, reviewed, withdrawn, always as a further version; whole files or none of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from budget_model.assembly.proposals import COLUMNS, ProposalRecord, cells_of, parse_proposal
from budget_model.errors import InputError, Problem, StaleVersionError
from budget_model.spelling import did_you_mean
from data.readers.files import write_file
from data.readers.photos import Photo
from data.readers.proposals import INFORMATIVE, ProposalRow, read_proposals
from data.readers.tabular import MOST_PROBLEMS
from data.store import assembly as store
from data.store import audit
from data.store.areas import area_ids, list_areas, root_area
from data.store.engine import transaction
from data.store.sites import load_site
from data.store.tables import AssemblyPhoto, AssemblyProcess, AssemblyProposal, Indicator, Site
from data.workflows.processes import ensure_process
from data.workflows.proposal_merging import merging_problems, standing_of
from data.workflows.proposal_places import place_problems
from data.writers.tables import Cell, Table, file_bytes

AMOUNTS, COUNTS, DEGREES = ("cost", "unit_cost"), ("women", "men"), ("longitude", "latitude")
# What a file without these columns leaves as it is: a table made before a photo was taken must not take it away.
KEPT = (DEGREES, ("photo", "photo_text_es", "photo_text_en"))
FIELDS = {"longitude": "longitude", "latitude": "latitude", "photo": "photo", "photo_text_es": "photo_text"}


@dataclass(frozen=True)
class SavedProposals:
    """Codes of proposals that are new, that got a further version, and that were as they stood."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A record on its way in, with where it comes from: fields of its problems (file, sheet, line)."""

    record: ProposalRecord
    place: Mapping[str, str | int | None]
    kept: tuple[str, ...] = ()  # fields of the record on which the file says nothing


# --- in --------------------------------------------------------------------------------------------------------------


def import_proposals(
    factory: sessionmaker[Session], site_slug: str, year: int, path: Path, actor: str, name: str | None = None
) -> SavedProposals:
    """Add or change the proposals of a CSV or XLSX file; those that it does not name stay as they are.

    name : what the sender calls the file, where that is not the name of `path`
    Raises InputError with every problem at its line and column; nothing is stored then.
    """
    file = name or path.name
    entries, problems = _entries(read_proposals(path), file)
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process = ensure_process(session, site, year, actor)
        entries = _with_kept(session, process, entries)
        problems += _known_problems(session, site, process, entries)
        if problems:
            raise InputError(_cut(sorted(problems, key=lambda one: one.line or 0), file))
        done = _save(session, site, process, [one.record for one in entries], actor)
        audit.record(
            session, actor, "assembly.proposals.import", str(year), site.id,
            {"file": file, "added": len(done.added), "changed": len(done.changed)},
        )  # fmt: skip
    return done


def save_proposal(
    factory: sessionmaker[Session],
    site_slug: str,
    year: int,
    cells: Mapping[str, str],
    actor: str,
    *,
    seen: int = 0,
    photo: Photo | None = None,
    sent_key: str = "",
) -> str:
    """Add a proposal, or save the next version of one; gives its code.

    cells : texts by COLUMNS; an empty code is the next free one
    seen : the version that the change started from, 0 for a new one
    photo : takes the place of the one that the cells name
    sent_key : of the form; what comes a second time with it is there already, and nothing changes
    Raises InputError, StaleVersionError (somebody saved meanwhile), NotFoundError.
    """
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process = ensure_process(session, site, year, actor)
        store.lock_process(session, process.id)
        there = store.find_sent(session, process.id, sent_key) if sent_key else None
        if there is not None:
            return there.code
        code = cells.get("code", "").strip() or next_code(session, process.id)
        if photo is not None:
            keep_photo(session, process, photo, actor)
            cells = {**cells, "photo": photo.sha256}
        record, problems = parse_proposal({**cells, "code": code})
        if record is None:
            raise InputError(problems)
        problems += _known_problems(session, site, process, [Entry(record, {})])
        if problems:
            raise InputError(problems)
        _check_version(session, process, code, seen)
        _save(session, site, process, [record], actor, sent_key)
    return code


def give_photo(
    factory: sessionmaker[Session],
    site_slug: str,
    year: int,
    code: str,
    photo: Photo,
    texts: Mapping[str, str],
    actor: str,
) -> int:
    """Give a proposal a photo as its next version; gives the version. texts : what it shows, by language"""
    with transaction(factory) as session:
        site = load_site(session, site_slug)
        process = store.load_process(session, site.id, year)
        store.lock_process(session, process.id)
        newest = store.list_proposal_versions(session, process.id, code)[0]
        record = record_of(newest, zone_codes(session, site.id))
        words = {f"photo_text_{language}": text for language, text in texts.items()}
        keep_photo(session, process, photo, actor)
        made, problems = parse_proposal({**cells_of(record), "photo": photo.sha256, **words})
        if made is None:
            raise InputError(problems)
        done = _save(session, site, process, [made], actor)
        return newest.version + len(done.changed)


def keep_photo(session: Session, process: AssemblyProcess, photo: Photo, actor: str) -> None:
    """Put a photo beside the proposals of a process; the same picture once."""
    if photo.sha256 in store.photo_names(session, process.id):
        return
    session.add(
        AssemblyPhoto(
            process_id=process.id,
            sha256=photo.sha256,
            content=photo.content,
            small=photo.small,
            width=photo.width,
            height=photo.height,
            saved_at=datetime.now(UTC),
            saved_by=actor,
        )
    )
    session.flush()


def next_code(session: Session, process_id: int) -> str:
    """P-01, P-02 …: the first that is free."""
    taken = {one.code for one in store.list_proposals(session, process_id)}
    return next(code for number in range(1, 10_000) if (code := f"P-{number:02d}") not in taken)


def _check_version(session: Session, process: AssemblyProcess, code: str, seen: int) -> None:
    newest = next((one for one in store.list_proposals(session, process.id) if one.code == code), None)
    found = newest.version if newest else 0
    if found == seen:
        return
    if newest is not None and not seen:
        message = f"The code '{code}' is taken by another proposal. Choose another, or leave it empty."
        raise InputError(Problem("proposal-taken", message, column="code", value=code, facts={"code": code}))
    at = newest.saved_at.isoformat(timespec="minutes") if newest else ""
    raise StaleVersionError(f"Proposal {code}", seen, found, newest.saved_by if newest else "", at, "edit", {})


def _entries(rows: Sequence[ProposalRow], file: str) -> tuple[list[Entry], list[Problem]]:
    entries: list[Entry] = []
    problems: list[Problem] = []
    first: dict[str, int] = {}
    for row in rows:
        place = {"file": file, "sheet": row.sheet, "line": row.line}
        record, wrong = parse_proposal(row.cells)
        problems += [replace(one, **place) for one in wrong]
        if record is not None:
            silent = [name for group in KEPT if not set(group) & set(row.cells) for name in group]
            entries.append(Entry(record, place, tuple(FIELDS[name] for name in silent if name in FIELDS)))
        code = row.cells.get("code", "").strip()
        if code and first.setdefault(code, row.line) != row.line:
            message = f"The code '{code[:40]}' stands in line {first[code]:,} already. Keep one row."
            problems.append(Problem("proposal-twice", message, column="code", value=code[:40], **place))
    return entries, problems


def _with_kept(session: Session, process: AssemblyProcess, entries: Sequence[Entry]) -> list[Entry]:
    """Entries with what their file says nothing about, as it stands."""
    if not any(entry.kept for entry in entries):
        return list(entries)
    newest = {one.code: record_of(one, {}) for one in store.list_proposals(session, process.id)}
    made = []
    for entry in entries:
        before = newest.get(entry.record.code)
        if before is not None and entry.kept:
            standing = {name: getattr(before, name) for name in entry.kept}
            entry = replace(entry, record=replace(entry.record, **standing))
        made.append(entry)
    return made


def _known_problems(session: Session, site: Site, process: AssemblyProcess, entries: Sequence[Entry]) -> list[Problem]:
    """Zones, needs, photos and other proposals that are named and not there; places that lie elsewhere."""
    zones = area_ids(session, site.id)
    needs, photos = known_needs(session, site.id), store.photo_names(session, process.id)
    standing = standing_of(store.list_proposals(session, process.id), [one.record for one in entries])
    found: list[Problem] = []
    for entry in entries:
        found += [replace(one, **entry.place) for one in _unknown(entry.record, zones, needs, standing)]
        found += [replace(one, **entry.place) for one in merging_problems(entry.record, standing)]
        found += [replace(one, **entry.place) for one in place_problems(session, site.id, entry.record)]
        if entry.record.photo and entry.record.photo not in photos:
            message = "The photo that the column names is not here. Leave it empty, and send the photo with the form."
            found.append(Problem("proposal-photo-name", message, column="photo", **entry.place))
    return found


def known_needs(session: Session, site_id: int) -> frozenset[str]:
    """Codes of the indicators of a site."""
    return frozenset(session.scalars(select(Indicator.code).where(Indicator.site_id == site_id)))


def _unknown(
    record: ProposalRecord, zones: Mapping[str, int], needs: frozenset[str], codes: Collection[str]
) -> Iterator[Problem]:
    if record.zone and record.zone not in zones:
        message = f"The site has no area '{record.zone}'.{did_you_mean(record.zone, sorted(zones))}"
        yield Problem("assembly-zone", message, column="zone", value=record.zone, facts={"zone": record.zone})
    if record.need and record.need not in needs:
        hint = did_you_mean(record.need, sorted(needs)) or " It has no indicators yet; leave the column empty."
        message = f"The site has no indicator '{record.need}'.{hint}"
        yield Problem("proposal-need", message, column="need", value=record.need, facts={"need": record.need})
    for other in record.excludes:
        if other not in codes:
            message = f"The proposal excludes '{other[:40]}', which is not among the proposals of the year."
            yield Problem("proposal-excludes", message, column="excludes", value=other[:40], facts={"other": other})


def _save(
    session: Session,
    site: Site,
    process: AssemblyProcess,
    records: Sequence[ProposalRecord],
    actor: str,
    sent_key: str = "",
) -> SavedProposals:
    store.lock_process(session, process.id)
    newest = {one.code: one for one in store.list_proposals(session, process.id)}
    zones, whole = area_ids(session, site.id), root_area(session, site.id).id
    names = {key: code for code, key in zones.items() if key != whole}
    added, changed, unchanged = [], [], []
    for record in records:
        before = newest.get(record.code)
        if before is not None and record_of(before, names) == record:
            unchanged.append(record.code)
            continue
        (added if before is None else changed).append(record.code)
        version = before.version + 1 if before else 1
        row = _row(record, process, zones.get(record.zone, whole), version, actor)
        row.sent_key = sent_key or None
        session.add(row)
        audit.record(
            session, actor, "assembly.proposal.save", f"{process.year} {record.code}", site.id,
            {"version": version, "state": record.state, "cost": str(record.cost), "photo": record.photo[:12]},
        )  # fmt: skip
    session.flush()
    return SavedProposals(tuple(added), tuple(changed), tuple(unchanged))


def _row(record: ProposalRecord, process: AssemblyProcess, area_id: int, version: int, actor: str) -> AssemblyProposal:
    return AssemblyProposal(
        process_id=process.id,
        code=record.code,
        version=version,
        saved_at=datetime.now(UTC),
        saved_by=actor,
        title=dict(record.title),
        description=dict(record.description),
        area_id=area_id,
        cost=record.cost,
        category=record.category,
        need_code=record.need or None,
        women=record.women,
        men=record.men,
        unit_cost=record.unit_cost,
        state=record.state,
        reason=record.reason,
        excludes=list(record.excludes),
        merged_into=record.merged_into or None,
        longitude=record.longitude,
        latitude=record.latitude,
        photo_sha256=record.photo or None,
        photo_text=dict(record.photo_text),
        is_synthetic=process.is_synthetic,
    )


def _cut(problems: Sequence[Problem], file: str) -> list[Problem]:
    if len(problems) <= MOST_PROBLEMS:
        return list(problems)
    more = f"There are {len(problems) - MOST_PROBLEMS:,} more problems after these."
    return [*problems[:MOST_PROBLEMS], Problem("more_problems", more, file=file)]


# --- out -------------------------------------------------------------------------------------------------------------


def record_of(row: AssemblyProposal, zones: Mapping[int, str]) -> ProposalRecord:
    """What a stored version says. zones : area id -> code, without the site's own area"""
    return ProposalRecord(
        code=row.code,
        title=row.title,
        description=row.description,
        zone=zones.get(row.area_id, ""),
        cost=row.cost,
        category=row.category,
        need=row.need_code or "",
        women=row.women,
        men=row.men,
        unit_cost=row.unit_cost,
        state=row.state,
        reason=row.reason,
        excludes=tuple(row.excludes),
        merged_into=row.merged_into or "",
        longitude=row.longitude,
        latitude=row.latitude,
        photo=row.photo_sha256 or "",
        photo_text=row.photo_text,
    )


def zone_codes(session: Session, site_id: int) -> dict[int, str]:
    """Area id -> code of every area below the site."""
    return {area.id: area.code for area in list_areas(session, site_id) if area.level}


def export_proposals(factory: sessionmaker[Session], site_slug: str, year: int, path: Path) -> int:
    """Write the proposals of a year as CSV or XLSX; an import reads them back as they were. Says how many."""
    with factory() as session:
        site = load_site(session, site_slug)
        process = store.load_process(session, site.id, year)
        rows, zones = store.list_proposals(session, process.id), zone_codes(session, site.id)
        notes, tables = proposal_tables(site, year, [(row, record_of(row, zones)) for row in rows])
    write_file(path, file_bytes(path.name, notes, tables))
    return len(rows)


def proposal_tables(
    site: Site, year: int, rows: Sequence[tuple[AssemblyProposal, ProposalRecord]], with_people: bool = True
) -> tuple[list[tuple[str, str]], list[Table]]:
    """Notes and the table of an export. with_people : who saved each version, which the public is not told"""
    notes = [
        ("Site", site.name),
        ("Content", f"proposals of the participatory budget {year}, newest versions"),
        ("Units", f"cost and unit_cost (a person and year) in {site.currency}; women and men: persons a year"),
    ]
    if site.is_synthetic:
        notes.insert(0, ("Note", "Synthetic demonstration data; no real municipality's proposals."))
    told = INFORMATIVE if with_people else INFORMATIVE[:-1]
    body = [[*_cells(record), *[_told(row, name) for name in told]] for row, record in rows]
    return notes, [Table("Proposals", [*COLUMNS, *told], body)]


def _told(row: AssemblyProposal, name: str) -> str:
    return row.saved_at.isoformat(timespec="seconds") if name == "saved_at" else str(getattr(row, name))


def _cells(record: ProposalRecord) -> list[Cell]:
    texts = cells_of(record)
    return [getattr(record, name) if name in (*AMOUNTS, *COUNTS, *DEGREES) else texts[name] or None for name in COLUMNS]
