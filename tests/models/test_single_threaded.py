import warnings

import pytest

from dechaff.models.single_threaded import single_threaded


def test_warnings_are_silent_even_while_another_thread_has_emptied_the_filters(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = warnings.showwarning
    with single_threaded(), warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.warn("not to be seen", UserWarning, stacklevel=1)
    assert "not to be seen" not in capsys.readouterr().err
    assert warnings.showwarning is before
