"""A small convolutional network for images, in torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dechaff.core.torch_extra import imported_torch
from dechaff.methods.noise_robust.network import Floats, Training

_AT_ONCE = 2048


@dataclass(frozen=True)
class Convolutional:
    """An `Architecture` for rows of pixels: three convolutions of 3 x 3 with pooling, and a linear layer.

    Layers are normalised in groups of channels within each image, so that predictions never depend on the batch. It
    trains on a GPU if there is one. Requires torch: ``pip install 'dechaff[torch]'``.

    Source
    ------
    Wu, He (2018), ECCV, for the normalisation; Loshchilov, Hutter (2019), ICLR, for the steps.
    """

    shape: tuple[int, int, int]
    """Channels, rows and columns of an image."""

    def __call__(self, n_features: int, n_classes: int, training: Training, rng: np.random.Generator) -> TorchNetwork:
        """A network with random weights."""
        return TorchNetwork(self.shape, n_classes, training, int(rng.integers(2**31)))


class TorchNetwork:
    """As `Network`."""

    def __init__(self, shape: tuple[int, int, int], n_classes: int, training: Training, seed: int) -> None:
        torch = imported_torch()
        self.torch, self.shape, self.training, self.epoch = torch, shape, training, 0
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.module = _module(torch, shape[0], n_classes).to(self.device)
        self.steps = torch.optim.AdamW(self.module.parameters(), lr=training.rate, weight_decay=training.decay)

    @property
    def rate(self) -> float:
        """The learning rate of this epoch."""
        return self.training.rate_at(self.epoch)

    def probs(self, features: Floats) -> Floats:
        """(m, k) probabilities of the classes."""
        with self.torch.no_grad():
            starts = range(0, max(len(features), 1), _AT_ONCE)
            parts = [self._logits(features[start : start + _AT_ONCE]).softmax(dim=1).cpu().numpy() for start in starts]
        return np.concatenate(parts)

    def step(self, features: Floats, slope: Floats) -> None:
        """One step, given the gradient (m, k) of the loss of each row by its logits."""
        for group in self.steps.param_groups:
            group["lr"] = self.rate
        self.steps.zero_grad()
        logits = self._logits(features)
        logits.backward(self.torch.as_tensor(slope / len(slope), dtype=logits.dtype, device=self.device))
        self.steps.step()

    def _logits(self, features: Floats) -> Any:
        pixels = self.torch.as_tensor(np.ascontiguousarray(features, dtype=np.float32), device=self.device)
        return self.module(pixels.reshape(-1, *self.shape))


def _module(torch: Any, channels: int, n_classes: int) -> Any:
    nn, layers = torch.nn, []
    for before, after in ((channels, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.GroupNorm(8, after), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, n_classes))
