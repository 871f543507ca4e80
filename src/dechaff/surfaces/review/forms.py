"""The forms of the review page: each is one call of `Audit`, and leads to the page that follows."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from dechaff.core.progress import Progress
from dechaff.records.decisions import Event
from dechaff.records.review import Decided, Filter, Learned
from dechaff.report import words
from dechaff.surfaces.review.address import read_address
from dechaff.surfaces.review.jobs import Job
from dechaff.surfaces.review.pages import finding, job_of
from dechaff.surfaces.review.site import Site, in_mode, moved

_SAID = {
    "accept": "Accepted",
    "keep": "Kept as is",
    "relabel": "Relabelled",
    "exclude": "Excluded",
    "edit": "Edited",
    "merge": "Merged",
    "flag": "Flagged for later",
    "open": "Opened again",
}
_LEARNING = "Learning from the reviews"
Form = dict[str, list[str]]


def decide(site: Site, request: Request, form: Form) -> Response:
    """One decision, about one finding, a group or a slice."""
    decision, _, to = _one(form, "say").partition(":")
    blind = bool(_one(form, "blind"))
    slices = form.get("slice", [])
    where: Any = Filter(slices=tuple(slices), status=("open",)) if slices else form.get("where", [])
    where = where[0] if isinstance(where, list) and len(where) == 1 else where
    to = (to or _one(form, "to")).replace("\r\n", "\n")  # the line ends of forms
    decided = site.opened.decide(
        where, decision, to, field=_one(form, "field"), note=_one(form, "note"),
        reviewer=site.reviewer, blind=blind,
    )  # fmt: skip
    if isinstance(where, str) and where[:1] in ("L", "P") and decision not in ("flag", "open"):
        site.reviewed += 1
        _learn_if_due(site)
    return moved(_onward(form), finding_column(decision, decided, to))


def undo(site: Site, request: Request, form: Form) -> Response:
    """Take back the reviewer's last decision or batch."""
    return _back_at(site, site.opened.undo(reviewer=site.reviewer), form, "Undone", "Nothing is left to undo.")


def redo(site: Site, request: Request, form: Form) -> Response:
    """Take back the last undo."""
    return _back_at(site, site.opened.redo(reviewer=site.reviewer), form, "Done again", "Nothing is left to redo.")


def _back_at(site: Site, events: tuple[Event, ...], form: Form, said: str, nothing: str) -> Response:
    """The queue at the finding that the events are about."""
    if not events:
        return moved(_safe(_one(form, "back")), nothing)
    about = words.of_things(len(events), "decision")
    path, _, query = _safe(_one(form, "back")).partition("?")
    about_row = finding(site, events[0].finding_id)
    onward = read_address(query).link(at=about_row.finding_id) if about_row else f"?{query}"
    return moved(f"{path}{onward}", f"{said}: {about}.")


def draw(site: Site, request: Request, form: Form) -> Response:
    """Draw the sample of a spot-check."""
    check = site.opened.spot_check(_meant(form), form.get("chosen", []))
    return moved(in_mode(f"/spot-checks/{check.id}", blind=read_address(_one(form, "query")).blind))


def accept_rest(site: Site, request: Request, form: Form) -> Response:
    """Accept many findings as one batch, or keep or exclude them."""
    where = _one(form, "check") or _meant(form)
    said = _one(form, "say") or "accept"
    decided = site.opened.accept_rest(where, form.get("chosen", []), decision=said, reviewer=site.reviewer)
    blind = "blind" in form or read_address(_one(form, "query")).blind
    return moved(in_mode("/?status=open", blind=blind), finding_column(said, decided))


def _meant(form: Form) -> Filter | None:
    """The filter that a bulk form is about; None if it is about what was chosen by hand alone."""
    return read_address(_one(form, "query")).filter if "whole" in form else None


def learn(site: Site, request: Request, form: Form) -> Response:
    """Begin to learn from the reviews."""
    if site.job is None or site.job.state != "running":
        audit, models = site.opened, bool(_one(form, "models"))
        title = "Training the models on the corrected labels" if models else _LEARNING
        site.reviewed = 0
        site.job = Job(title, lambda progress: audit.learn(models=models, progress=progress), "/?status=open")
        site.job.start()
    return _job_page(site.job, request)


def _learn_if_due(site: Site) -> None:
    """Recompute the scores beside the review; the next page says what that has changed."""
    if not site.learn_every or site.reviewed < site.learn_every or (site.job and site.job.state == "running"):
        return
    audit, site.reviewed = site.opened, 0

    def work(progress: Progress) -> Learned:
        learned = audit.learn(progress=progress)
        version = learned.version
        changes = changes_of(version.new, version.gone)
        site.news = f"Learned from {words.of_things(version.reviews, 'review')}: {changes}"
        return learned

    site.job = Job(_LEARNING, work, "/?status=open")
    site.job.start()


def changes_of(new: int, gone: int) -> str:
    """What learning has changed, in a sentence.

    Examples
    --------
    >>> changes_of(2, 1)
    '2 findings new, 1 finding gone.'
    """
    return f"{words.of_things(new, 'finding')} new, {words.of_things(gone, 'finding')} gone."


def cancel(site: Site, request: Request, form: Form) -> Response:
    """End long work."""
    job = job_of(site, request)
    job.cancel()
    return _job_page(job, request)


def _job_page(job: Job, request: Request) -> Response:
    return moved(in_mode(f"/jobs/{job.id}", blind="blind" in request.query_params))


def finding_column(decision: str, decided: Decided, to: str = "") -> str:
    """What was done, in a sentence.

    Examples
    --------
    >>> finding_column("accept", Decided(194, 194, "b1", skipped=3))
    'Accepted: 194 findings, as one batch. 3 suggest no fix and stay open.'
    >>> finding_column("relabel", Decided(1, 1, ""), "spam")
    'Relabelled: 1 finding, to spam.'
    """
    sentence = f"{_SAID.get(decision, decision)}: {words.of_things(decided.findings, 'finding')}"
    sentence += f", to {to}" if to and decision == "relabel" else ""
    sentence += ", as one batch." if decided.batch else "."
    why = "suggest no fix" if decision == "accept" else "are about no single row"
    return sentence + (f" {decided.skipped:,} {why} and stay open." if decided.skipped else "")


def _one(form: Form, name: str) -> str:
    return form.get(name, [""])[0]


def _safe(back: str) -> str:
    """An address of this server, whatever the form says: path and query only."""
    parts = urlsplit(back)
    path = "/" + parts.path.lstrip("/\\")
    return f"{quote(path, safe='/:%~')}?{parts.query}".rstrip("?")


def _onward(form: Form) -> str:
    """Where the page goes after a decision: the same state at the next finding."""
    path, _, query = _safe(_one(form, "back")).partition("?")
    if "next" not in form:
        return f"{path}?{query}".rstrip("?")
    address = read_address(query)
    turned = (
        address.link(at="", after=_one(form, "turn")) if _one(form, "turn") else address.link(at=_one(form, "next"))
    )
    return f"{path}{turned}"
