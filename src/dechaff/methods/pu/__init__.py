"""Learning from positive and unlabelled rows: which rows are positive, and how many."""
