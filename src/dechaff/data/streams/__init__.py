"""Files that are larger than memory, as parts that can be read anywhere, and answers that go out as files."""
