"""What a review shows and returns: filters and pages of the queue, rows, groups, slices, previews and figures."""

from __future__ import annotations

import msgspec

from dechaff.records.decisions import Event
from dechaff.records.record import Record


class Filter(Record, frozen=True):
    """Which findings are meant; what is left empty does not restrict. Several values of one field are alternatives.

    ``given`` and ``suggested`` are a pair of classes; ``least`` and ``most`` bound the score; ``text`` are words (the
    beginning of each is enough) of the row, its labels or the reason, all of which must occur.

    Examples
    --------
    >>> Filter(codes=("L001",), status=("open",), least=0.9).least
    0.9
    """

    codes: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    slices: tuple[str, ...] = ()
    given: str | None = None
    suggested: str | None = None
    least: float = 0.0
    most: float = 1.0
    text: str = ""
    group: str = ""
    row: str = ""
    conflicts: bool = False
    """Only findings about which reviewers disagree."""


class QueueItem(Record, frozen=True):
    """One finding in the queue; ``status`` and ``reviewer`` as they are now, ``key`` '' if it is about no row."""

    finding_id: str
    code: str
    row: str
    key: str
    group: str
    field: str
    score: float
    given: str
    suggested: str
    why: str
    fix: str
    status: str = "open"
    reviewer: str = ""
    text: str = ""
    """The beginning of the row's content, for a list."""
    accepts: str = ""
    """What accepting it does: keep, drop, relabel or edit; '' if it suggests no change."""

    @property
    def about_row(self) -> bool:
        """Whether it is about a row, and not about a column, class, slice or group as a whole."""
        return bool(self.key) and not self.key.startswith(f"{self.code}:")


class QueuePage(Record, frozen=True):
    """Some of the findings that a filter leaves, in order."""

    items: tuple[QueueItem, ...]
    total: int
    """Findings that the filter leaves."""
    of: int
    """All findings."""
    facets: dict[str, dict[str, int]]
    """Filter field (codes, status, reviewers, slices, pairs) -> value -> findings, under all the other filters; a pair
    is written "given → suggested"."""
    after: str
    """Cursor of the next page, '' on the last one: it stays good whatever is decided meanwhile."""
    before: str
    """Cursor of the page before this one, '' on the first."""
    first: int
    """Findings that come before this page."""


class Cell(Record, frozen=True):
    """One cell of a row: its text, what is telling in it, and what is usual in its column.

    ``marks`` are pieces of the text: (from, to, class that the words speak for, '' for what a reason quotes).
    """

    column: str
    text: str
    kind: str = ""
    marks: tuple[tuple[int, int, str], ...] = ()
    odd: bool = False
    usual: str = ""
    cut: bool = False
    """Whether only the beginning of the text is here."""


class Neighbour(Record, frozen=True):
    """One of the rows that are most like the row."""

    row: str
    key: str
    label: str
    text: str


class FamilyRow(Record, frozen=True):
    """A row of augmented data, by its id and key."""

    row: str
    key: str


class Family(Record, frozen=True):
    """Of augmented data: the row that a row was made from, and those that were made from it, which follow it.

    A row is dropped and relabelled with the one that it was made from, unless a reviewer decides about it.
    """

    parent: FamilyRow | None = None
    follows: bool = False
    """Whether the decision about the row is now that about the parent."""
    made: int = 0
    """Rows that were made from this one."""
    named: tuple[FamilyRow, ...] = ()
    """The first of them."""


class RowView(Record, frozen=True):
    """A row as a reviewer sees it: content, findings, probabilities, rows like it, and what was decided."""

    row: str
    key: str
    given: str
    label: str
    """The label as decisions leave it; '' for a row that is excluded."""
    excluded: bool
    cells: tuple[Cell, ...]
    image: str
    """Path of the image file, '' if the row has none."""
    probs: tuple[tuple[str, float], ...]
    """(class, out-of-sample probability), the most probable first."""
    findings: tuple[QueueItem, ...]
    neighbours: tuple[Neighbour, ...]
    history: tuple[Event, ...]
    problem: str = ""
    """Why the content cannot be shown, such as a file that has moved or changed; '' if it can."""
    family: Family = Family()
    """The rows that this one was made from, or that were made from it."""


