"""Sentences of what can be wrong with shapes of areas and with the classes of a map, for translation by rule."""

from __future__ import annotations

from dashboard.i18n import mark

PROBLEMS = {
    "geometry.not_geojson": mark(
        "The file is no GeoJSON FeatureCollection with features. Export the layer as GeoJSON."
    ),
    "geometry.too_many": mark("{count} features are more than the {most} that one map may have."),
    "geometry.large": mark("The file is larger than {most} MB. Simplify the shapes and export them again."),
    "geometry.encoding": mark("Byte {byte} is not UTF-8. GeoJSON is UTF-8; export the file again."),
    "geometry.json": mark("The file is not valid JSON: {detail}. It may have been cut off; export it again."),
    "geometry.crs": mark("The file states another coordinate system ({stated}). Export it in WGS 84 (EPSG:4326)."),
    "geometry.no_feature": mark("Feature {label}: it is no GeoJSON Feature with properties."),
    "geometry.kind": mark("Feature {label}: its geometry is {kind}; an area needs a Polygon or MultiPolygon."),
    "geometry.empty": mark("Feature {label}: its geometry has no coordinates."),
    "geometry.pairs": mark("Feature {label}: a ring holds something that is no pair of numbers."),
    "geometry.short": mark(
        "Feature {label}: a ring has {count} points; it needs at least 4, the last equal to the first."
    ),
    "geometry.metres": mark(
        "Feature {label}: the point {place} is no longitude and latitude. These look like metres; export "
        "the file in WGS 84 (EPSG:4326)."
    ),
    "geometry.exchanged": mark(
        "Feature {label}: the point {place} is no longitude and latitude. Longitude stands first; here the "
        "two seem to be exchanged."
    ),
    "geometry.exchanged_place": mark(
        "The shapes lie from latitude {south} to {north} and longitude {west} to {east}, far from the shapes that the "
        "site has (latitude {own_south} to {own_north}, longitude {own_west} to {own_east}); with latitude and "
        "longitude exchanged they fall on them. GeoJSON has longitude first: export the file again. Where the stored "
        "shapes are the wrong ones, import on the server with --moved."
    ),
    "geometry.open": mark(
        "Feature {label}: a ring is not closed: it starts at {start} and ends at {end}. Repeat the first"
        " point at its end."
    ),
    "geometry.crossed": mark("Feature {label}: its outline crosses itself near {place}. Mend the shape there."),
    "geometry.flat": mark("Feature {label}: a ring encloses nothing. Remove it."),
    "geometry.hole": mark("Feature {label}: a hole lies outside its polygon. Make it a polygon of its own."),
    "geometry.alias": mark("'{text}' stands for area '{code}', which the site does not have."),
    "geometry.area_unnamed": mark(
        "Feature {label}: it has no property '{key}' to say which area it is. Name another property."
    ),
    "geometry.area_twice": mark(
        "Feature {label}: area '{code}' is already the one of feature {first}. Keep one of them."
    ),
    "geometry.area_several": mark("Feature {label}: '{text}' is the name of several areas: {codes}. Use their codes."),
    "geometry.area_unknown": mark("Feature {label}: the site has no area '{text}'. The areas are {codes}."),
    "geometry.area_near": mark("Feature {label}: the site has no area '{text}'. The nearest is '{code}' ({name})."),
    "geometry.overlap": mark(
        "Features {label} and {other} overlap by {share} % of the smaller one (up to {most} % is let pass). "
        "Mend their common border."
    ),
    "geometry.area_missing": mark(
        "The file has no feature for area '{code}' ({name}); it keeps the shape it has, if any."
    ),
    "map.choice": mark("'{found}' is no choice of '{name}'."),
    "classes.method": mark("There is no method '{found}' of making classes."),
    "classes.number": mark("A map has {least} to {most} classes; {found} were asked for."),
    "classes.own_number": mark("Write 1 to {most} bounds between classes; {found} were found."),
    "classes.own_order": mark("Bounds of classes must rise; {low} is followed by {high}."),
    "classes.own_sign": mark(
        "Own bounds of a difference are sizes: write them above 0; they count on both sides of 0."
    ),
    "classes.own_text": mark("Write the bounds as numbers with semicolons between them, for example 10; 25; 50."),
}
