"""Whether a model weighs or draws the classes anew, so that its scores are no probabilities of a label."""

from __future__ import annotations

from typing import Any

_NEUTRAL: dict[str, tuple[object, ...]] = {
    "class_weight": (None,),
    "class_weights": (None,),
    "auto_class_weights": (None, "None"),
    "scale_pos_weight": (None, 1, 1.0),
    "is_unbalance": (None, False),
}
"""Parameter, by the last part of its name -> the values that leave the classes as they are."""


def reweighting_of(model: Any) -> str:
    """What was seen, as words for a sentence; "" for nothing.

    Looks at parameters of scikit-learn, LightGBM, XGBoost and CatBoost, also inside pipelines, and for steps that
    resample, as those of imbalanced-learn do.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> reweighting_of(make_pipeline(LogisticRegression(class_weight="balanced")))
    "class_weight='balanced'"
    >>> reweighting_of(LogisticRegression())
    ''
    """
    if not hasattr(model, "get_params"):
        return ""
    for name, value in sorted(model.get_params().items()):
        last = name.rpartition("__")[2]
        if last in _NEUTRAL and not any(value is one or value == one for one in _NEUTRAL[last]):
            return f"{last}={value!r}"
        if hasattr(value, "fit_resample"):
            return f"a step {type(value).__name__} that resamples"
    return ""
