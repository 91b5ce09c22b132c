"""Signing in, and what happens to tokens."""

import base64
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.support.clock import Clock

from .conftest import Client, Start


def test_the_token_tells_who_and_until_when(start: Start) -> None:
    _, client = start(token_ttl=60)
    claims = client.tokens["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert claims["exp"] - claims["iat"] == client.tokens["expires_in"] == 60
    assert (claims["preferred_username"], claims["email"]) == ("demo", "demo@example.com")
    assert claims["iss"].endswith("/auth/realms/master")


@pytest.mark.parametrize("wrong", [{"username": "eve"}, {"password": ""}])
def test_a_wrong_user_or_password_is_refused(client: Client, wrong: dict[str, str]) -> None:
    refused = client.token(**{"grant_type": "password", "username": "demo", "password": "demo", **wrong})
    assert refused.status_code == 401
    assert refused.json() == {"error": "invalid_grant", "error_description": "Invalid user credentials"}


def test_other_clients_and_grants_are_refused(client: Client) -> None:
    assert client.token(client_id="api-client", grant_type="password").json()["error"] == "invalid_client"
    assert client.token(grant_type="client_credentials").json()["error"] == "unsupported_grant_type"


def test_a_refresh_token_is_good_for_one_use(client: Client) -> None:
    refresh = client.tokens["refresh_token"]
    second = client.token(grant_type="refresh_token", refresh_token=refresh)
    assert second.json()["refresh_token"] != refresh
    replay = client.token(grant_type="refresh_token", refresh_token=refresh)
    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_token_left_unused_expires(client: Client, clock: Clock) -> None:
    clock.advance(client.tokens["refresh_expires_in"])
    refused = client.token(grant_type="refresh_token", refresh_token=client.tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"


def test_an_access_token_expires_and_a_refreshed_one_is_taken(start: Start, clock: Clock) -> None:
    _, client = start(token_ttl=7)
    clock.advance(6)
    assert client.post("workspaces/list").status_code == 200
    clock.advance(1)
    expired = client.post("workspaces/list")
    assert (expired.status_code, expired.json()["code"]) == (401, 401)
    fresh = client.token(grant_type="refresh_token", refresh_token=client.tokens["refresh_token"]).json()
    client.http.headers["authorization"] = f"Bearer {fresh['access_token']}"
    assert client.post("workspaces/list").status_code == 200


def test_an_administrator_ends_every_sign_in_and_another_user_can_sign_in(start: Start) -> None:
    server, client = start()
    server.sign_everybody_out()
    assert client.post("workspaces/list").status_code == 401
    spent = client.token(grant_type="refresh_token", refresh_token=client.tokens["refresh_token"])
    assert spent.json()["error"] == "invalid_grant"
    other = client.token(grant_type="password", username="guest", password="guest").json()
    again = client.token(grant_type="refresh_token", refresh_token=other["refresh_token"]).json()
    assert {name_in(told["access_token"]) for told in (other, again)} == {"guest"}


def name_in(token: str) -> object:
    """Whom a token names."""
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["preferred_username"]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Bearer a.b.c", "Basic ZGVtbzpkZW1v", "Bearer é.ü.ø"]
)
def test_a_missing_or_strange_token_is_refused(client: Client, header: str) -> None:
    client.http.headers["authorization"] = header
    assert client.post("models/list").status_code == 401


def test_a_token_of_another_server_is_refused(start: Start) -> None:
    (_, here), (_, there) = start(), start()
    here.http.headers["authorization"] = there.http.headers["authorization"]
    assert here.post("models/list").status_code == 401


def test_a_changed_token_is_refused(client: Client) -> None:
    head, claims, signature = client.tokens["access_token"].split(".")
    client.http.headers["authorization"] = f"Bearer {head}.{claims[:-2]}AA.{signature}"
    assert client.post("models/list").status_code == 401


def test_config_and_docs_need_no_token(client: Client) -> None:
    del client.http.headers["authorization"]
    assert client.http.get("/v1/api/config").json()["default_arch"] == "x86"
    assert client.http.get("/v1/api/docs").headers["content-type"] == "text/html"


def device(client: Client) -> tuple[dict[str, Any], Callable[[], object]]:
    """A device's code and what its questions are answered."""
    path = "/auth/realms/master/protocol/openid-connect/auth/device"
    told = client.http.post(path, data={"client_id": "sdk-client"}).json()
    grant = {
        "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
        "device_code": told["device_code"],
    }

    def ask() -> object:
        answer = client.token(**grant)
        return answer.json().get("error", answer.status_code)

    return told, ask


def answer(client: Client, told: dict[str, Any], **form: str) -> httpx.Response:
    return client.http.post(
        "/auth/realms/master/device",
        data={"user_code": told["user_code"], "username": "demo", "password": "demo", **form},
    )


def test_a_device_is_signed_in_by_its_code_once(client: Client, clock: Clock) -> None:
    told, ask = device(client)
    page = client.http.get(told["verification_uri_complete"])
    assert page.status_code == 200
    assert told["user_code"] in page.text
    assert ask() == "authorization_pending"
    assert answer(client, told, answer="yes").status_code == 200
    clock.advance(told["interval"])
    assert ask() == 200
    assert ask() == "invalid_grant"


def test_a_device_that_asks_too_often_has_to_wait_longer(client: Client, clock: Clock) -> None:
    told, ask = device(client)
    assert [ask(), ask()] == ["authorization_pending", "slow_down"]
    clock.advance(told["interval"])
    assert ask() == "slow_down", "five seconds more are wanted"
    clock.advance(told["interval"] + 10)
    assert ask() == "authorization_pending"


def test_a_refused_device_a_wrong_password_and_a_code_that_ended(client: Client, clock: Clock) -> None:
    told, ask = device(client)
    assert answer(client, told, answer="yes", password="x").status_code == 401
    assert ask() == "authorization_pending"
    answer(client, told, answer="no")
    clock.advance(told["interval"])
    assert ask() == "access_denied"
    late, ask = device(client)
    clock.advance(late["expires_in"])
    assert answer(client, late, answer="yes").status_code == 400
    assert ask() == "expired_token"


def test_the_page_shows_a_code_as_text(client: Client) -> None:
    page = client.http.get("/auth/realms/master/device", params={"user_code": '"><b>x'})
    assert "<b>" not in page.text


def test_a_second_use_of_a_refresh_token_ends_the_sign_in(client: Client) -> None:
    first = client.tokens["refresh_token"]
    second = client.token(grant_type="refresh_token", refresh_token=first).json()["refresh_token"]
    client.token(grant_type="refresh_token", refresh_token=first)
    refused = client.token(grant_type="refresh_token", refresh_token=second)
    assert refused.json()["error"] == "invalid_grant"


def test_who_signs_out_has_no_refresh_token_any_more(client: Client) -> None:
    path = "/auth/realms/master/protocol/openid-connect/logout"
    form = {"client_id": "sdk-client", "refresh_token": client.tokens["refresh_token"]}
    assert client.http.post(path, data=form).status_code == 204
    assert client.token(grant_type="refresh_token", **form).status_code == 400
    assert client.http.post(path, data=form).status_code == 400
