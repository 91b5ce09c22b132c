"""Signing in, and what happens to tokens."""

import base64
import json

import pytest


def test_the_token_tells_who_and_until_when(start):
    _, client = start(token_ttl=60)
    claims = client.tokens["access_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=="))
    assert claims["exp"] - claims["iat"] == client.tokens["expires_in"] == 60
    assert (claims["preferred_username"], claims["email"]) == ("demo", "demo@example.com")
    assert claims["iss"].endswith("/auth/realms/master")


@pytest.mark.parametrize("wrong", [{"username": "eve"}, {"password": ""}])
def test_a_wrong_user_or_password_is_refused(client, wrong):
    refused = client.token(**{"grant_type": "password", "username": "demo", "password": "demo", **wrong})
    assert refused.status_code == 401
    assert refused.json() == {"error": "invalid_grant", "error_description": "Invalid user credentials"}


def test_other_clients_and_grants_are_refused(client):
    assert client.token(client_id="api-client", grant_type="password").json()["error"] == "invalid_client"
    assert client.token(grant_type="client_credentials").json()["error"] == "unsupported_grant_type"


def test_a_refresh_token_is_good_for_one_use(client):
    refresh = client.tokens["refresh_token"]
    second = client.token(grant_type="refresh_token", refresh_token=refresh)
    assert second.json()["refresh_token"] != refresh
    replay = client.token(grant_type="refresh_token", refresh_token=refresh)
    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_token_left_unused_expires(client, clock):
    clock.advance(client.tokens["refresh_expires_in"])
    refused = client.token(grant_type="refresh_token", refresh_token=client.tokens["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"


def test_an_access_token_expires_and_a_refreshed_one_is_taken(start, clock):
    _, client = start(token_ttl=7)
    clock.advance(6)
    assert client.post("workspaces/list").status_code == 200
    clock.advance(1)
    expired = client.post("workspaces/list")
    assert (expired.status_code, expired.json()["code"]) == (401, 401)
    fresh = client.token(grant_type="refresh_token", refresh_token=client.tokens["refresh_token"]).json()
    client.http.headers["authorization"] = f"Bearer {fresh['access_token']}"
    assert client.post("workspaces/list").status_code == 200


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Bearer a.b.c", "Basic ZGVtbzpkZW1v", "Bearer é.ü.ø"]
)
def test_a_missing_or_strange_token_is_refused(client, header):
    client.http.headers["authorization"] = header
    assert client.post("models/list").status_code == 401


def test_a_token_of_another_server_is_refused(start):
    (_, here), (_, there) = start(), start()
    here.http.headers["authorization"] = there.http.headers["authorization"]
    assert here.post("models/list").status_code == 401


def test_a_changed_token_is_refused(client):
    head, claims, signature = client.tokens["access_token"].split(".")
    client.http.headers["authorization"] = f"Bearer {head}.{claims[:-2]}AA.{signature}"
    assert client.post("models/list").status_code == 401


def test_config_and_docs_need_no_token(client):
    del client.http.headers["authorization"]
    assert client.http.get("/v1/api/config").json()["default_arch"] == "x86"
    assert client.http.get("/v1/api/docs").headers["content-type"] == "text/html"
