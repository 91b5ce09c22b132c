"""Uploads that meet trouble, by the switch for it."""

import socket

import httpx
import pytest

from .conftest import Client, Start
from .test_demo_uploads import metadata


def names(client: Client) -> set[str]:
    return {entry["model"]["name"] for entry in client.ask("models/list", workspace_id=10)["models"]}


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("memory", 500, b"Insufficient memory"),
        ("storage", 507, b""),
        ("s3", 500, b"Error uploading model to s3"),
        ("foreign-key", 500, b"models_workspace_id_fkey"),
    ],
)
def test_a_refusal_stores_nothing(start: Start, fault: str, status: int, body: bytes) -> None:
    client = start(upload_fault=fault)[1]
    refused = client.upload(metadata(), "a.pkl", b"x")
    assert (refused.status_code, body in refused.content) == (status, True)
    assert "fresh" not in names(client)


def test_a_lost_answer_leaves_a_version(start: Start) -> None:
    client = start(upload_fault="lost-answer")[1]
    with pytest.raises(httpx.TransportError):
        client.upload(metadata(), "a.pkl", b"x")
    assert "fresh" in names(client)
    assert (
        client.upload(metadata(workspace_id=999), "a.pkl", b"x").status_code == 500
    )  # refusals are not lost


def test_faults_come_one_by_one_before_the_usual_one(start: Start) -> None:
    demo, client = start()
    demo.fail_uploads("storage", "lost-before")
    assert client.upload(metadata(), "a.pkl", b"x").status_code == 507
    with pytest.raises(httpx.TransportError):
        client.upload(metadata(), "a.pkl", b"x")
    assert "fresh" not in names(client)
    assert client.upload(metadata(), "a.pkl", b"x").status_code == 202


def test_an_early_close_does_not_wait_for_the_file(start: Start) -> None:
    demo, client = start(upload_fault="early-close")
    address = httpx.URL(demo.url)
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall(
            b"POST /v1/api/models/upload HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n"
            b"content-type: multipart/form-data; boundary=x\r\n\r\n"
        )
        with connection.makefile("rb") as answer:
            assert answer.read().startswith(b"HTTP/1.1 507 ")
    assert demo.uploads_begun == 1
    assert "fresh" not in names(client)
