"""The pages of the review: each reads one record of `Audit` and renders it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

import anyio
from msgspec import structs
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from dechaff.errors import InputError
from dechaff.records.review import Cell, Group, Learned, QueueItem, RowView
from dechaff.surfaces.review.address import Address, read_address
from dechaff.surfaces.review.jobs import Job
from dechaff.surfaces.review.site import REPORT_STYLE, Site, in_mode, moved

_STATIC = {
    "review.css": "text/css",
    "review.js": "text/javascript",
    "report.css": "text/css",
    "brand.svg": "image/svg+xml",
}
_IMAGES = {
    b"\x89PNG\r\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"BM": "image/bmp",
}
"""First bytes -> type of an image that is served; SVG is none of them, as it may hold scripts."""
_LARGEST_IMAGE = 64 << 20
_EVENTS = 500
"""Decisions of the log that a page shows."""
_SIDE_BY_SIDE = 6
"""Rows of a group whose cells are shown beside one another."""
_TICK = 0.3
_SAMPLE = 10
"""Findings that the preview of a bulk decision shows."""


def queue(site: Site, request: Request) -> Response:
    """The findings that a filter leaves, and the one in focus."""
    address = read_address(request.url.query)
    if not request.url.query:
        return RedirectResponse("/?status=open", 303)
    page = site.opened.queue(address.filter, sort=address.sort, after=address.after)
    return _in_focus(site, request, "queue", page.items, address, page=page, path="/")


def row(site: Site, request: Request) -> Response:
    """One row, with all its findings or none."""
    view = site.opened.row(request.path_params["key"])
    address = read_address(request.url.query)
    items = view.findings
    shown = structs.replace(address, at=address.at or (items[0].finding_id if items else ""))
    return _in_focus(site, request, "row", items, shown, path=request.url.path, view=view)


def _in_focus(
    site: Site, request: Request, name: str, items: tuple[QueueItem, ...], address: Address, **context: Any
) -> Response:
    """A page with a list of findings, one of which is in focus, with its row."""
    ids = [item.finding_id for item in items]
    item, lost = items[ids.index(address.at)] if address.at in ids else None, ""
    if item is None and address.at:
        item = finding(site, address.at)
        lost = "" if item else address.at
    item = item or (items[0] if items else None)
    view: RowView | None = context.pop("view", None)
    if view is None and item is not None and item.about_row:
        view = site.opened.row(item.finding_id, similar=False)
    at = ids.index(item.finding_id) if item is not None and item.finding_id in ids else -1
    facts, edit = site.opened.run.dataset, request.query_params.get("edit", "")
    return site.render(
        request,
        name,
        address=address,
        items=items,
        item=item,
        lost=lost,
        said_before=site.opened.log(key=item.key) if item is not None and view is None else [],
        row=view,
        next=ids[at + 1] if 0 <= at + 1 < len(ids) else "",
        previous=ids[at - 1] if at > 0 else "",
        classes=facts.classes,
        columns=[column.name for column in facts.columns],
        edit=edit,
        cell=_cell_to_edit(view, item, edit) if view and item and item.about_row else None,
        **context,
    )


def _cell_to_edit(view: RowView, item: QueueItem, named: str) -> Cell | None:
    """The named cell of a row, or else the one that the finding is about, an odd one, or the first."""
    of_name = {cell.column: cell for cell in view.cells}
    odd = [cell.column for cell in view.cells if cell.odd]
    wanted = [name for name in (named, item.field, *odd, *of_name) if name in of_name]
    return of_name[wanted[0]] if wanted and not view.image else None


def finding(site: Site, finding_id: str) -> QueueItem | None:
    """A finding by its id; None if it is gone."""
    desk = site.opened.desk
    return next(iter(desk.items([number for number in desk.index.by_id([finding_id]) if number >= 0])), None)


def similar(site: Site, request: Request) -> Response:
    """The rows most like a row, as a part that a page fetches once it is drawn."""
    return site.render(request, "similar", row=site.opened.row(request.path_params["key"]))


def so_far(site: Site, request: Request) -> Response:
    """The precision of the queue, as a part that a page fetches once it is drawn."""
    return site.render(request, "so_far", precision=site.opened.precision())


def groups(site: Site, request: Request) -> Response:
    """The groups of copies, one after another."""
    code, after = request.query_params.get("code", ""), request.query_params.get("after", "")
    open_only = "all" not in request.query_params
    page = site.opened.groups(code, after=after, size=1, open_only=open_only)
    context = {"page": page, "code": code, "after": after, "open_only": open_only}
    return _side_by_side(site, request, page.groups[0] if page.groups else None, **context)


def group(site: Site, request: Request) -> Response:
    """One group of copies."""
    group = site.opened.group(request.path_params["group"])
    context = {"page": None, "code": group.code, "after": "", "open_only": False}
    return _side_by_side(site, request, group, **context)


def _side_by_side(site: Site, request: Request, group: Group | None, **context: Any) -> Response:
    """A group, with the cells of its first rows, column by column."""
    members = group.members[:_SIDE_BY_SIDE] if group else ()
    views = [site.opened.row(member.finding_id, similar=False) for member in members]
    names = list(dict.fromkeys(cell.column for view in views for cell in view.cells))
    cells = [{cell.column: cell.text for cell in view.cells} for view in views]
    lines = [(name, [one.get(name, "") for one in cells]) for name in names]
    return site.render(request, "groups", group=group, lines=lines, views=views, **context)


def slices(site: Site, request: Request) -> Response:
    """The noisy slices, one after another."""
    slices = site.opened.slices
    name = request.path_params.get("name", "")
    names = [one.slice for one in slices]
    if name and name not in names:
        raise InputError("the slice", "be one of this audit", repr(name), "Take it from the list of slices.")
    at = names.index(name) if name else 0
    return site.render(request, "slices", slices=slices, at=at)


def conflicts(site: Site, request: Request) -> Response:
    """The queue of findings about which reviewers disagree."""
    return moved(in_mode("/?conflicts=1", blind="blind" in request.query_params))


def bulk(site: Site, request: Request) -> Response:
    """What accepting many findings would change."""
    address = read_address(request.url.query)
    chosen = request.query_params.getlist("chosen")
    whole = "whole" in request.query_params or not chosen
    preview = site.opened.preview(address.filter if whole else None, chosen)
    sample = site.opened.queue(address.filter, sort=address.sort, size=_SAMPLE).items if whole else ()
    return site.render(
        request, "bulk", address=address, chosen=chosen, whole=whole, preview=preview, sample=sample, path="/"
    )


def spot_check(site: Site, request: Request) -> Response:
    """The random sample of a bulk decision, and how it stands."""
    check = site.opened.spot_check(request.path_params["id"])
    address = read_address(request.url.query)
    open_ids = [item.finding_id for item in check.items if item.status == "open"]
    at = address.at or (open_ids[0] if open_ids else check.items[-1].finding_id)
    shown = structs.replace(address, at=at)
    return _in_focus(site, request, "spot_check", check.items, shown, check=check, path=request.url.path)


def learning(site: Site, request: Request) -> Response:
    """What learning would use, and the versions so far."""
    last = site.job if site.job is not None and isinstance(site.job.result, Learned) else None
    precision = site.opened.precision()
    return site.render(request, "learn", versions=site.opened.versions, precision=precision, last=last)


def agreement(site: Site, request: Request) -> Response:
    """Agreement between reviewers and with the model."""
    return site.render(request, "agreement", agreement=site.opened.agreement())


def log(site: Site, request: Request) -> Response:
    """The last decisions."""
    events = site.opened.log()
    return site.render(request, "log", events=events[-_EVENTS:][::-1], total=len(events))


def job_of(site: Site, request: Request) -> Job:
    """The job that an address names."""
    if site.job is None or site.job.id != request.path_params["id"]:
        raise InputError("the job", "be that of this server", "an old one", "Go back to the queue.")
    return site.job


def job_page(site: Site, request: Request) -> Response:
    """The progress of long work, and what came of it."""
    job = job_of(site, request)
    if site.audit is not None and job.state == "done" and not isinstance(job.result, Learned):
        return RedirectResponse(job.back, 303)
    learned = job.result if isinstance(job.result, Learned) else None
    return site.render(request, "job", job=job, learned=learned, audited=site.audit is not None)


def job_events(site: Site, request: Request) -> Response:
    """The progress of long work as a stream of events."""
    job = job_of(site, request)

    async def stream() -> AsyncIterator[str]:
        while True:
            shown = {"step": job.step, "done": job.done, "total": job.total, "state": job.state}
            yield f"data: {json.dumps(shown)}\n\n"
            if job.state != "running":
                return
            await anyio.sleep(_TICK)

    return StreamingResponse(stream(), media_type="text/event-stream")


def media(site: Site, request: Request) -> Response:
    """The image of a row, if it really is one of a few kinds; nothing else of the disk is served."""
    path = Path(site.opened.row(request.path_params["key"], similar=False).image or ".")
    if not path.is_file() or path.stat().st_size > _LARGEST_IMAGE:
        raise HTTPException(404)
    content = path.read_bytes()
    kind = next((kind for head, kind in _IMAGES.items() if content.startswith(head)), None)
    if kind is None:
        raise HTTPException(415)
    return Response(content, media_type=kind, headers={"Cache-Control": "private, max-age=3600"})


def static(site: Site, request: Request) -> Response:
    """The style sheets, the script and the brand."""
    name = request.path_params["name"]
    if name not in _STATIC:
        raise HTTPException(404)
    return Response(_static_file(name), media_type=_STATIC[name], headers={"Cache-Control": "max-age=3600"})


@cache
def _static_file(name: str) -> bytes:
    if name == "brand.svg":  # as a file of its own it needs a namespace
        return (REPORT_STYLE / name).read_bytes().replace(b"<svg ", b'<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    place = REPORT_STYLE / "style.css" if name == "report.css" else Path(__file__).parent / "static" / name
    return place.read_bytes()
