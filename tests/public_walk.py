"""Everything that a visitor can make the dashboard say: pages, files behind them, callbacks.

Pages are walked by what they offer themselves (links, options of their selects), files by the page's own list of them,
callbacks by the components of the page; what is added to the dashboard later is walked without a word here.
"""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient

PAGE = "page-content.children"
MOST_ALIKE = 24  # addresses of one page with the same names in their query: a list that people build has thousands
MOST_OPTIONS = 4  # of one select, spread over all of them: the others take the same way
HREF = re.compile(r'href="([^"#]*)')
ADDRESS = re.compile(r"/en/")
LOG_IN_FROM = re.compile(r"(/login)\?.*")  # the same page from wherever one comes
CHANGING = (  # what differs from one request to the next by itself
    (re.compile(rb'name="csrf_token" value="[^"]*"'), b"token"),
    (re.compile(rb'"end_id":"[^"]*"'), b"end"),
    (re.compile(rb"\?m=\d+(?:\.\d+)?"), b""),
)


@dataclass
class PublicWalk:
    """`answers`: what was asked -> the answer's status and body."""

    app: Any
    client: FlaskClient
    answers: dict[str, bytes] = field(default_factory=dict)
    layouts: dict[str, Any] = field(default_factory=dict)  # address of a page -> its layout as plain JSON

    def walk(self, *starts: str, is_followed: bool = True) -> dict[str, bytes]:
        """Follow every address from these on; or only look at these pages and their files."""
        waiting = deque(starts)
        seen = set(starts)
        alike: Counter[tuple[str, ...]] = Counter()
        while waiting:
            for found in self._look(waiting.popleft()):
                found = LOG_IN_FROM.sub(r"\1", found)
                if found not in seen and (is_followed or _is_file(found)):
                    seen.add(found)
                    alike[_kind(found)] += 1
                    if alike[_kind(found)] <= MOST_ALIKE:
                        waiting.append(found)
        return self.answers

    def _look(self, address: str) -> Iterator[str]:
        """Ask for an address in every way; yields the addresses that it leads to."""
        path, _, search = address.partition("?")
        page = self.client.get(address, buffered=True)
        self._keep(address, page)
        if page.mimetype == "text/html":
            yield from (html.unescape(href) for href in HREF.findall(page.text) if ADDRESS.match(href))
        if _is_file(path):
            return
        layout = self._page(path, search)
        yield from (href for href in _links(layout) if ADDRESS.match(href))
        yield from _chosen(path, search, layout)
        for name in self._files(path):
            yield f"{path}/{name}" + (f"?{search}" if search else "")
        if not search:
            self._callbacks(address, path, layout)

    def _page(self, path: str, search: str) -> Any:
        body = {
            "output": PAGE,
            "outputs": {"id": "page-content", "property": "children"},
            "inputs": [{"id": "location", "property": "pathname", "value": path}],
            "state": [{"id": "location", "property": "search", "value": f"?{search}" if search else ""}],
            "changedPropIds": ["location.pathname"],
        }
        answer = self._post(f"page {path}?{search}", body)
        layout = answer["response"]["page-content"]["children"] if answer else None
        self.layouts[f"{path}?{search}"] = layout
        return layout

    def _files(self, path: str) -> list[str]:
        parts = path.split("/")
        page = self.app.router.pages.get(parts[3]) if len(parts) == 4 else None
        return list(getattr(page, "RESOURCES", {}))

    def _callbacks(self, address: str, path: str, layout: Any) -> None:
        """Every callback of which all inputs and states are on the page, with the values that they have there."""
        values = {key: value for part in _parts(layout) for key, value in _values(part)}
        values |= {"location.pathname": path, "location.search": ""}
        for output, callback in self.app.callback_map.items():
            given = [*callback["inputs"], *callback["state"]]
            names = [f"{one['id']}.{one['property']}" for one in given]
            is_of_server = "callback" in callback
            if output == PAGE or not is_of_server or not all(name in values for name in names):
                continue
            body = {
                "output": output,
                "outputs": _outputs(output),
                "inputs": [{**one, "value": values[f"{one['id']}.{one['property']}"]} for one in callback["inputs"]],
                "state": [{**one, "value": values[f"{one['id']}.{one['property']}"]} for one in callback["state"]],
                "changedPropIds": names[:1],
            }
            self._post(f"callback {output} on {address}", body)

    def _post(self, name: str, body: Mapping[str, Any]) -> Any:
        cookie = self.client.get_cookie("_csrf_token")
        headers = {"X-CSRFToken": cookie.value} if cookie else {}
        answer = self.client.post("/_dash-update-component", json=body, headers=headers)
        self._keep(name, answer)
        return answer.get_json() if answer.status_code == 200 else None

    def _keep(self, name: str, answer: Any) -> None:
        body = _plain(answer.get_data()) if answer.data[:4] == b"PK\x03\x04" else answer.get_data()
        for changing, still in CHANGING:
            body = changing.sub(still, body)
        self.answers[name] = f"{answer.status_code} ".encode() + body


