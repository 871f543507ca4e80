"""Learning from labelled positives and rows without a label: what is positive, and how many."""
