"""Which raw columns identify people directly: by the words of their name, or by what their values look like.

Such columns never reach the data bank. The rule is meant to be too strict rather than too lax; the mapping's
`not_identifying` takes a column out of it, by name and on record.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import polars as pl

from data.readers.compact import is_category, plain

# One of these words in a column's name is enough.
NAMING_WORDS = """
    name names nombre nombres apellido apellidos surname firstname lastname fullname username phone telephone telefono
    teléfono celular msisdn address direccion dirección domicilio email mail correo dni nid passport pasaporte
    uuid deviceid imei imsi simserial simid subscriberid instanceid gps geopoint latitude longitude latitud longitud
    altitude altitud coordinates coordenadas signature firma photo foto audio enumerator encuestador enum
"""
# These are enough only when they are the whole name: they are common parts of harmless ones.
NAMING_ALONE = """
    key parent_key person_id household_id hhid hh_id member_id
    id _id _uuid index _index _parent_index row rownames unnamed:_0 lat lon lng x y mobile device
    meta/instanceid _submission_time _submitted_by start end
"""
WORDS = frozenset(NAMING_WORDS.split())
WHOLE_NAMES = frozenset(NAMING_ALONE.split()) | {"", "unnamed: 0"}
VALUES = (
    re.compile(r"(uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE),
    re.compile(r"[0-9a-f]{32}", re.IGNORECASE),
    re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", re.IGNORECASE),
    re.compile(r"\+\d[\d\s-]{7,14}"),
    re.compile(r"-?\d{1,2}\.\d{3,}[ ,]\s*-?\d{1,3}\.\d{3,}.*"),
)
SAMPLE = 200


def identifying_columns(frame: pl.DataFrame, not_identifying: Collection[str] = ()) -> tuple[str, ...]:
    """Names of the columns of `frame` that identify people directly, in the frame's order."""
    return tuple(
        name
        for name in frame.columns
        if name not in not_identifying and (names_a_person(name) or _holds_identities(frame[name]))
    )


def names_a_person(column: str) -> bool:
    """Whether the words of a column's name say that it identifies somebody.

    >>> [names_a_person(name) for name in ("Phone_number", "HouseholdHeadName", "HHROOMS", "ObsHandWashPLACE")]
    [True, True, False, False]
    """
    if column.strip().lower() in WHOLE_NAMES:
        return True
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", column)
    return not WORDS.isdisjoint(re.split(r"[^a-záéíóúñ]+", spaced.lower()))


def _holds_identities(values: pl.Series) -> bool:
    """Whether most of the first values look like ids, addresses of mail, phone numbers or positions."""
    if values.dtype != pl.String and not is_category(values.dtype):
        return False
    sample = plain(values.drop_nulls().head(SAMPLE)).to_list()
    return any(sum(bool(shape.fullmatch(text)) for text in sample) > len(sample) / 2 for shape in VALUES)
