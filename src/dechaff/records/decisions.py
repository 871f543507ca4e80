"""Decisions as an append-only log of events; the current state is a fold over the events.

A rule (the policy of the audit) and reviewers write into the same log. A reviewer's decision overrides a rule's on the
same matter, whichever came first. Nothing is ever overwritten: undo is one more event, which names the one that it
reverts, and redo reverts the undo. Events of rules have no time, so that the same audit gives the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Literal, TypeAlias

from dechaff.records.metrics import DecisionCounts

Action = Literal["keep", "drop", "relabel", "review", "edit", "add", "open", "undo", "redo"]
ACTIONS: tuple[Action, ...] = ("keep", "drop", "relabel", "review")
"""What may happen to a row as a whole. *edit* changes one cell of it; *add* writes the rows of a
finding about augmentation; *open* withdraws earlier decisions."""
Status = Literal["", "open", "accepted", "kept", "relabelled", "excluded", "edited", "merged", "flagged"]
STATUSES: tuple[Status, ...] = ("open", "accepted", "kept", "relabelled", "excluded", "edited", "merged", "flagged")
_STATUS_OF: dict[str, Status] = {"keep": "kept", "drop": "excluded", "relabel": "relabelled", "review": "flagged",
                                 "edit": "edited"}  # fmt: skip
BULK = "bulk"
"""Beginning of the name of a batch that was decided by a filter, without a look at each finding."""
_DECIDING = {"keep": 0, "edit": 0, "add": 0, "review": 1, "relabel": 2, "drop": 3}
"""Of several decisions about a row, the one that changes most decides what becomes of the row."""


@dataclass(frozen=True)
class Event:
    """One decision about one row, or about a column, class or slice.

    ``key`` is the row's identity (content hash and ordinal), ``row`` the id that is shown. ``old`` and
    ``new`` are labels, or of an *edit* the cells of the column ``field``; ``new`` is '' unless the action is *relabel*
    or *edit*. ``status`` is what it makes of the finding, '' for a decision about a row as a whole. ``suggested``
    is what the audit proposed, and ``blind`` whether that was hidden from the reviewer. ``source`` is *rule* or
    *human*; ``reverts`` is the id of the event that this one reverts, 0 for none.
    """

    key: str
    row: str
    action: Action
    code: str = ""
    finding_id: str = ""
    field: str = ""
    old: str = ""
    new: str = ""
    score: float = 0.0
    suggested: str = ""
    blind: int = 0
    status: Status = ""
    source: Literal["rule", "human"] = "rule"
    actor: str = ""
    time: str = ""
    batch: str = ""
    version: str = ""
    note: str = ""
    reverts: int = 0
    id: int = 0

    @property
    def slot(self) -> tuple[str, str]:
        """What it is about, within its row: later decisions about the same replace it. Cells are decided one by one."""
        if not self.status:
            return "", ""
        return self.code, self.field if self.code[:1] == "C" or self.action == "edit" else ""

    @property
    def unseen(self) -> bool:
        """Whether it is one of a batch that was decided by a filter, which says nothing about the single finding."""
        return self.batch.startswith(f"{BULK} ")

    @property
    def made(self) -> Status:
        """The status of the finding after it."""
        return self.status or _STATUS_OF.get(self.action, "open")


_core = attrgetter("action", "new", "code", "finding_id")
Standing: TypeAlias = dict[str, list[Event]]
State: TypeAlias = dict[str, Event]
"""Row key -> the decision that holds."""
_TAKEN_OVER = {"drop": "dropped", "relabel": "relabelled"}


def live_events(events: Iterable[Event]) -> Iterator[Event]:
    """The decisions that are not reverted, oldest first: an undo reverts a decision, a redo reverts an undo.

    Examples
    --------
    >>> log = [Event("a", "0", "drop", id=1), Event("a", "0", "undo", reverts=1, id=2)]
    >>> len(list(live_events(log))), len(list(live_events([*log, Event("a", "0", "redo", reverts=2, id=3)])))
    (0, 1)
    """
    log, dead = list(events), set[int]()
    for event in reversed(log):
        if event.reverts and event.id not in dead:
            dead.add(event.reverts)
    return (event for event in log if not event.reverts and event.id not in dead)


def standing_events(events: Iterable[Event]) -> Standing:
    """Row key -> the decisions that hold for it, in the order in which they were made.

    A reviewer's decision about a finding replaces the earlier one about it, and that of a rule on the same matter
    (labels, copies, cells). One about the row as a whole replaces all that was decided about its label and its place.
    """
    rules: dict[str, Event] = {}
    reviewed: dict[str, dict[tuple[str, str], Event]] = {}
    for event in live_events(events):
        if event.source == "rule":
            rules[event.key] = event
            continue
        own = reviewed.setdefault(event.key, {})
        if not event.status:
            own = reviewed[event.key] = {slot: one for slot, one in own.items() if one.action == "edit"}
        own.pop(event.slot, None)
        if event.action != "open":
            own[event.slot] = event
    found = {}
    for key in dict.fromkeys([*rules, *reviewed]):
        own_events = list(reviewed.get(key, {}).values())
        rule = rules.get(key)
        if rule is not None and not any(_overrides(one, rule) for one in own_events):
            own_events.insert(0, rule)
        if own_events:
            found[key] = own_events
    return found


def _overrides(reviewed: Event, rule: Event) -> bool:
    """Whether a reviewer's decision is on the matter of a rule's: on labels, for instance, as L001 and P001 are."""
    matter = {"P": "L"}
    first, other = (matter.get(code[:1], code[:1]) for code in (reviewed.code, rule.code))
    return not reviewed.status or first == other


def current_state(events: Iterable[Event]) -> dict[str, Event]:
    """Row key -> the event that decides what becomes of the row.

    Examples
    --------
    >>> log = [Event("a", "0", "drop", id=1), Event("a", "0", "keep", source="human", id=2),
    ...         Event("a", "0", "relabel", new="cat", id=3)]
    >>> current_state(log)["a"].action
    'keep'
    """
    return {
        key: max(reversed(some), key=lambda event: _DECIDING[event.action])
        for key, some in standing_events(events).items()
    }


@dataclass(frozen=True)
class ChildRow:
    """A row that was made from another one: its key, name and label, and the key of that one."""

    key: str
    row: str
    given: str
    parent: str


def with_children(decided: Mapping[str, Event], children: Iterable[ChildRow], parents: Mapping[str, Event]) -> State:
    """The decisions, and those that rows made from others take over: dropped with the parent, relabelled with it.

    What a reviewer decided about such a row itself goes before.

    Parameters
    ----------
    decided : row key -> the decision about the row itself.
    children : rows that were made from others.
    parents : key of a parent -> the decision about it.

    Examples
    --------
    >>> drop, child = Event("p", "r1", "drop", "D001"), ChildRow("c", "r1+1", "cat", "p")
    >>> with_children({}, [child], {"p": drop})["c"].note
    'made from row r1, which is dropped'
    >>> with_children({"c": Event("c", "r1+1", "keep", source="human")}, [child], {"p": drop})["c"].action
    'keep'
    """
    found = dict(decided)
    for child in children:
        event, own = parents.get(child.parent), decided.get(child.key)
        if event is None or event.action not in _TAKEN_OVER or (own is not None and own.source == "human"):
            continue
        note = f"made from row {event.row}, which is {_TAKEN_OVER[event.action]}"
        found[child.key] = replace(
            event, key=child.key, row=child.row, old=child.given, finding_id="", score=0.0, note=note
        )
    return found


def cell_edits(events: Iterable[Event]) -> dict[str, dict[str, Event]]:
    """Row key -> column -> the event that writes its cell.

    Examples
    --------
    >>> edit = Event("a", "0", "edit", "C001", field="age", new="42", status="edited", source="human", id=1)
    >>> cell_edits([edit])["a"]["age"].new
    '42'
    """
    found: dict[str, dict[str, Event]] = {}
    for key, some in standing_events(event for event in events if event.source == "human").items():
        for event in some:
            if event.action == "edit":
                found.setdefault(key, {})[event.field] = event
    return found


def counted_decisions(decided: Iterable[Event], n_rows: int) -> DecisionCounts:
    """How many of `n_rows` rows are kept, dropped, relabelled or set aside by the decision about each, and by code.

    A row without a decision is kept. ``by_code`` leaves out decisions without a finding;
    ``by_reviewers`` counts the rows that a reviewer decided.

    Examples
    --------
    >>> counted_decisions([Event("a", "0", "drop", code="L001")], 2)
    DecisionCounts(keep=1, drop=1, relabel=0, review=0, by_code={'L001': {'drop': 1}}, by_reviewers=0)
    """
    counts, by_code, by_reviewers = Counter[str](), dict[str, Counter[str]](), 0
    for event in decided:
        action = "keep" if event.action == "edit" else event.action
        counts[action] += 1
        by_reviewers += event.source == "human"
        if event.code:
            by_code.setdefault(event.code, Counter())[action] += 1
    counts["keep"] += n_rows - counts.total()
    return DecisionCounts(
        **{action: counts[action] for action in ACTIONS},
        by_code={code: dict(sorted(by_code[code].items())) for code in sorted(by_code)},
        by_reviewers=by_reviewers,
    )


def rule_changes(events: Iterable[Event], proposed: Iterable[Event]) -> list[Event]:
    """The proposals of a rule that are not in the log yet; rows that it no longer proposes to change are kept again.

    Auditing the same data twice therefore adds nothing to the log, and decisions of reviewers stay.
    """
    wanted = {event.key: event for event in proposed}
    logged = current_state(event for event in events if event.source == "rule")
    changes = [event for key, event in wanted.items() if key not in logged or _core(logged[key]) != _core(event)]
    for key, event in logged.items():
        if key not in wanted and event.action != "keep":
            changes.append(Event(key, event.row, "keep", old=event.old, version=event.version))
    return changes
