"""What every report says, whatever its form: the record it reads, its words, its numbers, and the JSON form."""
