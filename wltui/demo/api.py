"""The calls below ``/v1/api``, as a real Wallaroo answers them, also when it refuses."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

import msgspec

from .faults import UPLOADS, UploadReception
from .graphql import REFUSED, Access, GraphQL
from .http import Request, Response
from .keycloak import Keycloak
from .model_calls import ModelCalls
from .multipart import SentFile
from .pipeline_calls import PipelineCalls
from .refusals import RefusalError
from .releases import Era
from .uploads import parse_stream, parse_upload, store_upload
from .workspace_calls import WorkspaceCalls, find_users
from .world import World

GRAPHQL = "/v1/graphql"
USERS_PATH = "/auth/admin/realms/master/users"
DOCS = b"<!doctype html><title>Wallaroo API</title><h1>Wallaroo API</h1>"


class Api:
    """Answers requests from a world's data."""

    def __init__(
        self,
        world: World,
        keycloak: Keycloak,
        clock: Callable[[], datetime],
        era: Era,
        *,
        listed_row: int = 0,
        graphql: Access = "whole",
        hidden: Collection[str] = (),
    ) -> None:
        self._world, self._keycloak, self._clock = world, keycloak, clock
        self._graphql_access: Access = graphql
        self._graphql = GraphQL(world, clock, era, graphql, hidden)
        self._era: Era = era
        self._calls = {
            **WorkspaceCalls(world, clock).handlers(),
            **ModelCalls(world, clock, era, listed_row).handlers(),
            **PipelineCalls(world, clock, era).handlers(),
        }

    def answer(self, request: Request) -> Response:
        """Return the answer to any request that is not for Keycloak."""
        try:
            return self._route(request)
        except RefusalError as refusal:
            body = msgspec.json.encode({"msg": refusal.message, "code": refusal.status})
            return Response(refusal.status, body)

    def _route(self, request: Request) -> Response:
        path = request.path.partition("?")[0]
        if path == "docs":
            return self._open_page(request, Response(200, DOCS, {"content-type": "text/html"}))
        if path == "config" and self._era != "2023.4":
            return self._open_page(request, _json({"default_arch": "x86"}))
        has_graphql = path == GRAPHQL and self._graphql_access != "absent"
        if path == "config" or (path.startswith("/") and not has_graphql and not path.startswith(USERS_PATH)):
            raise RefusalError(404, "Not Found")
        reception = request.reception
        if isinstance(reception, UploadReception):
            accepted = reception.signed_in
        else:
            accepted = self._keycloak.accepts(request.headers.get("authorization", ""))
        if not accepted:
            raise RefusalError(401, "Unauthorized: the token is missing, unknown or expired.")
        if path == GRAPHQL:
            return self._query(request)
        if path.startswith(USERS_PATH):
            return self._open_page(request, _json(find_users(request.path.removeprefix(USERS_PATH))))
        upload = path in UPLOADS
        if path not in self._calls and not upload:
            raise RefusalError(404, "Not Found")
        if request.method != "POST":
            raise RefusalError(405, "Method Not Allowed")
        if upload:
            return self._upload(request, is_conversion=path == "models/upload_and_convert")
        shape, handler = self._calls[path]
        try:
            query = msgspec.json.decode(request.body or b"{}", type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RefusalError(400, f"Json deserialize error: {error}") from None
        return _json(handler(query))

    def _upload(self, request: Request, *, is_conversion: bool) -> Response:
        if request.path.startswith("models/upload_stream"):
            upload = parse_stream(request)
        else:
            upload = parse_upload(request, self._era, is_conversion=is_conversion)
        version = store_upload(self._world, upload, self._clock())
        if isinstance(request.reception, UploadReception) and request.reception.fault == "overtaken":
            other = SentFile(upload.file.name)
            other.feed(b"another file")
            version = store_upload(self._world, replace(upload, file=other), self._clock())
        answer = {"insert_models": {"returning": [{"models": [{"id": version.id}]}]}}
        return _json(answer, status=202 if is_conversion else 200)

    def _query(self, request: Request) -> Response:
        if self._graphql_access == "refused":
            return _json(REFUSED, status=403)
        if request.method != "POST":
            raise RefusalError(405, "Method Not Allowed")
        return _json(self._graphql.answer(request.body))

    @staticmethod
    def _open_page(request: Request, page: Response) -> Response:
        if request.method != "GET":
            raise RefusalError(405, "Method Not Allowed")
        return page


def _json(answer: object, status: int = 200) -> Response:
    return Response(status, msgspec.json.encode(answer))
