"""What to predict if classes are rare: the probabilities stay, and the rule that turns them into labels changes."""
