"""cleanlab's ``token_classification.filter``."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from dechaff.compat.cleanlab.experimental.label_issues_batched import find_label_issues_batched
from dechaff.compat.cleanlab.filter import find_label_issues as find_class_issues
from dechaff.errors import InputError
from dechaff.methods.token_labels.sentence_score import Sentences


def find_label_issues(
    labels: Any,
    pred_probs: Any,
    *,
    return_indices_ranked_by: str = "self_confidence",
    low_memory: bool = False,
    **kwargs: Any,
) -> list[tuple[int, int]]:
    """(sentence, token) of each issue, the one of lowest quality first; `kwargs` are those of ``filter``."""
    codes, probs, where = flat_tokens(labels, pred_probs)
    if low_memory:
        quality = {"method": return_indices_ranked_by}
        tokens = find_label_issues_batched(codes, probs, quality_score_kwargs=quality, verbose=False)
    else:
        tokens = find_class_issues(codes, probs, return_indices_ranked_by=return_indices_ranked_by, **kwargs)
    of = where.of_token[tokens]
    return list(zip(of.tolist(), (tokens - where.starts[of]).tolist(), strict=True))


def flat_tokens(labels: Any, pred_probs: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any], Sentences]:
    """Labels (n,) and probabilities (n, k) of the tokens of all sentences, one after the other."""
    lengths, found = [len(one) for one in labels], [len(one) for one in pred_probs]
    if lengths != found:
        place = next((at for at, pair in enumerate(zip(lengths, found, strict=False)) if pair[0] != pair[1]), None)
        shown = f"{len(lengths)} and {len(found)} sentences" if place is None else f"other lengths in sentence {place}"
        fix = "Check that both come from the same sentences, cut into the same tokens."
        raise InputError("labels and pred_probs", "have the same sentences and tokens", shown, fix)
    full = [np.asarray(one) for one in pred_probs if len(one)]
    codes = np.array([label for sentence in labels for label in sentence])
    return codes, np.concatenate(full) if full else np.zeros((0, 2)), Sentences(np.array(lengths, dtype=np.int64))
