"""The noisy-label benchmark: changing the data against changing the model, by one protocol for all."""
