"""The report as one HTML file, and its short form for notebooks."""

from dechaff.report.html.page import render_fragment, render_html

__all__ = ["render_fragment", "render_html"]
