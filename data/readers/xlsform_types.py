"""The words of an XLSForm: question types with their many spellings, headers with their aliases.

Source: the XLSForm reference (https://xlsform.org/en/ref-table/) and the aliases that pyxform still takes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from budget_model.spelling import nearest
from budget_model.survey.questions import METADATA

_KINDS = {
    "text": "text, string, add text prompt, q string, q text, textarea",
    "integer": "integer, int, add integer prompt, q int",
    "decimal": "decimal, add decimal prompt, q decimal, percentage",
    "range": "range",
    "date": "date, add date prompt, q date",
    "time": "time, q time",
    "datetime": "datetime, add datetime prompt, q datetime, add date time prompt, q dateTime",
    "geopoint": "geopoint, gps, location, add location prompt, q geopoint, q location",
    "geotrace": "geotrace",
    "geoshape": "geoshape",
    "image": "image, photo, add image prompt, q picture, q image, signature, draw, annotate",
    "audio": "audio, add audio prompt, q audio",
    "video": "video, add video prompt, q video",
    "file": "file, add file prompt",
    "barcode": "barcode, add barcode prompt, q barcode",
    "note": "note, add note prompt, q note, imei note",
    "calculate": "calculate, add calculate prompt, q calculate, calculation",
    "hidden": "hidden",
    "acknowledge": "acknowledge, trigger, add acknowledge prompt, q acknowledge",
    "phone": "phone number, phone, phone_number",
    "osm": "osm",
    "xml_external": "xml-external",
    "csv_external": "csv-external",
    METADATA: (
        "start, end, today, deviceid, device id, username, user name, simserial, sim serial, subscriberid, "
        "subscriber id, phonenumber, email, audit, start time, end time, start-geopoint, background-audio, imei, "
        "background-geopoint, "
        "uri:deviceid, uri:phonenumber, uri:simserial, uri:subscriberid, uri:username, uri:email, get start time, "
        "get end time, get today, get device id, get phone number, get sim id, get subscriber id, caseid"
    ),
}
KINDS = {spelling.strip().lower(): kind for kind, words in _KINDS.items() for spelling in words.split(",")}

SELECT = re.compile(
    r"(?P<command>add select one prompt using|add select multiple prompt using|select all that apply from|"
    r"select all that apply|select_one_external|select_one_from_file|select_multiple_from_file|select one from|"
    r"select multiple from|select_one|select_multiple|select one|select multiple|select1|rank|q select1|q select)"
    r"\s+(?:from\s+)?(?P<list>\S+)(?P<other>\s+(?:or[_ ](?:specify[_ ])?other))?\s*",
    re.IGNORECASE,
)
BEGIN = re.compile(r"begin[_ ]+(?P<what>group|repeat|loop|lgroup)(?:\s+over\s+(?P<list>\S+))?\s*", re.IGNORECASE)
END = re.compile(r"end[_ ]+(?P<what>group|repeat|loop|lgroup)\s*", re.IGNORECASE)
SEVERAL = ("all", "multiple", "q select")


@dataclass(frozen=True)
class TypeCell:
    """What a cell of the type column says. `kind` is unknown where it is no type at all."""

    kind: str
    list_name: str | None = None
    has_other: bool = False


def read_type(text: str) -> TypeCell:
    """The meaning of a type cell that opens or closes no section.

    >>> read_type("select all that apply from list or_other")
    TypeCell(kind='select_multiple', list_name='list', has_other=True)
    """
    plain = " ".join(text.split())
    select = SELECT.fullmatch(plain)
    if select:
        command = select["command"].lower()
        kind = "rank" if command == "rank" else "select_one"
        if any(word in command for word in SEVERAL) and command != "q select1":
            kind = "select_multiple"
        return TypeCell(kind, select["list"], bool(select["other"]))
    return TypeCell(KINDS.get(plain.lower(), "unknown"))


HEADERS = {
    "list name": "list_name",
    "listname": "list_name",
    "value": "name",
    "caption": "label",
    "relevance": "relevant",
    "bind:relevant": "relevant",
    "bind:constraint": "constraint",
    "bind:required": "required",
    "bind:calculate": "calculation",
    "calculate": "calculation",
    "bind:readonly": "read_only",
    "readonly": "read_only",
    "read only": "read_only",
    "control:appearance": "appearance",
    "bind:jr:constraintmsg": "constraint_message",
    "jr:constraintmsg": "constraint_message",
    "constraint-msg": "constraint_message",
    "constraint message": "constraint_message",
    "requiredmsg": "required_message",
    "bind:jr:requiredmsg": "required_message",
    "required message": "required_message",
    "jr:count": "repeat_count",
    "control:jr:count": "repeat_count",
    "count": "repeat_count",
    "repeat count": "repeat_count",
    "choice filter": "choice_filter",
    "big image": "big-image",
    "title": "form_title",
    "set form title": "form_title",
    "id_string": "form_id",
    "set form id": "form_id",
}
TRANSLATED = (
    "label",
    "hint",
    "guidance_hint",
    "constraint_message",
    "required_message",
    "image",
    "audio",
    "video",
    "big-image",
)


@dataclass(frozen=True)
class Header:
    """A column of a form's sheet: what it holds, and in which language ('' where it names none)."""

    name: str
    language: str = ""


def misspelt_header(name: str) -> str | None:
    """The header that a name without meaning seems to be a slip of: `relevent` would lose the conditions in silence."""
    known = {*HEADERS.values(), *TRANSLATED, "type", "name", "relevant", "constraint", "required", "calculation"}
    if name in known or ":" in name:
        return None
    return nearest(name, known, alike=0.8)


def read_header(cell: str, sheet: str) -> Header:
    """The meaning of a header.

    >>> read_header("media::audio::chinese", "survey"), read_header("label:English (en)", "survey")
    (Header(name='audio', language='chinese'), Header(name='label', language='English (en)'))
    """
    text = " ".join(cell.replace("\ufeff", "").split())
    alias = HEADERS.get(text.lower())
    if alias and not (text.lower() == "value" and sheet != "choices"):
        return Header(alias)
    parts = [part.strip() for part in re.split(r"::?", text)]
    if parts[0].lower() == "media" and len(parts) > 1:
        parts = parts[1:]
    first = HEADERS.get(parts[0].lower(), parts[0].lower().replace(" ", "_"))
    if len(parts) == 2 and first in TRANSLATED:
        return Header(first, parts[1])
    return Header(first if len(parts) == 1 else text)
