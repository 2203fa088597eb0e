"""Closed unless opened: each door is tried by a stranger before somebody with the key."""

from __future__ import annotations

import pytest

NEEDS_OUTPUT = "..needs-content.children...needs-downloads.children.."
BUDGET_OUTPUT = "..budget-parts.children...budget-downloads.children.."
BUDGET_STATE = {"location.pathname": "/es/valle/budget"}


@pytest.mark.parametrize("page", ["budget", "programmes"])
def test_the_stranger_is_sent_to_log_in_and_the_official_is_admitted(visit, page):
    refused = visit(None).get(f"/es/valle/{page}")
    assert refused.status_code == 302
    assert refused.location == f"/es/login?next=/es/valle/{page}"
    assert visit("ana").get(f"/es/valle/{page}").status_code == 200


def test_the_official_of_another_site_is_refused_and_told_so(visit):
    refused = visit("beto").get("/es/valle/budget")
    assert refused.status_code == 403
    assert "Su rol no lo permite" in refused.text


@pytest.mark.parametrize("page", ["budget", "programmes"])
def test_the_page_callback_refuses_what_the_address_refuses(visit, page):
    stranger = visit(None).open(f"/es/valle/{page}")
    assert (
        "Su rol no lo permite"
        in stranger.json["response"]["page-content"]["children"]["props"]["children"][1]["props"]["children"][0][
            "props"
        ]["children"]
    )
    assert "gasto_2026" not in stranger.text
    assert "Postas" not in stranger.text
    assert "Salud" in visit("ana").open(f"/es/valle/{page}").text


def test_a_callback_of_a_closed_page_is_401_for_strangers_and_answers_the_official(visit):
    inputs = {"budget-year.value": "2026", "budget-by.value": "function"}
    assert visit(None).callback(BUDGET_OUTPUT, inputs, BUDGET_STATE).status_code == 401
    admitted = visit("ana").callback(BUDGET_OUTPUT, inputs, BUDGET_STATE)
    assert admitted.status_code == 200
    assert "Saneamiento" in admitted.text


def test_a_callback_checks_the_site_and_not_only_the_role(visit):
    inputs = {"budget-year.value": "2026", "budget-by.value": "function"}
    refused = visit("beto").callback(BUDGET_OUTPUT, inputs, BUDGET_STATE)
    assert "Saneamiento" not in refused.text
    assert (
        "Su rol no lo permite"
        in refused.json["sideUpdate"]["shell-message"]["children"]["props"]["children"][0]["props"]["children"]
        or "shell-message" in refused.text
    )


def test_strangers_get_no_sector_even_when_they_ask_for_it(visit):
    inputs = {"needs-area.value": "S1", "needs-round.value": "2026-1", "needs-dimension.value": "all"}
    state = {"location.pathname": "/es/valle/needs"}
    refused = visit(None).callback(NEEDS_OUTPUT, inputs, state)
    assert "needs-content" not in refused.json.get("response", {})
    admitted = visit("ana").callback(NEEDS_OUTPUT, inputs, state)
    assert "agua segura" in admitted.text


@pytest.mark.parametrize("path", ["needs/needs.csv?area=S1", "needs/needs.xlsx?area=S1"])
def test_strangers_cannot_download_a_sector(visit, path):
    assert visit(None).get(f"/es/valle/{path}").status_code == 403
    assert visit("ana").get(f"/es/valle/{path}").status_code == 200


def test_files_have_the_roles_of_their_page(visit):
    assert visit(None).get("/es/valle/budget/budget.csv").status_code == 302
    assert visit("ana").get("/es/valle/budget/budget.csv").status_code == 200
    assert visit("ana").get("/es/valle/budget/secret.csv").status_code == 404


def test_unknown_callbacks_are_400_whoever_asks(visit):
    assert visit(None).callback("made.up", {"a.b": 1}, {}).status_code == 400
    assert visit("ana").callback("made.up", {"a.b": 1}, {}).status_code == 400


def body_of(visitor, **changes):
    body = {
        "output": "page-content.children",
        "outputs": {"id": "page-content", "property": "children"},
        "inputs": [{"id": "location", "property": "pathname", "value": "/es/valle/"}],
        "state": [{"id": "location", "property": "search", "value": ""}],
        "changedPropIds": ["location.pathname"],
        **changes,
    }
    return visitor.client.post("/_dash-update-component", json=body, headers={"X-CSRFToken": visitor.token()})


