"""Audit a data frame, look at the worst rows, and prove that the fix helps.

The data are the digits of scikit-learn; every tenth label is swapped on purpose, so that we know what is right.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from sklearn.datasets import load_digits

import dechaff


def main() -> None:
    """Audit, apply, prove."""
    digits = load_digits()
    columns = {f"pixel_{place:02d}": digits.data[:, place] for place in range(digits.data.shape[1])}
    frame = pl.DataFrame(columns | {"digit": digits.target.astype(str)})
    train, test = frame[:900], frame[900:]

    rng = np.random.default_rng(0)
    swapped = rng.choice(len(train), 90, replace=False)
    labels = train["digit"].to_numpy().copy()
    labels[swapped] = rng.permutation(labels[swapped])
    noisy = train.with_columns(digit=pl.Series(labels))
    wrong = set(np.flatnonzero(labels != train["digit"].to_numpy()).tolist())

    audit = dechaff.audit(noisy, label="digit")
    flagged = {int(row) for row in audit.findings.filter(pl.col("code") == "L001")["row"]}
    print(f"{len(wrong)} labels are wrong; {len(flagged)} were flagged, {len(flagged & wrong)} of them rightly")

    proof = dechaff.prove(noisy, audit.apply(), test, label="digit")
    print(proof.words)


if __name__ == "__main__":
    main()
