"""What each chapter of the report shows: the record cut down to what a page can hold, ready for the templates."""
