"""Which column of an export is which question: by name, by path with any separator, by label, by option, by place.

Exports of Kobo, ODK Central, ODK Briefcase and Ona write the same question as `profile/reason`, `profile.reason`,
`profile-reason`, `reason` or by its label, an option as `reason/work`, a person as `members[2]/age` or `age` once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from budget_model.survey.questions import Form, Question

SEPARATORS = ("/", ".", "-", ":")
INSTANCE = re.compile(r"\[(\d+)\]")
AGAIN = re.compile(r"(?P<name>.+?)(?: \((?P<second>\d+)\)|[._](?P<number>\d{1,3}))")
PLACE_PARTS = re.compile(
    r"(?P<before>(?:.*[/.:-])?)_?(?P<name>[^/]+?)[_-](?P<part>latitude|longitude|altitude|precision|accuracy)", re.I
)
URL = re.compile(r"(?P<name>.+)_URL", re.I)

_SERVICE = """
    start end today deviceid username phonenumber simserial subscriberid audit audit_url instance_name instancename
    _id _uuid _submission_time _validation_status _notes _status _submitted_by _tags _index _parent_index
    _parent_table_name __version__ _version_ _version _duration _last_edited_by _total_media _media_count
    _media_all_received _xform_id _edited _date_modified _bamboo_dataset_id _attachments _geolocation _supervised
    _review_status _review_comment formhub/uuid meta/instanceid meta/instancename meta/rootuuid meta/deprecatedid
    meta/versionid meta/formuid instanceid instance_id key parent_key submissiondate submitterid submittername
    attachmentspresent attachmentsexpected status reviewstate devicedate edits formversion formdef_version __id
    __system/submissiondate uuid index row_id row x unnamed:_0 unnamed: 0 rownames isvalidated
"""
SERVICE = frozenset(_SERVICE.split()) | {"unnamed: 0"}
VERSIONS = ("__version__", "_version_", "_version", "formversion", "formdef_version", "meta/versionid", "version")


@dataclass(frozen=True)
class Target:
    """What a column holds: a question's answer, one option of it (0/1), or a part that is of no interest here."""

    question: Question
    option: str | None = None
    is_part: bool = False  # latitude, address of a picture: known, and left out
    instance: tuple[int, ...] = ()  # places in the repeats, from 1; () where the column gives none
    is_full_path: bool = False


def is_service(column: str) -> bool:
    """Whether a column is the collecting server's own."""
    name = column.lower()
    plain = re.sub(r"_\d{3}$", "", name)  # Kobo writes __version___001 when the form was changed
    return (
        plain in SERVICE
        or name.startswith(("_submission__", "__system", "set-of-", "(column "))
        or plain.rstrip("_") in ("__version", "_version")
        or re.sub(r"^.*[/.:-](?=meta[/.:-])", "", name) in SERVICE
    )


class ColumnIndex:
    """All the ways in which exports write the columns of one form."""

    def __init__(self, form: Form):
        self.form = form
        self.names: dict[str, list[Target]] = {}
        self.labels: dict[str, list[Target]] = {}
        self.sections = {section.name for section in form.sections}
        for question in form.questions:
            self._add_names(question)
            self._add_labels(question)

    def _add_names(self, question: Question) -> None:
        depth = len(question.path)
        for start in range(depth):
            for separator in SEPARATORS:
                text = separator.join(question.path[start:])
                is_full = start == 0 and depth > 1
                self._put(self.names, text, Target(question, is_full_path=is_full))
                if question.has_other:
                    self._put(self.names, f"{text}_other", Target(question, is_part=True))
                for code in self._codes(question):
                    for between in {separator, "/"}:
                        self._put(self.names, f"{text}{between}{code}", Target(question, code, is_full_path=is_full))

    def _codes(self, question: Question) -> Iterator[str]:
        if question.kind in ("select_multiple", "rank"):
            yield from (choice.name for choice in self.form.choices(question))
            if question.has_other:
                yield "other"

    def _add_labels(self, question: Question) -> None:
        for language, label in question.labels.items():
            text = " ".join(label.split())
            if not text:
                continue
            self._put(self.labels, text, Target(question))
            several = question.kind in ("select_multiple", "rank")
            for choice in self.form.choices(question) if several else ():
                for shown in {choice.name, " ".join(choice.labels.get(language, "").split())} - {""}:
                    self._put(self.labels, f"{text}/{shown}", Target(question, choice.name))

    @staticmethod
    def _put(where: dict[str, list[Target]], text: str, target: Target) -> None:
        held = where.setdefault(text, [])
        if target not in held:
            held.append(target)

    def candidates(self, column: str) -> list[Target]:
        """Every question that a header may mean; instances in the repeats are noted on the targets."""
        instance = tuple(int(number) for number in INSTANCE.findall(column))
        plain = INSTANCE.sub("", column)
        found = self._known(plain)
        if not found and (again := AGAIN.fullmatch(plain)):
            found = self._known(again["name"])
            instance = instance or (int(again["second"]) if again["second"] else int(again["number"]) + 1,)
        if not found:
            found = list(self._parts(plain))
        return [
            Target(target.question, target.option, target.is_part, instance, target.is_full_path) for target in found
        ]

    def _known(self, text: str) -> list[Target]:
        if text in self.names:
            return self.names[text]
        label = " ".join(text.split())
        return self.labels.get(label) or self.labels.get(re.split(r"\s*/\s*", label)[-1], [])

    def _parts(self, text: str) -> Iterator[Target]:
        """Latitude and longitude of a place, the address of a picture."""
        place = PLACE_PARTS.fullmatch(text)
        names = [place["before"] + place["name"], place["name"]] if place else []
        url = URL.fullmatch(text)
        names += [url["name"]] if url else []
        for name in names:
            if name in self.names:
                yield from (Target(target.question, is_part=True) for target in self.names[name])
                return

    def choose(self, column: str, level: tuple[str, ...]) -> Target | None:
        """The one target that a header means in a table of a level; None where there is none, or more than one."""
        found = self.candidates(column)
        for wanted in (
            [t for t in found if t.question.repeat == level],
            [t for t in found if t.is_full_path],
            found,
        ):
            if wanted and len({target.question.path for target in wanted}) == 1:
                return wanted[0]
            if wanted and len({target.question.line for target in wanted}) > 1 and wanted[0].question.repeat == level:
                return self._twin(wanted)
        return None

    @staticmethod
    def _twin(wanted: list[Target]) -> Target | None:
        """Of questions with one name in two groups, the one that the path names in full."""
        full = [target for target in wanted if target.is_full_path]
        return full[0] if len({target.question.path for target in full}) == 1 else None
