"""Benchmarks that run on your own data: methods for noisy labels, by one protocol."""

from dechaff.api.noise_benchmark import NoiseResults, bench_noise
from dechaff.methods.noise_robust.network import Training
from dechaff.recipe.noise_benchmark.problem import BenchmarkData, Sizes
from dechaff.recipe.noise_benchmark.run_cells import NoisePlan
from dechaff.recipe.noise_benchmark.sources import benchmark_data

__all__ = ["BenchmarkData", "NoisePlan", "NoiseResults", "Sizes", "Training", "bench_noise", "benchmark_data"]
