"""The review of an audit in Python: the queue, rows, decisions with undo, spot-checks, precision, learning, agreement.

Every page of the review and every command is a caller of these methods; there is no other way to decide.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from dechaff._version import __version__
from dechaff.api.review.desk import Desk, now
from dechaff.core.progress import Progress, silent
from dechaff.records.review import (
    Agreement,
    Decided,
    Filter,
    Group,
    GroupPage,
    Learned,
    PrecisionSoFar,
    Preview,
    QueuePage,
    RowView,
    SliceView,
    SpotCheck,
    Version,
)

if TYPE_CHECKING:
    from dechaff.api.results import Audit
    from dechaff.records.decisions import Event
    from dechaff.records.run import Run
    from dechaff.surfaces.review.server import ReviewServer


class Reviewing:
    """The methods of an `Audit` by which people review its findings.

    A *finding* has an id such as ``L001-000017`` and a status: open, accepted, kept, relabelled, excluded, edited,
    merged or flagged. A *row* has an id, which people see, and a key, which stays the same if rows are sorted.
    Decisions are stored in the run folder when a call returns; several processes may decide at once.
    """

    run: Run
    data: Any
    source: Any

    @cached_property
    def desk(self) -> Desk:
        """What the methods share; made on first use."""
        return Desk(self.run, self.data, self.source)

    def review(
        self,
        *,
        reviewer: str = "",
        port: int = 0,
        keys: Mapping[str, str | Sequence[str]] | None = None,
        learn_every: int = 0,
    ) -> ReviewServer:
        """Serve the review page; reviewer, port, keys and learn_every are those of `dechaff.review`."""
        import dechaff  # through the public door: pages stand above this package

        return dechaff.review(cast("Audit", self), reviewer=reviewer, port=port, keys=keys, learn_every=learn_every)

    def prepare_review(self, *, progress: Progress = silent) -> int:
        """Make now what the first queue and the first row would have to wait for; the number of findings.

        Parameters
        ----------
        progress : called with what is done.
        """
        from dechaff.api.review.evidence import details_of

        self.desk.progress = progress
        n = len(self.desk.index)
        self.precision()
        details_of(self.desk).prepare()
        return n

    def queue(
        self, where: Filter | None = None, *, sort: str = "score", after: str = "", size: int = 50, **fields: Any
    ) -> QueuePage:
        """One page of the findings that a filter leaves, with the number of findings per filter value.

        Parameters
        ----------
        where : a filter; None = all findings.
        sort : score (the highest first), code, row, pair, random, or proposed (`import_proposals`).
        after : cursor of a page (``QueuePage.after`` or ``.before``); '' = the first page.
        size : findings of a page, from 1 to 1000.
        **fields : fields of `Filter` by name, such as ``codes="L001"`` or ``status=("open", "flagged")``.

        Raises
        ------
        InputError
            If a field, a value of it, the sort or the cursor is unknown.

        Examples
        --------
        >>> import dechaff, numpy as np
        >>> from sklearn.linear_model import LogisticRegression
        >>> x = np.random.default_rng(0).normal(size=200)
        >>> label = np.where(x > 0, "high", "low")
        >>> label[x.argmax()] = "low"
        >>> audit = dechaff.audit({"x": x, "label": label}, label="label", model=LogisticRegression())
        >>> page = audit.queue(codes="L001", status="open")
        >>> page.total, page.items[0].given, page.items[0].suggested
        (1, 'low', 'high')
        >>> audit.decide(page.items[0].finding_id, "accept", reviewer="ann").findings
        1
        >>> audit.queue().facets["status"]
        {'accepted': 1}
        >>> [event.row for event in audit.undo(reviewer="ann")] == [page.items[0].row]
        True
        """
        from dechaff.api.review.queue import queue_page, with_fields

        return queue_page(self.desk, with_fields(where, fields), sort=sort, after=after, size=size)

    def row(self, key: str, *, similar: bool = True) -> RowView:
        """A row with everything that helps to decide about it.

        Parameters
        ----------
        key : id of a finding about the row, key of the row, or its id.
        similar : whether to look for the rows that are most like it, which takes longest.

        Raises
        ------
        InputError
            If there is no such row, or the finding is about no row. A row whose content cannot be read (a file that
            moved or changed) is no error: `RowView.problem` tells why.
        """
        from dechaff.api.review.row_view import row_view

        return row_view(self.desk, key, similar=similar)

    def groups(self, code: str = "", *, after: str = "", size: int = 20, open_only: bool = False) -> GroupPage:
        """Groups of copies: equal rows (D001), near copies (D002), equal rows with different labels (D003).

        Parameters
        ----------
        code : one of these codes; '' = all.
        after, size : as for `queue`.
        open_only : leave out groups in which every row has a decision.
        """
        from dechaff.api.review.row_view import group_page

        return group_page(self.desk, code, after=after, size=size, open_only=open_only)

    def group(self, group: str) -> Group:
        """One group by ``Group.group``, such as ``D002:near-3``."""
        from dechaff.api.review.row_view import group_of

        return group_of(self.desk, group)

    @property
    def slices(self) -> tuple[SliceView, ...]:
        """The noisy slices with some rows of each. Decide about all rows with ``decide(Filter(slices=(name,)), …)``."""
        from dechaff.api.review.row_view import slice_views

        return slice_views(self.desk)

    def decide(
        self,
        where: str | Sequence[str] | Filter,
        decision: str,
        to: str = "",
        *,
        field: str = "",
        note: str = "",
        reviewer: str = "",
        blind: bool = False,
    ) -> Decided:
        """Decide about one or more findings; several are one batch, which `undo` reverts as a whole.

        Parameters
        ----------
        where : id of a finding, ids, a filter, or the key of a row as a whole.
        decision : what to do.
            accept (the suggested fix; findings without one are skipped), keep (no issue), relabel (to the class `to`),
            exclude (leave the row out), edit (the cell `field` becomes `to`), merge (of a group only the row `to`
            stays, '' = the best), flag (for later), open (withdraw what was decided).
        to : class, cell, or row to keep.
        field : column of the cell; by default the one that the finding is about.
        note : for the log and the list of changes.
        reviewer : who decides.
        blind : whether the suggestion was hidden, for `agreement`.

        Returns
        -------
        Decided
            Once it returns, the decision is on the disk.

        Raises
        ------
        InputError
            If a finding, the decision, the class or the column is unknown.
        RunError
            If the log cannot be written; nothing is then decided.
        """
        from dechaff.api.review.decide import ReviewerDecision, decide

        return decide(self.desk, where, ReviewerDecision(decision, to, field, note, reviewer, blind))

    def undo(self, *, reviewer: str = "") -> tuple[Event, ...]:
        """Take back the last decision, or batch of decisions, of a reviewer; any number of times, after a restart too.

        Returns
        -------
        tuple of Event
            The decisions that no longer hold; none if nothing is left to undo.
        """
        from dechaff.records.decision_log import undo

        return tuple(undo(self.run.decisions_path, actor=reviewer, time=now(), version=__version__))

    def redo(self, *, reviewer: str = "") -> tuple[Event, ...]:
        """Take back the last `undo` of a reviewer, unless the reviewer has decided something since.

        Returns
        -------
        tuple of Event
            The decisions that hold again; none if nothing is left to redo.
        """
        from dechaff.records.decision_log import redo

        return tuple(redo(self.run.decisions_path, actor=reviewer, time=now(), version=__version__))

    def preview(self, where: Filter | None, by_hand: Sequence[str] = ()) -> Preview:
        """What accepting all open findings of a filter, and some chosen by hand, would change.

        Parameters
        ----------
        where : a filter; None = only those chosen by hand.
        by_hand : ids of findings.
        """
        from dechaff.api.review.decide import preview

        return preview(self.desk, where, by_hand)

    def spot_check(self, where: Filter | str | None, by_hand: Sequence[str] = (), *, n: int = 20) -> SpotCheck:
        """A random sample to review before the rest is accepted; by its id, how the sample stands now.

        Parameters
        ----------
        where : the filter, or None, for a new sample; the id of a spot-check, for that one.
        by_hand : ids of findings that are to be accepted, too.
        n : findings of the sample.

        Returns
        -------
        SpotCheck
            ``precision`` of the reviewed ones, with an exact interval for all findings of the filter.

        Raises
        ------
        InputError
            If no open finding is left, or there is no such spot-check.

        Source
        ------
        Buonaccorsi (1987), The American Statistician 41: exact intervals for samples of finitely many rows.
        """
        from dechaff.api.review.spot_check import begin, look

        return look(self.desk, where) if isinstance(where, str) else begin(self.desk, where, by_hand, n)

    def accept_rest(
        self,
        where: SpotCheck | Filter | str | None,
        by_hand: Sequence[str] = (),
        *,
        decision: str = "accept",
        note: str = "",
        reviewer: str = "",
    ) -> Decided:
        """Accept all open findings of a spot-check, or of a filter and those chosen by hand, as one batch.

        They are decided without a look at each, so `precision`, `learn` and `agreement` do not count them as reviews.

        Parameters
        ----------
        where : the spot-check or its id, or a filter; None = only those chosen by hand.
        by_hand : ids of findings beside those of a filter.
        decision : keep, exclude or flag do that to all of them instead.
        note, reviewer : as for `decide`.
        """
        from dechaff.api.review.decide import ReviewerDecision, decide_rest
        from dechaff.api.review.spot_check import rest_of

        wanted: Filter | None
        if where is None or isinstance(where, Filter):
            wanted = where
        else:
            wanted, by_hand = rest_of(self.desk, where.id if isinstance(where, SpotCheck) else where)
        return decide_rest(self.desk, wanted, by_hand, ReviewerDecision(decision, note=note, reviewer=reviewer))

    def precision(self, *, least: float = 0.05) -> PrecisionSoFar:
        """How good the queue of label errors is by the reviews so far, and whether to stop.

        Parameters
        ----------
        least : stop if fewer of the next 100 are expected to be wrong, as a fraction.

        Source
        ------
        Waudby-Smith, Ramdas (2020), NeurIPS, for the interval; `LabelResult.should_stop` for what comes next.
        """
        from dechaff.api.review.precision import precision_so_far

        return precision_so_far(self.desk, least=least)

    def learn(self, *, models: bool = False, progress: Progress = silent) -> Learned:
        """Judge labels and cells anew from the reviews: a new version of the findings; decisions and old versions stay.

        Reviews of labels improve the scores of label errors (L001), reviews of cells the findings about bad cells
        (C001) and the rules that ``dechaff check`` applies; ``dechaff learn`` is the same.

        Parameters
        ----------
        models : train the models again, too, on the corrected labels; it takes as long as in the audit.
        progress : called with what is done; an exception that it raises ends the call, and nothing is changed.

        Returns
        -------
        Learned
            The findings that are new and those that are gone. A finding with a decision is never gone. Of a run out
            of core, whose probabilities are not kept, none is new or gone: the scores and their order change.

        Raises
        ------
        InputError
            If fewer than two labels and no cells were reviewed, or `models` of a run out of core are to be trained.
        RunError
            If another process writes the run, or the models are too weak on the corrected labels.
        """
        from dechaff.api.review.learn import enough_labels, learn
        from dechaff.api.review.learn_cells import cell_reviews, learn_cells_of_run

        cells = cell_reviews(self.desk)
        labels = models or not cells or enough_labels(self.desk)
        learned = [learn(self.desk, progress, models=models)] if labels else []
        learned += [learn_cells_of_run(self.desk, cells, progress)] if cells else []
        self.run.forget()
        return Learned(
            learned[-1].version,
            *(tuple(item for one in learned for item in getattr(one, name)) for name in ("new", "gone", "words")),
        )

    @property
    def versions(self) -> tuple[Version, ...]:
        """The versions of the label scores, that of the audit first."""
        from dechaff.api.review.versions import versions

        return versions(self.desk)

    def agreement(self) -> Agreement:
        """Agreement between reviewers and with the model, and whether seeing the suggestion sways them.

        Source
        ------
        Cohen (1960) for kappa; Newcombe (1998), Statistics in Medicine 17, for the interval of the anchoring.
        """
        from dechaff.api.review.agreement import agreement

        return agreement(self.desk)

    def import_proposals(self, path: str | os.PathLike[str]) -> int:
        """Take what to label next from a CSV of the columns row and label: ``queue(sort="proposed")`` follows it.

        Parameters
        ----------
        path : the CSV; a label may be empty.

        Returns
        -------
        int
            Number of rows.

        Raises
        ------
        InputError
            If a row has a label already, or is unknown, or a label is no class; the message names the line.
        """
        from dechaff.api.review.proposals import import_proposals

        return import_proposals(self.desk, path)

    def log(self, *, key: str = "") -> list[Event]:
        """All decisions of rules and reviewers, oldest first, undone ones and undos included; of one row by its key."""
        from dechaff.records.decision_log import read_events

        return read_events(self.run.decisions_path, keys=[key] if key else None)
