"""What people's verdicts on some rows teach about all labels: which rows to read, what they prove, when to stop."""
