"""Did the data get better? Scores row by row, paired intervals, a random control: what a proof is made of."""
