"""Near copies of texts against datasketch: CPU time, memory, recall and precision; and how both grow with the rows.

Texts are runs of 30 words of real film reviews; of 4 % of them there is a copy with up to six words replaced, whose
Jaccard similarity (sets of three-word runs) is worked out from the words. datasketch is given the same words, and
makes and asks its index as its documentation shows; it has no step that verifies what the index names. A pair counts
as found where it is named. Every run is a process of its own, in turns; medians. "Beside" is the peak of resident
memory beyond the texts.

    uv run --with datasketch python -m benchmarks.near_texts REVIEWS [--rows 50000] [--rounds 3] [--grow 100000 500000]

REVIEWS is a Parquet file with a column ``text``.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
from benchmarks._peak_memory import peak_bytes, peak_bytes_from_here

WORDS, COPIED, MOST_REPLACED = 30, 0.04, 6
LEAST = 0.7
_WORD = re.compile(r"[^\W_]+")
Pairs = npt.NDArray[np.int64]


def made(reviews: Path, n: int, seed: int = 0) -> tuple[list[str], Pairs]:
    """Texts in random order, and the pairs of each copied text with its copy."""
    rng = np.random.default_rng(seed)
    runs = _runs(reviews)
    n_copies = int(COPIED * n)
    rows = [runs[place] for place in rng.permutation(len(runs))[: n - n_copies]]
    while len(rows) < n - n_copies:  # more than there are: thirds of three of them
        parts = [runs[place] for place in rng.integers(len(runs), size=3)]
        rows.append(parts[0][:10] + parts[1][10:20] + parts[2][20:])
    for place in range(n_copies):
        copy = list(rows[place])
        for at in rng.integers(WORDS, size=rng.integers(MOST_REPLACED + 1)):
            copy[at] = rows[int(rng.integers(n - n_copies))][at]
        rows.append(copy)
    order = rng.permutation(n)
    new = np.argsort(order)
    pairs = np.stack([new[:n_copies], new[n - n_copies :]], axis=1)
    return [" ".join(rows[place]) for place in order], np.sort(pairs, axis=1)


def _runs(reviews: Path) -> list[list[str]]:
    import polars as pl

    texts = pl.read_parquet(reviews, columns=["text"])["text"].to_list()
    words = [text.replace("<br />", " ").split() for text in texts]
    return [some[at : at + WORDS] for some in words for at in range(0, len(some) - WORDS + 1, WORDS)]


def shingle_set(text: str) -> set[tuple[str, ...]]:
    """Three-word runs, by the plainest means."""
    words = _WORD.findall(text.casefold())
    return {tuple(words[at : at + 3]) for at in range(max(1, len(words) - 2))}


def similarity(one: str, other: str) -> float:
    """Jaccard similarity of two texts."""
    left, right = shingle_set(one), shingle_set(other)
    return len(left & right) / len(left | right)


def by_dechaff(texts: list[str]) -> Pairs:
    """Pairs by `near_texts`."""
    from dechaff.methods.duplicates.near_texts import near_texts

    return near_texts(np.array(texts, dtype=object), min_similarity=LEAST).pairs


def by_dechaff_in_files(texts: list[str]) -> Pairs:
    """Pairs by the same folds over keys in files, chunk by chunk."""
    from dechaff.backends import local
    from dechaff.core.parts import numbered
    from dechaff.core.source import ArraySource
    from dechaff.data.streams.frame_files import ScratchSink
    from dechaff.methods.duplicates.near_texts import near_texts_of
    from dechaff.methods.duplicates.text_keys import TextKeys

    source = ArraySource({"texts": np.array(texts, dtype=object)}, chunk_rows=20_000)
    with tempfile.TemporaryDirectory() as folder:
        sink = ScratchSink(Path(folder))
        local.row_map(TextKeys(), source, sink=sink)
        run_texts = partial(local.fold, source=numbered(source))
        run_keys = partial(local.fold, source=sink.written(len(texts)))
        return near_texts_of(run_texts, run_keys, len(texts), min_similarity=LEAST).pairs


def by_datasketch(texts: list[str], *, n_hashes: int = 128, bands: tuple[int, int] | None = None) -> Pairs:
    """Pairs that the index of datasketch names."""
    datasketch: Any = import_module("datasketch")
    found = []
    index = datasketch.MinHashLSH(threshold=LEAST, num_perm=n_hashes, params=bands)
    words = (_WORD.findall(text.casefold()) for text in texts)
    sets = ([" ".join(some[at : at + 3]).encode() for at in range(max(1, len(some) - 2))] for some in words)
    for row, sketch in enumerate(datasketch.MinHash.generator(sets, num_perm=n_hashes)):
        found += [(other, row) for other in index.query(sketch)]
        index.insert(row, sketch, check_duplication=False)
    return np.array(found, dtype=np.int64).reshape(-1, 2)


WAYS: dict[str, Callable[[list[str]], Pairs]] = {
    "datasketch": by_datasketch,
    "datasketch, 20 bands of 5": partial(by_datasketch, n_hashes=100, bands=(20, 5)),
    "dechaff": by_dechaff,
    "dechaff, keys in files": by_dechaff_in_files,
}


@dataclass(frozen=True)
class Run:
    """What one process took, and the pairs it named."""

    cpu: float
    beside: float
    pairs: Pairs


def measured(way: str, texts: Path, out: Path) -> None:
    """In a process of its own: the costs on stdout, the pairs in a file."""
    rows: list[str] = json.loads(texts.read_text())
    WAYS[way](rows[:100])  # imports
    before, start = peak_bytes_from_here() / 2**20, time.process_time()
    pairs = WAYS[way](rows)
    cpu = time.process_time() - start
    np.save(out, pairs)
    print(json.dumps({"cpu": cpu, "beside": peak_bytes() / 2**20 - before}))


def run(way: str, texts: Path) -> Run:
    """One way in a process of its own."""
    out = texts.with_suffix(".npy")
    command = [sys.executable, "-m", "benchmarks.near_texts", "--way", way, "--texts", str(texts), "--out", str(out)]
    cost = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return Run(cost["cpu"], cost["beside"], np.load(out))


def against(reviews: Path, n: int, rounds: int, folder: Path) -> None:
    """The table against datasketch."""
    texts, copies = made(reviews, n)
    path = folder / "texts.json"
    path.write_text(json.dumps(texts))
    alike = np.array([similarity(texts[one], texts[other]) for one, other in copies])
    wanted = {tuple(pair) for pair in copies[alike >= LEAST].tolist()}
    runs: dict[str, list[Run]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            runs[way].append(run(way, path))
    print(f"\n{n:,} texts, {len(wanted):,} copies of similarity {LEAST} or more\n")
    print("| way | CPU s | against datasketch | beside, MB | pairs named | recall | precision |")
    print("|---|---|---|---|---|---|---|")
    rival = median(one.cpu for one in runs["datasketch"])
    for way, some in runs.items():
        named = {tuple(sorted(pair)) for pair in some[0].pairs.tolist()}
        right = sum(similarity(texts[one], texts[other]) >= LEAST for one, other in named)
        cpu, beside = median(one.cpu for one in some), median(one.beside for one in some)
        recall, precision = len(wanted & named) / len(wanted), right / max(1, len(named))
        shares = f"{rival / cpu:.1f} × | {beside:.0f} | {len(named):,} | {recall:.3f} | {precision:.3f}"
        print(f"| {way} | {cpu:.2f} | {shares} |")


def grow(reviews: Path, sizes: list[int], folder: Path) -> None:
    """How the cost grows with the rows."""
    print("\n| texts | way | CPU s | µs per text | beside, MB | bytes per text |\n|---|---|---|---|---|---|")
    for n in sizes:
        path = folder / "texts.json"
        path.write_text(json.dumps(made(reviews, n)[0]))
        for way in ("dechaff", "dechaff, keys in files"):
            cost = run(way, path)
            per_text = f"{1e6 * cost.cpu / n:.1f} | {cost.beside:.0f} | {cost.beside * 2**20 / n:.0f}"
            print(f"| {n:,} | {way} | {cost.cpu:.2f} | {per_text} |", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reviews", nargs="?", type=Path)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--grow", nargs="*", type=int, default=[100_000, 500_000])
    for name in ("--way", "--texts", "--out"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.way:
        measured(chosen.way, Path(chosen.texts), Path(chosen.out))
        return
    with tempfile.TemporaryDirectory() as folder:
        against(chosen.reviews, chosen.rows, chosen.rounds, Path(folder))
        grow(chosen.reviews, chosen.grow, Path(folder))


if __name__ == "__main__":
    main()
