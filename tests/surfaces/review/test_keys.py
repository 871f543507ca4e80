"""The table of keys, and how people remap it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dechaff.errors import InputError
from dechaff.surfaces.review.keys import DEFAULT, DEFAULTS, read_keys, remapped
from dechaff.surfaces.review.server import review
from dechaff.surfaces.review.site import _templates
from tests.surfaces.review.conftest import Browser, opened


def test_every_key_does_one_thing() -> None:
    assert len(DEFAULT.actions) == sum(len(keys) for keys in DEFAULT.of.values())
    assert "Backspace" not in " ".join(DEFAULT.actions)


def test_every_action_is_on_a_page() -> None:
    names = _templates().list_templates(["jinja"])
    assert _templates().loader is not None
    sources = " ".join(_templates().loader.get_source(_templates(), name)[0] for name in names)  # type: ignore[union-attr]
    others = {name for name in DEFAULTS if name.startswith(("choice-", "extend-"))}
    shown = {name for name in DEFAULTS if f'"{name}"' in sources}
    assert shown == set(DEFAULTS) - others


def test_a_key_that_is_taken_is_lost_to_an_action_that_has_another_one() -> None:
    keys = remapped({"keep": "k", "relabel": "r"})
    assert (keys.of["keep"], keys.of["relabel"], keys.of["previous"]) == (("k",), ("r",), ("ArrowUp",))
    assert (keys.actions["k"], keys.actions["r"]) == ("keep", "relabel")
    assert "q" not in keys.actions


def test_two_actions_swap_their_keys() -> None:
    keys = remapped({"exclude": "q", "keep": "e"})
    assert (keys.actions["q"], keys.actions["e"]) == ("exclude", "keep")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Shift+j", "J"), ("ctrl+S", "Control+s"), ("space", "Space"), ("shift+enter", "Shift+Enter"), ("F2", "F2"),
        ("ß", "ß"), ("v x", "v x"), ("+", "+"), ("Shift+Ctrl+z", "Shift+Control+z"), ("delete", "Delete"),
    ],
)  # fmt: skip
def test_keys_are_read_as_people_write_them(text: str, key: str) -> None:
    changes = {"keep": text} if key != "Shift+Enter" and key != "Shift+Control+z" and key != "J" else {}
    assert remapped(changes or {"keep": text, "accept-many": "m", "redo": "y", "extend-next": "M"}).of["keep"] == (key,)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"keeps": "k"}, "the action in keys must be one of the page; found 'keeps'"),
        ({"keep": "e"}, "keys must do one thing each; found e, for both exclude and keep"),
        ({"keep": "m", "edit": "m"}, "found m, for both keep and edit"),
        ({"keep": "g"}, "found g, for both keep and labels"),
        ({"keep": "Backspace"}, "keys.keep must be a key such as k"),
        ({"keep": "Tab"}, "keys.keep must be a key"),
        ({"keep": "Hyper+k"}, "keys.keep must be a key"),
        ({"keep": ""}, "keys.keep must be a key or a list of keys"),
        ({"keep": []}, "keys.keep must be a key or a list of keys"),
        ({"keep": 5}, "keys.keep must be a key or a list of keys"),
    ],
)
def test_clashes_and_unknown_names_are_refused(changes: dict[str, str], says: str) -> None:
    with pytest.raises(InputError) as found:
        remapped(changes)
    assert says in str(found.value)


def test_the_command_line_takes_pairs_or_a_toml_file(tmp_path: Path) -> None:
    assert read_keys("") == {}
    assert read_keys("keep=k, relabel=r") == {"keep": "k", "relabel": "r"}
    assert read_keys("keep==") == {"keep": "="}
    file = tmp_path / "keys.toml"
    file.write_text('[keys]\nkeep = "k"\nundo = ["U", "Control+z"]\n')
    assert read_keys(str(file)) == {"keep": "k", "undo": ["U", "Control+z"]}
    file.write_text('keep = "k"\n')
    assert read_keys(str(file)) == {"keep": "k"}


@pytest.mark.parametrize("text", ["keep", "keep=", "keep=k,,", "none.toml"])
def test_what_is_no_list_of_keys_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="Write it as in --keys keep=k,relabel=r"):
        read_keys(text)


def test_an_action_that_is_none_is_answered_with_all_of_them() -> None:
    with pytest.raises(InputError, match=r"Did you mean zoom\? There are: accept, keep, .*help"):
        read_keys("foo=z")


def test_a_file_of_keys_that_is_absent_is_said_in_words() -> None:
    with pytest.raises(InputError, match=r"^Cannot read the keys in none.toml: No such file or directory\."):
        read_keys("none.toml")


def test_a_broken_file_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.write_text('keep = "k"\nedit = \n')
    with pytest.raises(InputError, match="line 2"):
        read_keys(str(file))


def test_remapped_keys_are_on_the_controls_and_in_the_list(run: Path) -> None:
    served = review(run, keys={"keep": "k", "relabel": "r", "labels": "t l"})
    browser: Browser = opened(served)
    content = browser.page("/?codes=L001&status=open")
    assert 'data-act="keep" aria-keyshortcuts="k">Keep as is <kbd>k</kbd>' in content
    assert "Class <kbd>r</kbd>" in content
    assert "<kbd>k</kbd> </th><td>keep as is: no issue</td>" in content
    assert "<kbd>↑</kbd> </th><td>previous finding</td>" in content
    assert "Labels <kbd>t l</kbd>" in content
    served.close()
