import numpy as np

from dechaff.methods.features.knockoffs import gaussian_knockoffs, knockoff_selection


def chain(n: int, d: int, rho: float, seed: int) -> np.ndarray:
    """Columns of which each is correlated with the one before it."""
    noise = np.random.default_rng(seed).normal(size=(n, d))
    for at in range(1, d):
        noise[:, at] = rho * noise[:, at - 1] + np.sqrt(1 - rho**2) * noise[:, at]
    return noise


def test_a_knockoff_is_as_correlated_with_the_others_as_its_column() -> None:
    features = chain(40_000, 5, 0.5, seed=0)
    given, made = np.corrcoef(features.T), np.corrcoef(np.hstack([features, gaussian_knockoffs(features)]).T)
    off = ~np.eye(5, dtype=bool)
    assert np.abs(made[5:, 5:] - given).max() < 0.03
    assert np.abs((made[:5, 5:] - given)[off]).max() < 0.03


def test_it_keeps_scale_and_centre_and_survives_copies_and_constants() -> None:
    column = np.random.default_rng(1).normal(50, 9, size=500)
    made = gaussian_knockoffs(np.stack([column, column, np.full(500, 3.0)], axis=1))
    assert np.isfinite(made).all()
    assert np.abs(made[:, 0].mean() - 50) < 2


def test_the_threshold_counts_one_false_discovery_in_advance() -> None:
    # Nine that beat their knockoffs by far: (1 + 0) / 9 > 0.1, so none; ten: 1 / 10, so all.
    assert not knockoff_selection(np.full(9, 3.0)).any()
    assert knockoff_selection(np.full(10, 3.0)).all()
    # One knockoff that wins by 3 stands for another column that won by 3 by luck: (1 + 1) / 11 > 0.1.
    assert not knockoff_selection(np.array([3.0] * 11 + [-3.0])).any()
    assert knockoff_selection(np.array([3.0] * 11 + [-1.0])).sum() == 11


def test_the_false_discovery_rate_is_kept_with_many_relevant_columns() -> None:
    false, power = [], []
    for seed in range(100, 140):
        features = chain(1500, 60, 0.3, seed)
        target = features[:, :20] @ np.where(np.arange(20) % 2, 1.0, -1.0) + np.random.default_rng(seed).normal(
            size=1500
        )
        both = np.hstack([features, gaussian_knockoffs(features, seed=seed)])
        slope = np.abs(np.linalg.lstsq(both, target, rcond=None)[0])
        chosen = knockoff_selection(slope[:60] - slope[60:], rate=0.1)
        false.append(chosen[20:].sum() / max(chosen.sum(), 1))
        power.append(chosen[:20].mean())
    assert np.mean(false) <= 0.1
    assert np.mean(power) >= 0.95
