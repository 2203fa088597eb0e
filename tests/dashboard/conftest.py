"""The dashboard over a small site of hand-made rows, and visitors to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.auth.person import ANONYMOUS, Person
from dashboard.config import Settings
from dashboard.context import PageContext
from dashboard.services import Services, Store, make_services
from data.settings import StoreSettings
from tests.dashboard_seed import PASSWORD, make_store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for all tests that only read."""
    made = make_store(tmp_path_factory.mktemp("store"))
    yield made
    made.factory.kw["bind"].dispose()


@pytest.fixture(scope="session")
def services(store: Store) -> Services:
    return make_services(store)


@pytest.fixture(scope="session")
def app(store: Store, services: Services) -> Any:
    return create_app(Settings(StoreSettings("unused", store.bank_folder), "k" * 40), services)


@pytest.fixture
def visit(app: Any) -> Callable[[str | None], Visitor]:
    """`visit(None)` is a stranger; `visit("ana")` has logged in."""
    return lambda login: Visitor(app.server.test_client(), login)


@pytest.fixture
def visit_own(own_store: Store) -> Callable[[str | None], Visitor]:
    """Likewise over the store that a test file makes anew for each test: its fixture `own_store`."""
    own = create_app(Settings(StoreSettings("unused", own_store.bank_folder), "k" * 40), make_services(own_store))
    return lambda login: Visitor(own.server.test_client(), login)


@pytest.fixture
def see(services: Services) -> Callable[..., PageContext]:
    """The context of a page of site `valle` for somebody, by login (None: anonymous)."""

    def context(login: str | None = "ana", language: str = "es", slug: str = "valle", **query: str) -> PageContext:
        user = person(services, login)
        return PageContext(language, services.sites.find(user, slug), user, query, "")

    return context


def person(services: Services, login: str | None) -> Person:
    if login is None:
        return ANONYMOUS
    found = services.accounts.log_in(login, PASSWORD, "test")
    assert isinstance(found, Person)
    return found


def site_fixtures(slug: str = "lomas") -> tuple[Any, Any, Any]:
    """Fixtures `services`, `ana` and the site of `slug`, over the store that a test file makes for itself."""

    @pytest.fixture(scope="module", name="services")
    def own_services(store: Store) -> Services:
        return make_services(store)

    @pytest.fixture(scope="module", name="ana")
    def own_ana(services: Services) -> Person:
        return person(services, "ana")

    @pytest.fixture(scope="module", name=slug if slug == "lomas" else "site")
    def own_site(services: Services, ana: Person) -> Any:
        return services.sites.find(ana, slug)

    return own_services, own_ana, own_site


class Visitor:
    """A browser without a screen: logs in, keeps cookies, sends the token as Dash does."""

    def __init__(self, client: FlaskClient, login: str | None):
        self.client = client
        if login:
            self.answer = self.log_in(login, PASSWORD)
            assert self.answer.status_code == 302
            client.get("/es/")

    def log_in(self, login: str, password: str, **fields: str) -> Any:
        form = self.client.get("/es/login").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token
        data = {"login": login, "password": password, "csrf_token": token.group(1), **fields}
        return self.client.post("/es/login", data=data)

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(path, buffered=True, **options)  # files are closed

    def token(self) -> str:
        cookie = self.client.get_cookie("_csrf_token")
        if cookie is None:
            self.client.get("/es/")
            cookie = self.client.get_cookie("_csrf_token")
        assert cookie
        return cookie.value

    def callback(
        self,
        output: str,
        inputs: dict[str, Any],
        state: dict[str, Any],
        headers: dict[str, str] | None = None,
        changed: str | None = None,
    ) -> Any:
        """Post to `/_dash-update-component`; `output` is Dash's key of the callback, `changed` that of the input."""
        body = {
            "output": output,
            "outputs": outputs_of(output),
            "inputs": [named(key, value) for key, value in inputs.items()],
            "state": [named(key, value) for key, value in state.items()],
            "changedPropIds": [changed] if changed else list(inputs)[:1],
        }
        headers = {"X-CSRFToken": self.token()} if headers is None else headers
        return self.client.post("/_dash-update-component", json=body, headers=headers)

    def open(self, path: str, search: str = "") -> Any:
        """The callback that fills `main`."""
        return self.callback("page-content.children", {"location.pathname": path}, {"location.search": search})


def named(key: str, value: Any) -> dict[str, Any]:
    component, _, prop = key.rpartition(".")
    return {"id": component, "property": prop, "value": value}


def outputs_of(output: str) -> Any:
    if output.startswith(".."):
        return [named(key, None) | {} for key in output.strip(".").split("...")]
    return named(output, None)
