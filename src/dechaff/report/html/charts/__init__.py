"""The charts of the report: inline SVG, one file a chart; colours come from the style sheet of the page."""
