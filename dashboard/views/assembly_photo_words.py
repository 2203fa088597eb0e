"""What is told where a photo or a place of a proposal is refused. No Dash here."""

from __future__ import annotations

from dashboard.i18n import mark

PROBLEMS: dict[str, str] = {
    "photo-empty": mark("The photo is empty. Choose it again."),
    "photo-large": mark("The photo has {found} MB, and {most} are allowed. Send a smaller one."),
    "photo-kind": mark(
        "The file is no photo that can be read, whatever its name says. Choose a photo: JPEG, PNG or WebP."
    ),
    "photo-double": mark(
        "The file is a photo and something else at once (a page, a document, an archive or a program). Send a photo as "
        "the camera took it."
    ),
    "photo-broken": mark("The photo is broken or was cut off on its way. Send it again, or take another one."),
    "photo-small": mark("The photo is too small to show anything: it needs {least} pixels on each side."),
    "photo-pixels": mark("The photo has more than {most} million pixels. Send a smaller one."),
    "proposal-photo-name": mark("The photo is not here. Send it with the form."),
    "proposal-photo-text": mark("Write what the photo shows, for people who do not see it."),
    "proposal-degrees": mark(
        "Latitude goes from -90 to 90 and longitude from -180 to 180 degrees, such as -12.213456."
    ),
    "proposal-half-place": mark("A place needs latitude and longitude. Write both, or neither."),
    "proposal-outside": mark("The place does not lie in the municipality. Look at it again, or leave it out."),
    "proposal-other-zone": mark(
        "The place lies in {there} and not in {zone}. Choose the zone of the place, or move the place."
    ),
    "proposal-no-map": mark(
        "The site has no map, so that nobody can tell whether the place lies in it. Choose a zone instead."
    ),
    "proposal-control": mark("A text holds a sign that is no letter and cannot be seen. Type it anew."),
}
