"""Training on noisy labels as they are: corrected and robust losses, and ways to train that doubt some rows.

The baselines of the noisy-label benchmark, on one small network. A loss is a frozen object that returns the gradient by
the logits; what needs two networks, or a state over the epochs, is a trainer.
"""
