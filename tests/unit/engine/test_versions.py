"""What a package is installed from, and in which version."""

from __future__ import annotations

from importlib.metadata import packages_distributions, version

from attnviz.engine.versions import versions_of


def test_every_package_is_of_the_distributions_that_python_says() -> None:
    for package, names in packages_distributions().items():
        here = versions_of(frozenset({package}))
        for name in names:
            assert here[name.lower()] == version(name), package
