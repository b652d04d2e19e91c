"""The viewer's bundle as it is installed: found, proved, and put into a report."""

import hashlib

import pytest

from attnviz.errors import InputError
from attnviz.site import assets, bundle, templates_folder

PART = "part-head-0123456789abcdef.js"
FILES = (*bundle.BUNDLE, PART)


@pytest.fixture
def templates(tmp_path):
    """A bundle whose files hold their names."""
    folder = tmp_path / "dist"
    folder.mkdir()
    for name in FILES:
        (folder / name).write_text(name)
    sums = [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in FILES]
    (folder / "SHA256SUMS").write_text("".join(sums))
    return tmp_path


def test_templates_are_found_in_a_wheel_and_in_a_checkout(tmp_path, monkeypatch):
    package = tmp_path / "generator" / "attnviz"
    monkeypatch.setattr(bundle, "__file__", str(package / "site" / "bundle.py"))
    with pytest.raises(InputError, match="the page templates are not there; install attnviz again"):
        templates_folder()
    for folder in (tmp_path / "site_templates", package / "site_templates"):
        folder.mkdir(parents=True)
        (folder / "head.html.j2").touch()
        assert templates_folder() == folder


def test_the_bundle_gets_its_names_from_its_content(templates):
    files = assets(templates)
    digest = hashlib.sha256(b"viewer.js").hexdigest()[:16]
    assert files.script == f"assets/viewer-{digest}.js"
    assert files.files[files.script] == b"viewer.js"
    assert files.files[files.style] == b"viewer.css"
    plain = {"assets/boot.js", "assets/page.css", "assets/licences.txt", f"assets/{PART}"}
    assert set(files.files) == {*plain, files.script, files.style}


def test_a_missing_bundle_says_what_to_run(templates):
    for name in ("viewer.js", "page.css", PART):
        (templates / "dist" / name).unlink()
    with pytest.raises(
        InputError, match=r"viewer\.js, page\.css, part-head-\w+\.js missing.*run `make bundle`"
    ):
        assets(templates)
    for path in (templates / "dist").iterdir():
        path.unlink()
    with pytest.raises(InputError, match=r"licences\.txt, SHA256SUMS missing"):
        assets(templates)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"viewer.jsx", b"\xff\0"])
def test_a_damaged_bundle_names_its_file_and_makes_no_report(templates, name, content):
    (templates / "dist" / name).write_bytes(content)
    message = rf"bundle is damaged \({name}: not the bytes .* install attnviz again"
    with pytest.raises(InputError, match=message):
        assets(templates)


def test_damaged_digests_prove_nothing(templates):
    (templates / "dist" / "SHA256SUMS").write_bytes(b"\xff not digests\n")
    with pytest.raises(InputError, match=r"damaged \(boot\.js, viewer\.js, .*licences\.txt:"):
        assets(templates)


def test_a_report_carries_the_licence_of_the_viewer_and_of_each_package_in_it():
    text = assets(templates_folder()).files["assets/licences.txt"].decode()
    for title in ("attnviz's viewer: Apache-2.0", "@noble/hashes 2", "@uwdata/flechette 2"):
        assert f"\n{title}" in text
    for sentence in ("Apache License", "Permission is hereby granted, free of charge"):
        assert sentence in text
