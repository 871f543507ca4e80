"""Who may use the review page: one browser with the token, on this machine, from pages of this server."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {}"
)
_NOTEBOOKS = "http://localhost:* http://127.0.0.1:*"
_LARGEST_BODY = 1 << 20


@dataclass(frozen=True)
class Guard:
    """Refuses what does not come from a page of this server in a browser that was given the token.

    The Host header is checked, so that a foreign name that resolves to this machine (DNS rebinding) is refused; a
    POST needs the Origin of this server (cross-site requests); every request needs the cookie, which the address with
    the token sets once. Responses carry a strict Content-Security-Policy.

    Parameters
    ----------
    app : the pages.
    token : the secret of this server.
    port : of this server.
    in_notebook : whether a notebook of this machine may show the pages in a frame.
    """

    app: ASGIApp
    token: str
    port: int
    in_notebook: bool = False

    @property
    def cookie(self) -> str:
        """Name of the cookie: ports of one host share cookies, so each server has its own."""
        return f"dechaff_{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names under which this server is reached."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._seal(MutableHeaders(scope=message))
            await send(message)

        answer = self._refusal(scope, Headers(scope=scope))
        await (answer or self.app)(scope, receive, sealed)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """The response to a request that goes no further; None if it may pass."""
        if headers.get("host", "") not in self.hosts:
            return _refused(f"The address must begin with http://{self.hosts[0]}/.", 421)
        if scope["method"] not in ("GET", "HEAD") and not self._is_own(headers):
            return _refused("This request does not come from the review page.", 403)
        if int(headers.get("content-length") or 0) > _LARGEST_BODY or "transfer-encoding" in headers:
            return _refused("The request is larger than any form of this page.", 413)
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = dict(query).get("token", "")
        if given and self._is_token(given):
            return self._welcome(scope, [pair for pair in query if pair[0] != "token"])
        if not self._is_token(cookie_parser(headers.get("cookie", "")).get(self.cookie, "")):
            return _refused(
                "This page needs the address that the command printed; it holds a token, which is new each time the "
                "server starts. Run dechaff review again if you cannot find it. All decisions are stored.", 403
            )  # fmt: skip
        return None

    def _is_own(self, headers: Headers) -> bool:
        return headers.get("origin", "") in {f"http://{host}" for host in self.hosts}

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self.token.encode())

    def _welcome(self, scope: Scope, query: list[tuple[str, str]]) -> Response:
        """The same page without the token in its address, and the cookie."""
        answer = RedirectResponse(f"{scope['path']}?{urlencode(query)}".rstrip("?"), 303)
        answer.set_cookie(self.cookie, self.token, httponly=True, samesite="strict")
        return answer

    def _seal(self, headers: MutableHeaders) -> None:
        headers["Content-Security-Policy"] = _POLICY.format(_NOTEBOOKS if self.in_notebook else "'none'")
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers.setdefault("Cache-Control", "no-store")


def _refused(sentence: str, status: int) -> Response:
    return HTMLResponse(f"<!doctype html><html lang=en><title>Refused – dechaff</title><p>{sentence}", status)
