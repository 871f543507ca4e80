"""What reviews of some rows imply for all labels: which rows to review, what they prove, when to stop."""
