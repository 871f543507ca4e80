"""What labels are for: classes, or labelled positives and unlabelled rows."""
