"""What each training row is worth to a model."""
