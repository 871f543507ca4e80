"""A proportion as a thin bar, for the cells of tables; the number is beside it, so the bar itself is decoration."""

from __future__ import annotations

from markupsafe import Markup

from dechaff.report.html.charts.svg import box, element


def share_bar(share: float | None, *, strong: bool = False) -> Markup:
    """A bar that is filled from the left by a proportion in [0, 1].

    Parameters
    ----------
    share : None or a value outside of [0, 1] is drawn as the nearest end.
    strong : True for the bar that is meant to be seen first.
    """
    filled = 100 * min(max(share or 0.0, 0.0), 1.0)
    return element(
        "svg",
        box(0, 0, 100, 8, "track"),
        box(0, 0, filled, 8, "fill-flag" if strong else "fill-plain"),
        class_="bar",
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        aria_hidden="true",
        focusable="false",
    )
