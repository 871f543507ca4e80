"""The parts that all reports share: the record that they are written from, texts, numbers, and the JSON form."""
