"""The report as one HTML file, and its short form for notebooks."""

from dechaff.surfaces.html.fragment import render_fragment
from dechaff.surfaces.html.page import render_html

__all__ = ["render_fragment", "render_html"]
