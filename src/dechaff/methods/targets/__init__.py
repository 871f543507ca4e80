"""Numbers to be predicted: which of them are wrong."""
