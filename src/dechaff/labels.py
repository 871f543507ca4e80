"""Wrong labels of every kind: the functions that find them in memory and in files, and their results."""

from dechaff.api.crowd import Consensus
from dechaff.api.labels.box import BoxErrors, find_box_errors
from dechaff.api.labels.estimates import Estimate, Stopping
from dechaff.api.labels.item_result import Result
from dechaff.api.labels.multi import MultilabelErrors, find_multilabel_errors
from dechaff.api.labels.pixel import ImagePixels, PixelErrors, find_pixel_errors
from dechaff.api.labels.result import LabelResult
from dechaff.api.labels.single import LabelErrors, find_label_errors
from dechaff.api.labels.soft import SoftLabelErrors, find_soft_label_errors
from dechaff.api.labels.streams import ConfidentScores, LabelScores, stream_confident_learning, stream_label_errors
from dechaff.api.labels.target import TargetErrors, find_target_errors
from dechaff.api.labels.token import TokenErrors, find_token_errors
from dechaff.api.next_label import NextToLabel
from dechaff.methods.label_reviews.review_budget import Budget

__all__ = [
    "BoxErrors",
    "Budget",
    "ConfidentScores",
    "Consensus",
    "Estimate",
    "ImagePixels",
    "LabelErrors",
    "LabelResult",
    "LabelScores",
    "MultilabelErrors",
    "NextToLabel",
    "PixelErrors",
    "Result",
    "SoftLabelErrors",
    "Stopping",
    "TargetErrors",
    "TokenErrors",
    "find_box_errors",
    "find_label_errors",
    "find_multilabel_errors",
    "find_pixel_errors",
    "find_soft_label_errors",
    "find_target_errors",
    "find_token_errors",
    "stream_confident_learning",
    "stream_label_errors",
]
