"""The demonstration site: a synthetic municipality in the likeness of Villa El Salvador, and what it is calibrated to.

`figures.yaml` holds the published figures and the assumptions, `geometry.py` the invented map, `census.py` the
households and persons, `spending.py` the budget lines, `programmes.yaml` what the money buys; `build.py` puts it all
into a store through the same workflows that a user's files take. Nothing here is about real people.
"""
