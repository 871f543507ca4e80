"""The server of the review page: on this machine only, behind a token; in a terminal, or beside a notebook."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import parse_qsl

import anyio.to_thread
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dechaff.api.auditing import open_run
from dechaff.api.results import Audit
from dechaff.core.progress import Progress
from dechaff.errors import DechaffError, InputError
from dechaff.surfaces.review import forms, pages
from dechaff.surfaces.review.guard import Guard
from dechaff.surfaces.review.jobs import Job
from dechaff.surfaces.review.keys import Changes, remapped
from dechaff.surfaces.review.site import Site

_HOST = "127.0.0.1"
_CLOSING = 2


@dataclass
class ReviewServer:
    """A review that is being served; ``url`` is its address, with the token.

    In a notebook it shows the page in place. It ends with `close`, or with the process.
    """

    site: Site
    port: int = 0
    in_notebook: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    _server: uvicorn.Server = field(init=False, repr=False)
    _socket: socket.socket = field(init=False, repr=False)
    _thread: threading.Thread | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._socket = _bound(self.port)
        self.port = self._socket.getsockname()[1]
        app = Guard(pages_of(self.site), self.token, self.port, self.in_notebook)
        config = uvicorn.Config(
            app, log_level=logging.ERROR, access_log=False, lifespan="off", server_header=False, proxy_headers=False,
            timeout_graceful_shutdown=_CLOSING, ws="none",
        )  # fmt: skip
        self._server = uvicorn.Server(config)

    @property
    def url(self) -> str:
        """Address of the first page."""
        return f"http://{_HOST}:{self.port}/?token={self.token}&status=open{self._order}"

    @property
    def _order(self) -> str:
        """Rows that are to be labelled come in the order that was proposed, if one was."""
        audit = self.site.audit
        return "&sort=proposed" if audit is not None and audit.desk.proposed else ""

    def run(self) -> None:
        """Serve until Ctrl-C."""
        self._server.run(sockets=[self._socket])

    def start(self) -> ReviewServer:
        """Serve in a thread of this process."""
        self._thread = threading.Thread(target=self.run, name="dechaff-review", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """End it; all decisions are stored already."""
        self._server.should_exit = True
        if self._thread is None:
            self._socket.close()
        else:
            self._thread.join(timeout=2 * _CLOSING)

    def _repr_html_(self) -> str:
        # Cookies of 127.0.0.1 are not sent in a frame of a notebook at localhost: the script takes the notebook's name.
        address = self.url.replace(f"//{_HOST}", "//HOST")
        name = f"dechaff-review-{self.port}"
        return (
            f'<iframe id="{name}" width="100%" height="760" title="Review"></iframe><script>{{const at = '
            f'location.hostname === "localhost" ? "localhost" : "{_HOST}"; document.getElementById("{name}").src = '
            f'"{address}".replace("HOST", at);}}</script><p>'
            f'<a href="{self.url}" target="_blank">Open it in a tab</a></p>'
        )


def review(
    audit: Audit | str | os.PathLike[str],
    *,
    reviewer: str = "",
    port: int = 0,
    keys: Changes | None = None,
    learn_every: int = 0,
    start: bool = True,
) -> ReviewServer:
    """Serve the review page of an audit from this process; in a notebook it is shown in place.

    Parameters
    ----------
    audit : an audit, or the folder of its run.
    reviewer : name under which decisions are stored.
    port : port on this machine; 0 = a free one.
    keys : action -> its key or keys, such as ``{"keep": "k"}``; the page shows all under ``?``.
    learn_every : reviewed labels after which the scores are recomputed beside the review; 0 = only on the button.
    start : whether to serve now, in a thread; otherwise call its ``run()``.

    Returns
    -------
    ReviewServer
        With ``url``, and ``close()`` to end it.

    Raises
    ------
    InputError
        If the port is in use, a key or an action is unknown, two actions share a key, or `learn_every` is below 0.
    RunError
        If the folder is no run folder.

    Examples
    --------
    >>> import dechaff
    >>> from sklearn.linear_model import LogisticRegression
    >>> table = {"x": [0.5, 1.5, 0.2, 1.1, 0.3, 1.2] * 5, "label": ["low", "high"] * 15}
    >>> audit = dechaff.audit(table, label="label", model=LogisticRegression())
    >>> server = dechaff.review(audit, reviewer="ann")
    >>> server.url.startswith("http://127.0.0.1:")
    True
    >>> server.close()
    """
    opened = audit if isinstance(audit, Audit) else open_run(audit)
    site = Site(opened, reviewer, keys=remapped(keys), learn_every=learn_every)
    server = ReviewServer(site, port, in_notebook=start)
    return server.start() if start else server


def review_of_job(
    title: str,
    work: Callable[[Progress], Audit],
    *,
    site: Site | None = None,
    port: int = 0,
    proposed: bool = False,
) -> ReviewServer:
    """A server that shows the progress of an audit, and then its review.

    Parameters
    ----------
    title : what the page calls the work.
    work : makes the audit; it is called in a thread, with a progress callback.
    site : the reviewer, the keys and the learning; the audit is still missing in it.
    port : as for `review`.
    proposed : whether the audit comes with an order of the rows to be labelled, which the first page then follows.
    """
    site = site or Site(None)

    def done(progress: Progress) -> Audit:
        site.audit = work(progress)
        return site.audit

    site.job = Job(title, done, f"/?status=open{'&sort=proposed' if proposed else ''}")
    server = ReviewServer(site, port)
    site.job.start()
    return server


def pages_of(site: Site) -> Starlette:
    """The pages and forms as an ASGI application, without its `Guard`."""
    shown = {
        "/": pages.queue, "/rows/{key:path}": pages.row, "/similar/{key:path}": pages.similar, "/so-far": pages.so_far,
        "/groups": pages.groups, "/groups/{group:path}": pages.group,
        "/slices": pages.slices, "/slices/{name:path}": pages.slices, "/conflicts": pages.conflicts,
        "/bulk": pages.bulk, "/spot-checks/{id}": pages.spot_check, "/agreement": pages.agreement, "/log": pages.log,
        "/learn": pages.learning, "/media/{key:path}": pages.media,
    }  # fmt: skip
    at_once = {
        "/static/{name}": pages.static, "/jobs/{id}": pages.job_page, "/jobs/{id}/events": pages.job_events
    }  # fmt: skip
    posted = {
        "/decide": forms.decide, "/undo": forms.undo, "/redo": forms.redo, "/spot-check": forms.draw,
        "/accept": forms.accept_rest, "/learn": forms.learn, "/jobs/{id}/cancel": forms.cancel,
    }  # fmt: skip
    routes = [Route(path, _once_audited(site, page)) for path, page in shown.items()]
    routes += [Route(path, partial(page, site)) for path, page in at_once.items()]
    routes += [Route(path, _posted(site, act), methods=["POST"]) for path, act in posted.items()]
    errors = (DechaffError, HTTPException, OSError, ValueError)
    return Starlette(routes=routes, exception_handlers=dict.fromkeys(errors, site.sorry))


def _once_audited(site: Site, page: Callable[[Site, Request], Response]) -> Callable[[Request], Response]:
    """The page; while the audit is being made, its progress instead."""

    def shown(request: Request) -> Response:
        if site.audit is None and site.job is not None:
            return RedirectResponse(f"/jobs/{site.job.id}", 303)
        return page(site, request)

    return shown


def _posted(
    site: Site, act: Callable[[Site, Request, forms.Form], Response]
) -> Callable[[Request], Coroutine[None, None, Response]]:
    """A form: its fields are read here, and the work runs in a thread."""

    async def endpoint(request: Request) -> Response:
        form: forms.Form = {}
        for name, value in parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True):
            form.setdefault(name, []).append(value)
        return await anyio.to_thread.run_sync(act, site, request, form)

    return endpoint


def _bound(port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise InputError("port", "be from 0 to 65535", str(port), "Leave it out for a free one.")
    # asyncio turns Nagle's algorithm off only if the protocol is named; with it, each page waits 40 ms for an ACK.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((_HOST, port))
        bound.listen()
    except OSError as error:
        bound.close()
        raise InputError("port", "be free", f"{port}, which cannot be used ({error.strerror})",
                         "Leave --port out for a free one, or name another.") from error  # fmt: skip
    return bound
