"""The convolutional network does as the others; skipped, with the reason, where torch is not installed."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from dechaff.errors import MissingExtraError
from dechaff.methods.noise_robust.network import Training
from dechaff.methods.noise_robust.s_model import SModel
from dechaff.methods.noise_robust.torch_network import Convolutional
from dechaff.methods.noise_robust.training import NoisyRows, Trainer, WithLoss
from dechaff.recipe.noise_benchmark.problem import BenchmarkData, ByClass, Sizes
from dechaff.recipe.noise_benchmark.run_cells import Cell, NoisePlan, run_cell

try:
    import torch
except ImportError:
    torch = None
needs_torch = pytest.mark.skipif(torch is None, reason="torch is not installed: pip install 'dechaff[torch]'")
SHAPE = (3, 8, 8)
TRAINING = Training(architecture=Convolutional(SHAPE), epochs=4, batch=32)


def stripes(n: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Images with vertical or horizontal stripes at a random place: no single pixel tells them apart."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 2
    wave = np.where((np.arange(8) + rng.integers(4, size=n)[:, None]) % 4 < 2, 1.0, -1.0)
    images = np.where(labels[:, None, None] == 0, wave[:, :, None], wave[:, None, :])
    return np.repeat(images[:, None], 3, axis=1).reshape(n, -1) + 0.3 * rng.normal(size=(n, 192)), labels


@needs_torch
@pytest.mark.parametrize("trainer", [WithLoss(), SModel()], ids=["plain", "S-model"])
def test_it_learns_images_with_any_trainer_and_the_seed_decides(trainer: Trainer) -> None:
    images, labels = stripes()
    rows = NoisyRows.of(images, labels, 2, TRAINING)
    state = torch.random.get_rng_state()
    *_, last = (p(rows.features) for p in trainer.epochs(rows, TRAINING, np.random.default_rng(0)))
    *_, again = (p(rows.features) for p in trainer.epochs(rows, TRAINING, np.random.default_rng(0)))
    np.testing.assert_allclose(last.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(last, again, atol=1e-5)
    assert (last.argmax(axis=1) == labels).mean() > 0.95
    assert torch.equal(state, torch.random.get_rng_state())


@needs_torch
def test_the_benchmark_trains_it_on_images() -> None:
    images, labels = stripes(300)
    data = BenchmarkData("stripes", images, labels, shape=SHAPE)
    plan = NoisePlan(training=Training(epochs=4, batch=32), sizes=Sizes(200, 90), methods=NoisePlan().methods[:2])
    assert run_cell(Cell(data, ByClass(0.2), 0), plan)["accuracy"].min() > 0.8  # type: ignore[operator]


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match="torch"):
        Convolutional(SHAPE)(192, 2, TRAINING, np.random.default_rng(0))
