"""The charts of the report: inline SVG, one file per chart; colours come from the style sheet of the page."""
