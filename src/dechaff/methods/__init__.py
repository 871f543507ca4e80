"""What the field knows: arrays in, arrays out; one file a method, one folder a question."""
