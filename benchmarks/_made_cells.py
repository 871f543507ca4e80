"""Tables with errors in known cells: several sources that report the same flights, and slips in clean tables."""

from __future__ import annotations

import numpy as np

Cells = dict[str, np.ndarray]


def flights(
    *, n_flights: int = 90, n_sites: int = 28, seed: int = 0, copying: float = 0.3, leaders: int = 4
) -> tuple[Cells, Cells]:
    """What web sites say of flights, and the truth: they err, are silent, copy, and write times in several ways.

    ``copying`` is the fraction of sites that copy one of the first ``leaders``. With half of them behind one or two
    sites that err as often as not, the majority is often wrong, as it is in the set of the literature.
    """
    rng = np.random.default_rng(seed)
    names = ("scheduled departure", "actual departure", "scheduled arrival", "actual arrival")
    truth = {name: rng.integers(0, 1440, n_flights) for name in names}
    rows = [(flight, site) for site in range(n_sites) for flight in range(n_flights) if rng.random() < 0.95]
    accuracy, silence = rng.uniform(0.45, 0.98, n_sites), rng.uniform(0.0, 0.4, n_sites)
    copied = np.where(rng.random(n_sites) < copying, rng.integers(0, leaders, n_sites), -1)
    if copying > 0.5:
        accuracy[:leaders] = rng.uniform(0.2, 0.6, leaders)
    dated = rng.random(n_sites) < 0.15
    said: dict[tuple[int, int, str], int] = {}
    dirty: Cells = {"site": np.array([f"site{site}" for _, site in rows], dtype=object),
                    "flight": np.array([f"AA-{1000 + 37 * flight}" for flight, _ in rows], dtype=object)}  # fmt: skip
    clean = dict(dirty)
    for name in names:
        cells, right = [], []
        for flight, site in rows:
            true = int(truth[name][flight])
            value = true if rng.random() < accuracy[site] else int(true + rng.integers(5, 90)) % 1440
            if copied[site] >= 0 and rng.random() < 0.8:
                value = said.get((flight, int(copied[site]), name), value)
            said[flight, site, name] = value
            silent = rng.random() < silence[site]
            cells.append("" if silent else ("12/02/2011 " if dated[site] else "") + clock(value))
            right.append(clock(true))
        dirty[name], clean[name] = np.array(cells, dtype=object), np.array(right, dtype=object)
    return dirty, clean


def clock(minutes: int) -> str:
    """A time such as 7:10 a.m."""
    hour, half = minutes // 60, "a.m." if minutes < 720 else "p.m."
    return f"{(hour - 1) % 12 + 1}:{minutes % 60:02} {half}"


SLIPS = ("typo", "scale", "far", "placeholder", "case", "unit", "letter", "swap")


def with_slips(clean: Cells, *, rate: float = 0.02, seed: int = 0) -> tuple[Cells, Cells]:
    """A table with errors in some of its cells, of eight kinds in turn; each changes what the cell says.

    A word gets a typing error, another case or a blank, or a placeholder; a number becomes ten to a thousand times as
    large, far, a code for "missing", gets a unit or a letter for a digit. One error in eight puts another value of
    the column into the cell.
    """
    rng = np.random.default_rng(seed)
    names, n = list(clean), len(next(iter(clean.values())))
    dirty = {name: column.copy() for name, column in clean.items()}
    numeric = {name: is_numeric(column) for name, column in clean.items()}
    for cell in rng.choice(n * len(names), int(rate * n * len(names)), replace=False).tolist():
        row, name = cell // len(names), names[cell % len(names)]
        value = str(clean[name][row])
        if value:
            dirty[name][row] = slip(value, clean[name], numeric[name], rng)
    return dirty, clean


def is_numeric(column: np.ndarray) -> bool:
    """Whether all cells are numbers, of more than ten kinds."""
    try:
        return len(set(map(float, filter(None, column.tolist())))) > 10
    except ValueError:
        return False


def slip(value: str, column: np.ndarray, numeric: bool, rng: np.random.Generator) -> str:
    """Another text than the value."""
    kind = int(rng.integers(8))
    if kind == 0:
        others = [one for one in rng.choice(column, 20).tolist() if one and one != value]
        return others[0] if others else value + "x"
    if kind == 1:
        return str(rng.choice(["-999", "9999", "N/A"] if numeric else ["N/A", "?", "-999", "unknown"]))
    return slip_of_number(value, kind, rng) if numeric else slip_of_word(value, kind, rng)


def slip_of_number(value: str, kind: int, rng: np.random.Generator) -> str:
    """A number ten to a thousand times as large, with a unit, a letter in it, or a comma."""
    if kind in (2, 3, 4):
        factor = float(rng.choice([10, 100, 1000]))
        made = f"{float(value) * factor:.10g}"
        return made if made != value else f"{factor:.10g}"
    if kind == 5:
        return f"{value} {rng.choice(['kg', 'cm', '%'])}"
    if kind == 6:
        at = int(rng.integers(len(value)))
        return value[:at] + str(rng.choice(list("OlxS"))) + value[at + 1 :]
    return value.replace(".", ",") if "." in value else value + ",0"


def slip_of_word(value: str, kind: int, rng: np.random.Generator) -> str:
    """A word with a letter left out, doubled, swapped or replaced, in another case, or with a sign behind it."""
    if kind in (2, 3, 4) and len(value) > 3:
        at, letter = int(rng.integers(1, len(value))), str(rng.choice(list("abcdefghijklmnopqrstuvwxyz")))
        swapped = value[: at - 1] + value[at] + value[at - 1] + value[at + 1 :]
        made = [value[:at] + value[at + 1 :], value[:at] + letter + value[at:], value[:at] + letter + value[at + 1 :]]
        return next((one for one in rng.permutation([*made, swapped]).tolist() if one != value), value + letter)
    if kind in (5, 6):
        return next((one for one in (value.upper(), value.lower(), value + " ") if one != value), value)
    return value + str(rng.choice(list("#*;.x")))
