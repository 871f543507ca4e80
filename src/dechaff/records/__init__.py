"""What was found and decided: codes, findings, decisions, and the run folder that holds them."""
