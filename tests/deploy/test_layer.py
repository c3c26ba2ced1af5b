"""Layers made from installed distributions, as a function sees them."""

from __future__ import annotations

import io
import zipfile

import pytest

import labkit
from labkit.deploy.layer import NotInstalled, layer

IMPORT = "import {0}\ndef lambda_handler(event, context):\n    return [{0}.__version__, {0}.__file__]\n"


def names(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.testzip() is None
        return opened.namelist()


def test_a_function_imports_from_a_layer_what_it_could_not_without(served):
    served.function(IMPORT.format("yaml"), "without")
    error = served.invoke("without").payload
    assert error["errorMessage"] == "Unable to import module 'lambda_function': No module named 'yaml'"
    made = served.awslambda.publish_layer_version(LayerName="yaml", Content={"ZipFile": labkit.layer("PyYAML")})
    served.function(IMPORT.format("yaml"), "with", Layers=[made["LayerVersionArn"]])
    version, path = served.invoke("with").payload
    import yaml

    assert version == yaml.__version__ and path == "/opt/python/yaml/__init__.py"


def test_numpy_with_its_compiled_parts(served):
    made = served.awslambda.publish_layer_version(LayerName="numpy", Content={"ZipFile": labkit.layer("numpy")})
    code = "import numpy\ndef lambda_handler(event, context):\n    return int(numpy.arange(event).sum())\n"
    served.function(code, Layers=[made["LayerVersionArn"]])
    assert served.invoke(event=5).payload == 10


def test_what_a_distribution_needs_comes_along_and_nothing_else():
    found = names(layer("python-dateutil"))
    assert "python/dateutil/__init__.py" in found and "python/six.py" in found
    assert {name.split("/")[1].split("-")[0] for name in found} == {"dateutil", "python_dateutil", "six", "six.py"}


def test_a_layer_has_no_byte_code_and_no_scripts():
    found = names(layer("rich"))
    assert found and all(name.startswith("python/") for name in found)
    assert not [name for name in found if "__pycache__" in name or ".." in name or "/bin/" in name]


@pytest.mark.parametrize("spelling", ["PyYAML", "pyyaml", "Pyyaml"])
def test_a_distribution_is_found_however_its_name_is_spelt(spelling):
    assert names(layer(spelling)) == names(layer("PyYAML"))


@pytest.mark.parametrize(
    ("name", "hint"), [("nunpy", "did you mean numpy"), ("qqqqqq", "install it first: pip install qqqqqq")]
)
def test_what_is_not_installed_is_refused_with_a_hint(name, hint):
    with pytest.raises(NotInstalled, match=f"no distribution named '{name}' is installed here; {hint}"):
        layer(name)
