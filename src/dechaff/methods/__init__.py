"""What the field knows: arrays in, arrays out; one file per method, one folder per question."""
