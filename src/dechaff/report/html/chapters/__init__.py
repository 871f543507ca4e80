"""The chapters of the report: the record reduced to the size of a page, ready for the templates."""