def argument(**changes):
    return [{"id": "location", "property": "pathname", "value": "/es/valle/"} | changes]


@pytest.mark.parametrize(
    "changes",
    [
        {"changedPropIds": None},
        {"changedPropIds": 5},
        {"changedPropIds": [5]},
        {"changedPropIds": ["nodot"]},
        {"changedPropIds": {"location.pathname": 1}},
        {"parsedChangedPropsIds": "x"},
        {"inputs": None},
        {"inputs": []},
        {"inputs": "location"},
        {"inputs": [None]},
        {"inputs": argument(id=7)},
        {"inputs": argument(id="another")},
        {"inputs": argument(property=None)},
        {"inputs": argument(value={"a": 1})},
        {"inputs": argument(value=[])},
        {"inputs": argument() * 2},
        {"inputs": [argument()]},
        {"state": {}},
        {"state": [{"id": "location", "property": "search", "value": 3}]},
        {"outputs": "page-content.children"},
        {"outputs": [1]},
        {"outputs": {"id": "page-content"}},
        {"output": ["page-content.children"]},
    ],
)
def test_a_callback_of_another_shape_than_dash_sends_is_400(visit, changes):
    ana = visit("ana")
    assert body_of(ana).status_code == 200
    assert body_of(ana, **changes).status_code == 400


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"7", b"null", b"\xff\xfe"])
def test_a_callback_that_is_no_json_object_is_400(visit, text):
    ana = visit("ana")
    headers = {"X-CSRFToken": ana.token(), "Content-Type": "application/json"}
    assert ana.client.post("/_dash-update-component", data=text, headers=headers).status_code == 400


@pytest.mark.parametrize("value", [{"a": 1}, [{"a": 1}], [[1]]])
def test_a_choice_is_a_value_or_a_list_of_values(visit, value):
    state = {"location.pathname": "/es/valle/needs"}
    inputs = {"needs-area.value": value, "needs-round.value": "2026-1", "needs-dimension.value": "all"}
    output = "..needs-content.children...needs-downloads.children.."
    assert visit("ana").callback(output, inputs, state).status_code == 400
    assert visit("ana").callback(output, inputs | {"needs-area.value": "S1"}, state).status_code == 200


def test_a_callback_of_the_browser_alone_is_none_of_the_servers(visit):
    answer = visit("ana").callback("simulate-settled.data", {"simulate-answer.data": None}, {})
    assert answer.status_code == 400


def test_a_callback_without_token_or_from_another_origin_is_refused(visit):
    ana = visit("ana")
    inputs, state = {"location.pathname": "/es/valle/"}, {"location.search": ""}
    assert ana.callback("page-content.children", inputs, state, headers={}).status_code == 400
    foreign = {"X-CSRFToken": ana.token(), "Origin": "https://example.org"}
    assert ana.callback("page-content.children", inputs, state, headers=foreign).status_code == 403


def test_somebody_elses_token_is_refused(visit):
    inputs, state = {"location.pathname": "/es/valle/"}, {"location.search": ""}
    headers = {"X-CSRFToken": visit("carla").token()}
    assert visit("ana").callback("page-content.children", inputs, state, headers=headers).status_code == 400


@pytest.mark.parametrize("path", ["/api/v1/needs", "/_reload-hash", "/_dash-whatever"])
def test_paths_that_nobody_opened_are_closed(visit, path):
    assert visit(None).get(path).status_code == 401


def test_every_callback_belongs_to_a_page(app):
    """A callback without an owner is never reachable: the guard answers 400. So each must be owned."""
    client = app.server.test_client()
    for output in app.callback_map:
        answer = client.post("/_dash-update-component", json={"output": output})
        assert answer.status_code in (400, 401)  # no token
    roles = app.router.pages
    assert {"", "needs", "budget", "programmes"} <= set(roles)


def test_nothing_that_strangers_get_before_the_page_callback_holds_page_data(visit):
    stranger = visit(None)
    for path in ("/_dash-layout", "/_dash-dependencies", "/es/valle/", "/es/valle/needs", "/es/"):
        text = stranger.get(path).text
        assert "agua segura" not in text
        assert "budget-year" not in text or path == "/_dash-dependencies"
        assert "gasto_2026" not in text
