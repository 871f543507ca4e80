"""The truth from answers of several people, of whom none is always right."""
