"""Photo and place on the page of a proposal, and the fields with which officials change them."""

from __future__ import annotations

from typing import Any

from dash import html

from budget_model.assembly.proposals import ProposalRecord, cells_of
from dashboard.components.forms import choice, field, file_field, hidden
from dashboard.context import PageContext
from dashboard.services import Services
from dashboard.services.assembly import ProposalInfo
from dashboard.views.assembly_place import degrees, place_map, place_words, shown_photo
from data.readers.photos import SUFFIXES

KEEP, TAKE_AWAY = "keep", "remove"


def picture_parts(services: Services, one: ProposalInfo, year: int, context: PageContext) -> list[Any]:
    """The photo with what it shows, and the map with its words."""
    _, record = context.gettext, one.record
    parts: list[Any] = []
    sizes = services.proposals.photo_sizes(context.user, context.site, year)
    photo = shown_photo(record, year, sizes, context)
    if photo is not None:
        image = html.Img(src=photo.small, alt=photo.text, width=photo.width, height=photo.height)
        larger = html.A(_("See the photo larger"), href=photo.large)
        parts.append(html.Figure([image, html.Figcaption([photo.text, " ", larger])], className="proposal-photo"))
    shapes = services.proposals.shapes(context.user, context.site)
    if place_map(record, one.zone, shapes, context):
        words = place_words(record, one.zone, context)
        alt = _("Map of the place: {place}", place=words)
        source = context.address(f"phone/proposals/{record.code}/map.svg", year=str(year))
        parts.append(html.Figure([html.Img(src=source, alt=alt), html.Figcaption(words)], className="proposal-place"))
    return parts


def picture_fields(record: ProposalRecord, context: PageContext) -> list[Any]:
    """Place and photo; a photo that is there stays unless another is sent or it is taken away."""
    _, cells = context.gettext, cells_of(record)
    place = {"inputmode": "decimal", "maxlength": 24}
    latitude = degrees(record.latitude) if record.latitude is not None else ""
    longitude = degrees(record.longitude) if record.longitude is not None else ""
    hint = _("JPEG, PNG or WebP up to 20 MB. Only the picture is kept: place, time and camera are removed.")
    words = _("What the photo shows, in Spanish")
    stays = [(KEEP, _("stays as it is, unless another is sent")), (TAKE_AWAY, _("is taken away"))]
    return [
        field("latitude", _("Latitude of the place"), latitude, hint=_("Degrees, such as -12.213456"), **place),
        field("longitude", _("Longitude of the place"), longitude, hint=_("Degrees, such as -76.934512"), **place),
        hidden("photo", record.photo),
        *([choice("photo_stays", _("The photo that is there"), stays, KEEP)] if record.photo else []),
        file_field("photo_file", _("Photo"), SUFFIXES, hint),
        field("photo_text_es", words, cells["photo_text_es"], hint=_("For people who do not see it."), maxlength=300),
        field("photo_text_en", _("What the photo shows, in English"), cells["photo_text_en"], maxlength=300),
    ]
