"""Uploads that wait for a person's word: a private folder each, with its owner and the hour at which it is gone.

They lie in `<bank>/.staging/<token>/`, outside every site's folder. What is abandoned or too old is removed whole.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import IO, Any

from budget_model.errors import InputError, NotFoundError, Problem
from data.readers.kobo_json import SUFFIX as JSON
from data.readers.kobo_json import holds_submissions
from data.readers.sniff import ANSWERS, FORMS, check_content

LIFETIME = timedelta(hours=24)
LARGEST_FILE = 100 * 2**20  # bytes
MOST_FILES = 20
MOST_STAGES = 5  # of one person; the oldest goes first
BLOCK = 1 << 20
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,40}")
UNSAFE = re.compile(r"[^\w.() -]+")
FOLDER, RECORD = ".staging", "stage.json"


@dataclass(frozen=True)
class Upload:
    """A file on its way in: the name that its owner gave it, and its bytes."""

    name: str
    stream: IO[bytes]


@dataclass(frozen=True)
class Stage:
    """What is known of an upload that is not imported yet. `mapping`: the mapping document once there is one."""

    token: str
    owner: str
    site: str
    round_code: str
    form: str | None
    data: tuple[str, ...]
    facts: Mapping[str, Any]
    created_at: str
    expires_at: str
    mapping: Mapping[str, Any] | None = None
    draft: Mapping[str, Any] | None = None  # the answers of the mapping step, complete or not
    base: Mapping[str, Any] | None = None  # the mapping file that was given, for all that the step does not ask
    told: tuple[str, ...] = ()  # why the last mapping file was refused, a sentence a problem

    @property
    def is_of_form(self) -> bool:
        return self.form is not None


def staging_folder(bank_folder: Path) -> Path:
    return Path(bank_folder) / FOLDER


def make_stage(
    bank_folder: Path,
    site: str,
    owner: str,
    round_code: str,
    form: Upload | None,
    data: Sequence[Upload],
    facts: Mapping[str, Any],
    now: datetime | None = None,
) -> Stage:
    """Keep uploaded files for `LIFETIME`. Raises InputError with every file that is too large or no file of its type,
    and then keeps nothing."""
    now = now or datetime.now(UTC)
    remove_expired(bank_folder, now)
    _refuse_numbers(form, data)
    root = staging_folder(bank_folder)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    token = secrets.token_urlsafe(18)
    folder = root / token
    folder.mkdir(mode=0o700)
    try:
        names = _write_files(folder, form, data)
        expires = (now + LIFETIME).isoformat()
        stage = Stage(
            token,
            owner,
            site,
            round_code,
            names[0] if form else None,
            tuple(names[1:]),
            dict(facts),
            now.isoformat(),
            expires,
        )
        save_stage(bank_folder, stage)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _keep_newest(bank_folder, owner)
    return stage


def _refuse_numbers(form: Upload | None, data: Sequence[Upload]) -> None:
    may_bring_answers = form is not None and form.name.lower().endswith(JSON)
    if not data and not may_bring_answers:
        raise InputError(_no_answers())
    if len(data) > MOST_FILES:
        message = f"These are {len(data)} files; up to {MOST_FILES} can be given. Export the answers as one workbook."
        raise InputError(Problem("upload_many", message, facts={"most": MOST_FILES}))


def _no_answers() -> Problem:
    return Problem("upload_missing", "Choose the files with the answers.")


def _write_files(folder: Path, form: Upload | None, data: Sequence[Upload]) -> list[str]:
    """Names as they are kept: the form's (empty without one) and those of the answers."""
    problems: list[Problem] = []
    names = [_write(folder / "form", form, FORMS, problems) if form else ""]
    for upload in data:
        names.append(_write(folder / "data", upload, ANSWERS, problems))
    if not data and not problems and not holds_submissions(folder / "form" / names[0]):
        problems.append(_no_answers())
    if problems:
        raise InputError(problems)
    return names


def _write(folder: Path, upload: Upload, allowed: tuple[str, ...], problems: list[Problem]) -> str:
    folder.mkdir(mode=0o700, exist_ok=True)
    name = safe_name(upload.name)
    path = folder / name
    try:
        if path.exists():
            message = "Two files have this name. Rename one of them."
            raise InputError(Problem("upload_twice", message, file=name))
        _copy(upload.stream, path)
        check_content(path, allowed)
    except InputError as refused:
        problems.extend(refused.problems)
    return name


def _copy(stream: IO[bytes], path: Path) -> None:
    size = 0
    with path.open("xb") as target:
        while block := stream.read(BLOCK):
            size += len(block)
            if size > LARGEST_FILE:
                most = LARGEST_FILE // 2**20
                message = f"The file is larger than {most} MB. Use the command line for it (survey import)."
                raise InputError(Problem("upload_large", message, file=path.name, facts={"most": most}))
            target.write(block)


