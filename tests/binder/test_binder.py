"""The Binder image has what the kit has, as far as that shows without building it."""

from __future__ import annotations

import filecmp
import os
import subprocess
import tomllib
import venv
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
BINDER = ROOT / "binder"
SETTINGS = Path("labconfig") / "default_setting_overrides.json"


def lines_of(path: Path) -> list[str]:
    lines = [line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line]


def test_the_requirements_are_those_of_the_package():
    assert lines_of(BINDER / "requirements.txt") == lines_of(ROOT / "requirements.txt")


def test_every_requirement_is_named_in_full_so_that_its_layer_is_cached():
    for line in lines_of(BINDER / "requirements.txt"):
        assert Requirement(line).specifier, f"{line} has no bound"


def test_the_python_is_one_the_package_runs_on():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (runtime,) = lines_of(BINDER / "runtime.txt")
    language, _, version = runtime.partition("-")
    assert language == "python"
    assert version in SpecifierSet(project["requires-python"])


def test_a_jupyterhub_opens_what_binder_opens_and_keeps_progress():
    values = yaml.safe_load((ROOT / "docs" / "jupyterhub-values.yaml").read_text(encoding="utf-8"))
    opened = values["singleuser"]["defaultUrl"].removeprefix("/")
    assert f"urlpath={opened})" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert (ROOT / opened.removeprefix("lab/tree/")).is_file()
    kept = values["singleuser"]["extraEnv"]["LABKIT_PROGRESS"]
    assert kept.startswith(values["singleuser"]["storage"]["homeMountPath"])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment in which postBuild ran; its `pip` only notes what it was asked."""
    environment = tmp_path_factory.mktemp("built")
    venv.create(environment)
    pip = environment / "bin" / "pip"
    pip.write_text(f'#!/bin/sh\necho "$@" >> "{environment}/asked-of-pip"\n', encoding="utf-8")
    pip.chmod(0o755)
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["./binder/postBuild"], cwd=ROOT, env={"PATH": path}, check=True)
    return environment


def test_post_build_installs_the_kit_and_leaves_its_dependencies_to_the_cached_layer(built):
    assert lines_of(built / "asked-of-pip") == ["install --no-deps -e ."]


def test_post_build_gives_jupyterlab_the_settings_of_labkit_lab(built):
    given = built / "etc" / "jupyter" / SETTINGS
    assert filecmp.cmp(given, ROOT / "labkit" / "jupyter" / SETTINGS, shallow=False)