class Group(Record, frozen=True):
    """Rows that are copies of one another, or nearly: one decision."""

    group: str
    code: str
    members: tuple[QueueItem, ...]
    conflict: bool
    """Whether their labels differ."""
    keep: str
    """The finding of the row that a merge keeps unless another is named."""
    open: int
    """Members without a decision."""


class GroupPage(Record, frozen=True):
    """Some of the groups, the highest score first."""

    groups: tuple[Group, ...]
    total: int
    after: str


class SliceView(Record, frozen=True):
    """A part of the data whose labels cannot be trusted: one decision, with some rows as a sample."""

    slice: str
    finding: QueueItem
    rows: int
    open: int
    sample: tuple[QueueItem, ...]


class Decided(Record, frozen=True):
    """What one call changed: the events that were written, and how many findings they are about."""

    findings: int
    events: int
    batch: str
    """Name of the batch, '' for one event."""
    skipped: int = 0
    """Findings of a bulk decision that suggest nothing that could be accepted."""


class Preview(Record, frozen=True):
    """What a bulk decision would change, before it is made.

    Examples
    --------
    >>> print(Preview(by_filter=214, by_hand=3, of=9310, decided=9, without_fix=0))
    214 by this filter, 3 by hand, of 9,310
    """

    by_filter: int
    by_hand: int
    of: int
    decided: int
    """Findings among them that have a decision, which stays."""
    without_fix: int
    """Findings among them that suggest nothing that could be accepted."""
    changes: dict[str, int] = msgspec.field(default_factory=dict)
    """What would be done (keep, drop, relabel, edit) -> findings; they add up to those that would be accepted."""
    made_rows: int = 0
    """Rows made by data augmentation from those that would be dropped or relabelled, which they follow."""

    def __str__(self) -> str:
        return f"{self.by_filter:,} by this filter, {self.by_hand:,} by hand, of {self.of:,}"


class SpotCheck(Record, frozen=True):
    """A random sample of the open findings of a filter, and what reviewing it has shown so far."""

    id: str
    filter: Filter | None
    items: tuple[QueueItem, ...]
    """The sample, in random order, with the status of each now."""
    n: int
    """Open findings that the sample was drawn from."""
    reviewed: int
    right: int
    """Reviewed ones whose fix was accepted, or that were changed in another way."""
    precision: float | None
    """Fraction of the reviewed ones that is right; None before the first."""
    low: float
    high: float
    """Exact 95 % interval of the fraction among all n."""
    preview: Preview


class PrecisionSoFar(Record, frozen=True):
    """How good the queue of label errors is, by the reviews so far.

    ``low`` and ``high`` bound the fraction of all ``n`` findings that is really wrong, at 95 % after any number of
    reviews, in any order. ``next_errors`` are expected among the next ``next_rows`` of the queue.
    """

    reviewed: int
    wrong: int
    n: int
    precision: float
    low: float
    high: float
    next_rows: int
    next_errors: float
    next_low: float
    next_high: float
    remaining: float
    stop: bool
    why: str


class Rate(Record, frozen=True):
    """A fraction, or a kappa, with its 95 % interval; None if nothing was counted."""

    n: int
    value: float | None
    low: float | None
    high: float | None


class Pair(Record, frozen=True):
    """Two reviewers, or a reviewer and the model, on the findings that both judged."""

    first: str
    second: str
    agree: Rate
    kappa: Rate


class Agreement(Record, frozen=True):
    """How far reviewers agree with one another and with the model, and whether seeing the suggestion sways them."""

    pairs: tuple[Pair, ...]
    model: tuple[Pair, ...]
    shown: Rate
    """Fraction of the decisions that follow the suggestion, of those made with it in sight."""
    hidden: Rate
    """The same of those made in blind mode."""
    anchoring: Rate
    """The first minus the second."""
    conflicts: int


class Version(Record, frozen=True):
    """One version of the label scores: of the audit, or made anew from reviews."""

    number: int
    time: str
    kind: str
    """``audit``; ``scores`` or ``models``, of labels; or ``cells``."""
    reviews: int
    findings: int
    new: int = 0
    gone: int = 0


class Learned(Record, frozen=True):
    """What learning from the reviews changed: the new version, and findings of label errors that are new or gone."""

    version: Version
    new: tuple[QueueItem, ...]
    gone: tuple[QueueItem, ...]
    words: tuple[str, ...] = msgspec.field(default=())