def safe_name(name: str) -> str:
    """The last part of a file's name without signs that mean something to a file system.

    >>> safe_name("../../etc/pass wd.csv"), safe_name("C:\\\\x\\\\hogares ñ.xlsx"), safe_name("..")
    ('pass wd.csv', 'hogares ñ.xlsx', 'file')
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    plain = UNSAFE.sub("_", last).strip(". ")
    return plain[-100:] or "file"


def save_stage(bank_folder: Path, stage: Stage) -> None:
    """Write the record; it replaces the earlier one whole."""
    folder = staging_folder(bank_folder) / stage.token
    fresh = folder / f"{RECORD}.new"
    fresh.write_text(json.dumps(asdict(stage), ensure_ascii=False), encoding="utf-8")
    fresh.replace(folder / RECORD)


def load_stage(bank_folder: Path, site: str, owner: str, token: str, now: datetime | None = None) -> Stage:
    """An upload by its token; NotFoundError for one that is gone, too old, somebody else's or another site's."""
    stage = _read(bank_folder, token)
    now = now or datetime.now(UTC)
    is_mine = stage is not None and (stage.owner, stage.site) == (owner, site)
    if stage is None or not is_mine or datetime.fromisoformat(stage.expires_at) <= now:
        remove_expired(bank_folder, now)
        raise NotFoundError("upload", token[:8])
    return stage


def find_stages(bank_folder: Path, site: str, owner: str, now: datetime | None = None) -> list[Stage]:
    """Uploads of a person at a site that are still there, the newest first."""
    now = now or datetime.now(UTC)
    found = [one for one in _all(bank_folder) if (one.owner, one.site) == (owner, site)]
    alive = [one for one in found if datetime.fromisoformat(one.expires_at) > now]
    return sorted(alive, key=lambda one: one.created_at, reverse=True)


def with_answers(
    bank_folder: Path,
    stage: Stage,
    draft: Mapping[str, Any],
    facts: Mapping[str, Any],
    mapping: Mapping[str, Any] | None = None,
    base: Mapping[str, Any] | None = None,
) -> Stage:
    """The stage with the answers of the mapping step, and the mapping where they make one, kept.

    base : the mapping file that the answers come from; None leaves the one given before
    """
    changed = replace(
        stage,
        draft=dict(draft),
        facts=dict(facts),
        mapping=dict(mapping) if mapping else None,
        base=dict(base) if base else stage.base,
        told=(),
    )
    save_stage(bank_folder, changed)
    return changed


def with_told(bank_folder: Path, stage: Stage, sentences: Sequence[str]) -> Stage:
    """The stage with why a mapping file was refused; everything else stays."""
    changed = replace(stage, told=tuple(sentences))
    save_stage(bank_folder, changed)
    return changed


def abandon_stage(bank_folder: Path, stage: Stage) -> None:
    """Remove everything that was uploaded."""
    shutil.rmtree(staging_folder(bank_folder) / stage.token, ignore_errors=True)


def remove_expired(bank_folder: Path, now: datetime | None = None) -> int:
    """Remove what is too old or has no readable record; returns how many."""
    now = now or datetime.now(UTC)
    root = staging_folder(bank_folder)
    gone = 0
    for folder in root.iterdir() if root.is_dir() else ():
        stage = _read(bank_folder, folder.name)
        stale = datetime.fromtimestamp(folder.stat().st_mtime, UTC) + LIFETIME <= now
        if (stage and datetime.fromisoformat(stage.expires_at) <= now) or (stage is None and stale):
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def _keep_newest(bank_folder: Path, owner: str) -> None:
    mine = sorted((one for one in _all(bank_folder) if one.owner == owner), key=lambda one: one.created_at)
    for old in mine[: max(len(mine) - MOST_STAGES, 0)]:
        abandon_stage(bank_folder, old)


def _all(bank_folder: Path) -> Iterable[Stage]:
    root = staging_folder(bank_folder)
    names = [folder.name for folder in root.iterdir()] if root.is_dir() else []
    return [stage for name in names if (stage := _read(bank_folder, name))]


def _read(bank_folder: Path, token: str) -> Stage | None:
    if not TOKEN.fullmatch(token):
        return None
    try:
        text = (staging_folder(bank_folder) / token / RECORD).read_text(encoding="utf-8")
    except OSError:
        return None
    document = json.loads(text)
    return Stage(**{**document, "data": tuple(document["data"]), "told": tuple(document.get("told", ()))})


def form_path(bank_folder: Path, stage: Stage) -> Path:
    assert stage.form is not None
    return staging_folder(bank_folder) / stage.token / "form" / stage.form


def data_paths(bank_folder: Path, stage: Stage) -> list[Path]:
    """The files of the answers; the form's own where it brings them along."""
    if not stage.data:
        return [form_path(bank_folder, stage)]
    return [staging_folder(bank_folder) / stage.token / "data" / name for name in stage.data]
