"""The report in short, as Markdown for a pull request or an issue."""

from dechaff.report.markdown.page import render_markdown

__all__ = ["render_markdown"]
