"""Signs that a text holds the name or number of a person: for a warning before it is stored, not a proof.

What it looks for: forms of address with a name (*señora Rosa*), two or more words with capital letters that are not
the start of a sentence, common names of Peru in small letters (*juan perez*), eight digits in a row (Peru's identity
document), telephone numbers, e-mail addresses. Names of the site, its areas and organisations are passed in as known
and cause no warning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

UPPER = "A-ZÁÉÍÓÚÜÑÀÈÌÒÙÂÊÎÔÛÄËÏÖÇ"
LOWER = "a-záéíóúüñàèìòùâêîôûäëïöç"
NAME = rf"[{UPPER}][{LOWER}'’]+(?:-[{UPPER}][{LOWER}]+)?"
LINK = r"(?:de la|de los|de las|del|de|la|y|da|dos)"
TITLE = (
    r"(?:señor(?:a|ita)?|sra?|srta|do[nñ]a?|doctora?|dra?|profesora?|hermana|compañera|vecina|comadre|"
    r"mrs?|ms|miss|sister|madam)"
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
NUMBER = re.compile(r"(?<![\w.,])\+?\d(?:[ .\-]?\d){6,14}(?![\w]|[.,]\d)")
HARMLESS = (
    re.compile(r"\d{1,2}[-. ]\d{1,2}[-. ]\d{4}"),  # a date
    re.compile(r"\d{4}-\d{2}-\d{2}"),
    re.compile(r"(?:19|20)\d{2}[- ](?:19|20)\d{2}"),  # from a year to a year
    re.compile(r"\d{1,3}(?:\.\d{3})+"),  # thousands
)
ADDRESSED = re.compile(rf"\b(?i:{TITLE})\.?\s+{NAME}(?:\s+(?:{LINK}\s+)?{NAME})*")
CAPITALS = re.compile(rf"\b{NAME}(?:\s+(?:{LINK}\s+)?{NAME})+")
SENTENCE_END = re.compile(r"(?:^|[.!?…:;\n\"“”«»(¿¡—–-])\s*$")
IDENTITY_DIGITS = 8
# Written small, a name is told from other words by what it is: *don* and *doña* stand before nothing else, and a
# common given name before a common surname of Peru is a person. It warns of what people type on a phone; a rare name
# in small letters is not found.
SMALL_TITLED = re.compile(rf"\b(?i:do[nñ]a|don)\s+(?!(?:de|del|la|las|lo|los|que|y)\b)[{LOWER}]{{3,}}")
GIVEN = """ana carmen carlos cesar elena elizabeth felix flor francisco gloria isabel jesus jorge jose juan juana julia
    julio luis luz manuel maria martha mario miguel milagros nelly norma pedro ricardo roberto rosa santos segundo
    teresa victor victoria walter yolanda"""
SURNAMES = """aguilar apaza castillo castro chavez condori cruz diaz espinoza fernandez flores garcia gonzales gutierrez
    huaman huamani lopez mamani martinez mendoza morales perez quispe ramirez ramos rivera rodriguez rojas romero ruiz
    salazar sanchez torres vargas vasquez velasquez villanueva yupanqui"""
# Words that begin a sentence in capitals and are no names.
OPENERS = frozenset(
    """a al algunas algunos and as at but como con cuando de del desde el ella ellas ellos en entre es esta este few for
    hay he her his hombres in is it la las lo los many men más most muchas muchos mujeres no nos nosotras nosotros
    nuestra nuestro of on our para pero por porque que se según she si sin sobre some su sus también the their they
    todas todos un una unas unos varias varios vecinas vecinos we when with women y""".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class PersonalHint:
    """A place in a text that looks like a person's name or number."""

    kind: str  # name, titled (a name after a form of address), identity, phone, email
    found: str


def find_personal_hints(text: str, known: Collection[str] = ()) -> tuple[PersonalHint, ...]:
    """Everything in `text` that looks like a person's name or number, once each, in the order of the text.

    known : names that are no persons' (site, areas, organisations); compared without regard to case
    """
    names = {_plain(name) for name in known} - {""}
    places = sorted(_hints(_with_small_letters(text, names), names), key=lambda place: place[0])
    return tuple(dict.fromkeys(hint for _, hint in places))


def _with_small_letters(text: str, names: Collection[str]) -> str:
    """The text with known names written small, so that they are not joined with what stands beside them."""
    for name in sorted(names, key=lambda name: (-len(name), name)):
        pattern = r"\b" + r"\s+".join(re.escape(word) for word in name.split()) + r"(?!\w)"
        text = re.sub(pattern, lambda match: match.group().lower(), text, flags=re.IGNORECASE)
    return text


def _hints(text: str, known: Collection[str]) -> Iterator[tuple[int, PersonalHint]]:
    for match in EMAIL.finditer(text):
        yield match.start(), PersonalHint("email", match.group())
    for match in NUMBER.finditer(text):
        digits = sum(letter.isdigit() for letter in match.group())
        if not _is_date_or_amount(match.group()):
            kind = "identity" if digits == IDENTITY_DIGITS and match.group().isdigit() else "phone"
            yield match.start(), PersonalHint(kind, match.group())
    addressed = [*ADDRESSED.finditer(text), *SMALL_TITLED.finditer(text)]
    for match in addressed:
        yield match.start(), PersonalHint("titled", match.group())
    for match in CAPITALS.finditer(text):
        inside = any(other.start() <= match.start() < other.end() for other in addressed)
        name = _without_opener(match.group(), text[: match.start()])
        if name and not inside and not _is_known(name, known):
            yield match.start(), PersonalHint("name", name)
    for match in _small_names(text):
        name = text[match.start() : match.end()]
        inside = any(other.start() <= match.start() < other.end() for other in addressed)
        if name == name.lower() and not inside and not _is_known(name, known):
            yield match.start(), PersonalHint("name", name)


def _small_names(text: str) -> Iterator[re.Match[str]]:
    """Names written without capitals, by common given names and surnames; accents do not matter."""
    plain = _without_accents(text.lower())
    given, surnames = ("|".join(words.split()) for words in (GIVEN, SURNAMES))
    return re.finditer(rf"\b(?:{given})(?:\s+(?:{given}))?(?:\s+(?:{surnames})){{1,2}}\b", plain)


def _without_accents(text: str) -> str:
    """The same text, letter by letter, without accents; its places stay."""
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in text)


def _is_date_or_amount(number: str) -> bool:
    """`12-04-2026`, `2026-04-12`, the span `2024-2026` and `1.200.000` are no telephone numbers."""
    return any(pattern.fullmatch(number) for pattern in HARMLESS)


def _without_opener(name: str, before: str) -> str:
    """The name without a word that is capital only because it begins a sentence; empty where one word is left."""
    words = name.split()
    if SENTENCE_END.search(before) and words[0].lower() in OPENERS:
        words = words[1:]
    capitals = [word for word in words if word[0].isupper()]
    return " ".join(words) if len(capitals) > 1 else ""


def _is_known(name: str, known: Collection[str]) -> bool:
    return any(_plain(name) in other for other in known)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
