"""``dechaff review``: the review page of an audit, or of a data set that is audited first."""

from __future__ import annotations

import sys
import webbrowser
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Group, Parameter

from dechaff.data.formats.images import is_image
from dechaff.errors import DechaffError, InputError
from dechaff.records.keywords import with_options
from dechaff.records.run import is_run
from dechaff.surfaces.cli.console import print_next, say, shown_progress, stderr
from dechaff.surfaces.cli.main import FINE, UNUSABLE
from dechaff.surfaces.cli.options import AuditFlags, read_flags
from dechaff.surfaces.cli.runs import next_commands

if TYPE_CHECKING:
    from dechaff.api.results import Audit
    from dechaff.core.progress import Progress
    from dechaff.surfaces.review.server import ReviewServer
    from dechaff.surfaces.review.site import Site

_PAGE = Group("Page", sort_key=0)


def review(
    source: Path,
    /,
    *,
    reviewer: Annotated[str, Parameter(group=_PAGE)] = "",
    data: Annotated[Path | None, Parameter(name="--source", group=_PAGE)] = None,
    proposals: Annotated[Path | None, Parameter(group=_PAGE)] = None,
    port: Annotated[int, Parameter(group=_PAGE)] = 0,
    keys: Annotated[str, Parameter(group=_PAGE)] = "",
    learn_every: Annotated[int, Parameter(group=_PAGE)] = 0,
    no_open: Annotated[bool, Parameter(group=_PAGE)] = False,
    options: AuditFlags = AuditFlags(),
) -> int:
    """Decide about findings on a local page, one key per decision.

    Serves the page on this machine only, until Ctrl-C. Every decision is stored at once; `dechaff apply` writes them.

    Parameters
    ----------
    source
        Folder that an audit wrote; or a data set, which is audited first (with --label and the other options below).
    reviewer
        Your name, for the log and for the agreement between reviewers.
    data
        The audited file, if it has moved.
    proposals
        CSV of the columns row and label: rows without a label to be labelled, in this order, with a suggestion.
    port
        Port on this machine; 0 = a free one.
    keys
        Other keys, as keep=k,relabel=r or a TOML file of such lines; the page lists actions and keys under ?.
    learn_every
        Reviewed labels after which the scores are recomputed beside the review; 0 = only on the button of the page.
    no_open
        Do not open the browser.
    """
    from dechaff.api.review.proposals import read_proposals
    from dechaff.surfaces.review.keys import read_keys, remapped
    from dechaff.surfaces.review.site import Site

    site = Site(None, reviewer, keys=remapped(read_keys(keys)), learn_every=learn_every)
    if proposals is not None:
        read_proposals(proposals)  # what is wrong with the file is said before an audit begins
    if options.label is not None or _holds_images(source):
        server = _of_data(source, data, proposals, site, port, options)
    else:
        server = _of_run(source, data, proposals, site, port)
    print(server.url, flush=True)
    say(
        stderr(),
        "The review is at this address. Ctrl-C ends it; every decision is stored at once.",
    )
    if not no_open and sys.stdout.isatty() and not webbrowser.open(server.url):
        say(stderr(), "No browser could be opened here: open the address yourself.")
    with suppress(KeyboardInterrupt):  # the way to end it
        server.run()
    audit, job = server.site.audit, server.site.job
    if audit is not None:
        print_next(next_commands(audit.folder)[-1])
    return UNUSABLE if audit is None and job is not None and job.state == "failed" else FINE


def _holds_images(source: Path) -> bool:
    """Whether a folder is an image folder, whose labels are its folders: it needs no --label to be audited."""
    return source.is_dir() and not is_run(source) and any(map(is_image, source.glob("*/*")))


def _of_run(folder: Path, data: Path | None, proposals: Path | None, site: Site, port: int) -> ReviewServer:
    from dechaff.api.auditing import open_run
    from dechaff.data.formats.files import check_there
    from dechaff.surfaces.review.server import ReviewServer

    if folder.suffix not in ("", ".dechaff"):  # a data set, it seems: similar names help more than how a run is made
        check_there(folder)
    if folder.is_file():
        raise InputError("dechaff review", "be given a run folder, or a data set and --label", str(folder),
                         f"For example: dechaff review {folder} --label COLUMN")  # fmt: skip
    audit = open_run(folder, source=data)
    with shown_progress(quiet=False) as progress:
        audit.prepare_review(progress=progress)
    if proposals is not None:
        audit.import_proposals(proposals)
    return ReviewServer(replace(site, audit=audit), port)


def _of_data(
    source: Path,
    data: Path | None,
    proposals: Path | None,
    site: Site,
    port: int,
    options: AuditFlags,
) -> ReviewServer:
    """The audit begins while the page is already there, and shows its progress on it."""
    from dechaff.api.auditing import audit as run
    from dechaff.api.reading import job_of
    from dechaff.data.formats.files import check_there
    from dechaff.surfaces.review.server import review_of_job

    if data is not None:
        raise InputError("--source", "be given with a run folder only", f"{source}, which is none", "Leave it out.")
    if is_run(source):
        raise InputError("--label", "be left out with a run folder, which has its labels", f"{source} and --label",
                         f"Type: dechaff review {source}")  # fmt: skip
    check_there(source)  # what can be refused at once is an error of the command, not of a page
    job_of(source, read_flags(options))

    def work(progress: Progress) -> Audit:
        try:
            audit: Audit = with_options(run)(source, read_flags(options, progress=progress))
            audit.prepare_review(progress=progress)
            if proposals is not None:
                audit.import_proposals(proposals)
        except DechaffError as error:  # the page shows it as well
            say(stderr(), f"Error: {error}")
            raise
        return audit

    return review_of_job(f"Auditing {source.name}", work, site=site, port=port, proposed=proposals is not None)