def _kind(address: str) -> tuple[str, ...]:
    """The path and the names in the query, without their values."""
    path, _, search = address.partition("?")
    return (path, *sorted(part.partition("=")[0] for part in search.split("&")))


def _is_file(address: str) -> bool:
    """Whether it is a file below a page."""
    path = address.partition("?")[0]
    return path.count("/") > 3 and "." in path.rpartition("/")[2]


def _plain(workbook: bytes) -> bytes:
    """What a workbook holds, without the time at which it was written."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as parts:
        names = [name for name in sorted(parts.namelist()) if not name.startswith("docProps/")]
        return b"\n".join(name.encode() + parts.read(name) for name in names)


def _parts(layout: Any) -> Iterator[Mapping[str, Any]]:
    """Every component's properties."""
    if isinstance(layout, list):
        for one in layout:
            yield from _parts(one)
    elif isinstance(layout, Mapping):
        props = layout.get("props")
        if isinstance(props, Mapping):
            yield props
        for value in layout.values():
            yield from _parts(value)


def _links(layout: Any) -> Iterator[str]:
    for props in _parts(layout):
        if isinstance(props.get("href"), str):
            yield props["href"].partition("#")[0]


def _chosen(path: str, search: str, layout: Any) -> Iterator[str]:
    """The address for each option of each select, one choice at a time."""
    if search:
        return
    for props in _parts(layout):
        options, name = props.get("options"), str(props.get("id") or "").rpartition("-")[2]
        if isinstance(options, list) and name:
            for option in _spread(options):
                value = option["value"] if isinstance(option, Mapping) else option
                yield f"{path}?{urlencode({name: value})}"


def _spread(options: list[Any]) -> list[Any]:
    """At most so many of them, from the first to the last."""
    last = len(options) - 1
    places = {step * last // (MOST_OPTIONS - 1) for step in range(MOST_OPTIONS)} if options else set()
    return [options[place] for place in sorted(places)]


def _values(props: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(props.get("id"), str):
        for name in ("value", "data", "n_clicks", "contents", "filename", "children"):
            yield f"{props['id']}.{name}", props.get(name)


def _outputs(output: str) -> Any:
    if output.startswith(".."):
        return [_named(part) for part in output.strip(".").split("...")]
    return _named(output)


def _named(key: str) -> dict[str, str]:
    component, _, prop = key.partition("@")[0].rpartition(".")
    return {"id": component, "property": prop}


def readable(answers: Mapping[str, bytes]) -> str:
    """All answers as one text, escapes undone."""
    return "\n".join(_text(body) for body in answers.values())


def _text(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text.partition(" ")[2]), ensure_ascii=False)
    except json.JSONDecodeError:
        return text
