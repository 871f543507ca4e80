"""One score a sentence, from those of its tokens."""

from __future__ import annotations

import numpy as np

from dechaff.methods.token_labels.sentences import Sentences, SentenceScore
from dechaff.typing import Score


def worst_token(score: Score, sentences: Sentences) -> SentenceScore:
    """The score of the token most to be doubted; 0 for an empty sentence.

    Parameters
    ----------
    score : (n,) float
        Of the tokens, higher = look first.
    sentences : Sentences
        Their lengths.

    Returns
    -------
    (sentences,) float
        Higher = look at this sentence first.

    Source
    ------
    Wang, Mueller (2022), DCAI workshop, label errors in token classification, worst token.

    Examples
    --------
    >>> import numpy as np
    >>> worst_token(np.array([0.1, 0.7, 0.2]), Sentences(np.array([2, 0, 1])))
    array([0.7, 0. , 0.2])
    """
    return sentences.reduced(score, np.maximum.reduceat, 0.0)


def any_error(log_odds: Score, sentences: Sentences) -> SentenceScore:
    """Probability that a sentence has an error, were its tokens independent; 0 for an empty one.

    Adds up over long sentences of small doubts. As a probability of the whole it is right; to order the sentences
    `worst_token` measured better.

    Parameters
    ----------
    log_odds : (n,) float
        Of each token being wrong.
    sentences : Sentences
        Their lengths.

    Returns
    -------
    (sentences,) float in [0, 1]

    Source
    ------
    The noisy-or of Pearl (1988), Probabilistic Reasoning in Intelligent Systems.

    Examples
    --------
    >>> import numpy as np
    >>> any_error(np.array([0.0, 0.0]), Sentences(np.array([2])))
    array([0.75])
    """
    right = sentences.reduced(-np.logaddexp(0, log_odds), np.add.reduceat, 0.0)
    return np.asarray(-np.expm1(right))
