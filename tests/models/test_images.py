import base64
import io
import sys

import numpy as np
import pytest

from dechaff.errors import DataError, MissingExtraError
from dechaff.models.choose import candidate_models
from dechaff.models.images import image_fault, image_measures, thumbnail
from tests.models.tables import column, table


def stripes(folder, n=40):
    image = pytest.importorskip("PIL.Image")
    random = np.random.default_rng(0)
    codes = np.arange(n) % 2
    paths = []
    for row, code in enumerate(codes):
        wave = np.sin(np.arange(20) * 1.5 + random.random() * 6)
        picture = np.tile(wave, (20, 1)) if code else np.tile(wave[:, None], (1, 20))
        paths.append(str(folder / f"{row}.png"))
        image.fromarray(((picture + 1) * 120 + random.random((20, 20)) * 10).astype(np.uint8)).save(paths[-1])
    return paths, codes


def test_directions_of_edges_are_learnt_and_a_broken_image_is_average(tmp_path):
    paths, codes = stripes(tmp_path)
    (tmp_path / "0.png").write_bytes(b"broken")
    rows = table(column("image", "image", paths))
    probs = candidate_models(rows)[0].bind(rows, None, 2, seed=0)(np.arange(20), codes[:20], np.arange(20, 40))
    assert (probs.argmax(axis=1) == codes[20:]).mean() == 1


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF"])
def test_an_image_that_is_cut_off_is_told_from_a_whole_one(tmp_path, format):
    image = pytest.importorskip("PIL.Image")
    path = tmp_path / "a"
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    image.fromarray(noise).save(path, format)
    assert image_fault(str(path)) == ""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert image_fault(str(path)).startswith("the file is cut off or damaged (")


def test_a_file_that_is_gone_or_empty_or_no_image_is_told_apart(tmp_path):
    pytest.importorskip("PIL.Image")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "page").write_bytes(b"<html>not found</html>")
    assert image_fault(str(tmp_path / "absent")) == "it cannot be opened (No such file or directory)"
    assert image_fault(str(tmp_path / "empty")) == "the file is empty"
    assert image_fault(str(tmp_path / "page")) == "the file is not a known image format"


def test_only_broken_images_are_refused(tmp_path):
    rows = table(column("image", "image", [str(tmp_path / "absent.png")] * 3))
    with pytest.raises(DataError, match=r"None of the . image files can be read"):
        candidate_models(rows)[0].bind(rows, None, 2, seed=0)


def test_without_pillow_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "PIL", None)
    rows = table(column("image", "image", ["a.png"]))
    with pytest.raises(MissingExtraError, match=r"dechaff\[image\]"):
        candidate_models(rows)[0].bind(rows, None, 2, seed=0)


def _decoded(address):
    image = pytest.importorskip("PIL.Image")
    return image.open(io.BytesIO(base64.b64decode(address.removeprefix("data:image/jpeg;base64,"))))


def test_a_thumbnail_is_small_upright_on_white_and_tells_nothing_else(tmp_path):
    image = pytest.importorskip("PIL.Image")
    facts = image.Exif()
    facts[0x0112], facts[0x010F] = 6, "Secret camera"  # turned by 90 degrees
    image.new("RGB", (400, 200), "red").save(tmp_path / "a.jpg", exif=facts)
    small = _decoded(thumbnail(str(tmp_path / "a.jpg"), 96))
    assert small.size == (48, 96)
    assert not small.getexif()
    image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert min(_decoded(thumbnail(str(tmp_path / "clear.png"), 96)).getpixel((4, 4))) > 250


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "F", "CMYK", "LA"])
def test_every_kind_of_pixel_has_a_thumbnail(tmp_path, mode):
    image = pytest.importorskip("PIL.Image")
    image.new(mode, (20, 20)).save(tmp_path / "a.tif")
    assert thumbnail(str(tmp_path / "a.tif"), 16).startswith("data:image/jpeg;base64,")


def test_what_cannot_be_read_has_no_thumbnail_and_neither_has_anything_without_pillow(tmp_path, monkeypatch):
    (tmp_path / "page.png").write_bytes(b"<html>")
    assert thumbnail(str(tmp_path / "page.png"), 96) == thumbnail(str(tmp_path / "absent.png"), 96) == ""
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert thumbnail(str(tmp_path / "page.png"), 96) == ""


def test_measures_are_of_one_image_alone_and_unreadable_files_have_none(tmp_path):
    image = pytest.importorskip("PIL.Image")
    noise = np.random.default_rng(0).integers(0, 256, (40, 60)).astype(np.uint8)
    smooth = np.tile(np.arange(60, dtype=np.uint8) * 4, (40, 1))
    for name, pixels in (("noise", noise), ("smooth", smooth), ("grey", np.full((40, 60), 102, np.uint8))):
        image.fromarray(pixels).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes(b"broken")
    paths = np.array([str(tmp_path / f"{name}.png") for name in ("noise", "smooth", "grey", "broken")], dtype=object)
    noisy, blurred, grey, broken = image_measures(paths)
    assert noisy[:2].tolist() == [60, 40]
    assert noisy[2] < 0.1 < 0.9 < noisy[3]
    assert noisy[4] > 100 * blurred[4]
    assert noisy[5] > 7
    np.testing.assert_allclose(grey, [60, 40, 0.4, 0.4, np.nan, 0])
    assert np.isnan(broken).all()
    np.testing.assert_array_equal(image_measures(paths[1:2])[0], blurred)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "CMYK", "I;16"])
def test_images_of_every_mode_are_measured(tmp_path, mode):
    image = pytest.importorskip("PIL.Image")
    picture = image.new(mode, (20, 10))
    picture.save(tmp_path / "a.tiff")
    assert np.isfinite(image_measures(np.array([str(tmp_path / "a.tiff")], dtype=object))[0, [0, 1, 2, 3, 5]]).all()
