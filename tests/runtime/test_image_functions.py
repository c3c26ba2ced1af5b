"""Functions of container images: what of an image they see, what starts them, and why they may not start."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import tarfile
import tempfile
from pathlib import Path

import pytest
from bootstrap import SHELL
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st
from oci import HandMade, file, layer

from labkit.runtime.image import BadImage, Image, unpack_image

TELL = """
import json, os
print("loaded")
def handler(event, context):
    return eval(event)
"""
APP = {"var/task/app.py": TELL}


@pytest.fixture
def of_image(served):
    """`of_image(layers, config, …)`: a function `f` of a hand-made image; returns its account."""

    def make(*layers, config=None, settings=None, **made):
        uri = HandMade(list(layers) or [APP], config or {}, **made).push(served.ecr)
        served.awslambda.create_function(
            FunctionName="f", Role=served.role("AWSLambdaBasicExecutionRole"), PackageType="Image",
            Code={"ImageUri": uri}, MemorySize=1769, Timeout=20, **(settings or {}),
        )  # fmt: skip
        return served

    return make


def ask(account, question):
    return account.invoke(event=question).payload


def test_it_runs_what_the_image_has(of_image):
    account = of_image(APP, {"var/task/data/a.txt": "lower", "var/task/b.txt": "b"}, {"var/task/data/a.txt": "upper"})
    first = account.invoke(event="open('data/a.txt').read()", LogType="Tail")
    assert first.payload == "upper" and "loaded\n" in first.log and "Init Duration" in first.log
    assert "INIT_START" not in first.log  # an image has no version of a runtime
    assert ask(account, "sorted(os.listdir(os.environ['LAMBDA_TASK_ROOT']))") == ["app.py", "b.txt", "data"]
    assert ask(account, "os.environ['AWS_EXECUTION_ENV']") == "AWS_Lambda_python3.12"
    assert ask(account, "os.listdir('/opt')") == []


def test_its_variables_are_the_image_s_then_the_function_s_then_lambda_s(of_image):
    told = ["AA=image", "BB=image=2", "AWS_REGION=nowhere", "LAMBDA_TASK_ROOT=/nowhere"]
    account = of_image(config={"Env": told}, settings={"Environment": {"Variables": {"AA": "function"}}})
    found = ask(account, "{name: os.environ[name] for name in ('AA', 'BB', 'AWS_REGION', '_HANDLER')}")
    assert found == {"AA": "function", "BB": "image=2", "AWS_REGION": "us-east-1", "_HANDLER": "app.handler"}


def test_image_config_replaces_the_image_s_own(of_image, sandboxed):
    other = {"srv/app/readme": "", "var/task/other.py": TELL}
    given = {"ImageConfig": {"Command": ["other.handler"], "WorkingDirectory": "/srv/app"}}
    account = of_image(APP, other, settings=given)
    assert ask(account, "[os.getcwd(), os.environ['_HANDLER'], os.listdir()]") == [
        "/srv/app", "other.handler", ["readme"],
    ]  # fmt: skip


def test_modules_that_were_installed_into_the_image(of_image):
    package = {"var/lang/lib/python3.12/site-packages/greeting/__init__.py": "word = 'hello'"}
    account = of_image(APP, package)
    assert ask(account, "__import__('greeting').word") == "hello"


def test_the_image_can_t_be_written_to(of_image, sandboxed):
    account = of_image()
    raised = account.invoke(event="open('/var/task/new', 'w')")
    assert raised.payload["errorType"] == "OSError" and "Read-only" in raised.payload["errorMessage"]


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="the function's user is another one for root alone")
def test_what_is_root_s_alone_the_function_can_t_read(of_image, sandboxed):
    raised = of_image(APP, {file("var/task/private", 0o600): ""}).invoke(event="open('/var/task/private')")
    assert raised.payload["errorType"] == "PermissionError"


def test_nothing_of_the_machine_is_shown_by_a_link_of_the_image(of_image, sandboxed, tmp_path):
    links = {
        file("home", type=tarfile.SYMTYPE, linkname=str(tmp_path)): "",
        file("opt/out", type=tarfile.SYMTYPE, linkname=str(tmp_path)): "",
        file("var/task/up", type=tarfile.SYMTYPE, linkname=f"../../../..{tmp_path}"): "",
        file("srv/deep/ok", type=tarfile.SYMTYPE, linkname="/var/task/app.py"): "",
    }
    account = of_image(APP, links)
    assert ask(account, "[os.path.exists(p) for p in ('/home', '/opt/out', '/var/task/up', '/srv/deep/ok')]") == [
        False, False, False, True,
    ]  # fmt: skip


def test_versions_of_two_images_run_side_by_side(of_image, served):
    account = of_image({"var/task/app.py": "def handler(event, context):\n    return 1"}, settings={"Publish": True})
    assert account.invoke().payload == 1
    account.advance(1)
    uri = HandMade([{"var/task/app.py": "def handler(event, context):\n    return 2"}]).push(served.ecr)
    account.awslambda.update_function_code(FunctionName="f", ImageUri=uri)
    assert account.invoke().payload == 2 and account.invoke(Qualifier="1").payload == 1


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
@pytest.mark.parametrize(
    ("says", "runtime"),
    [({"var/lang/include/node/node_version.h": "#define NODE_MAJOR_VERSION 20\n"}, "nodejs20.x"), ({}, "nodejs")],
)
def test_an_image_of_node(of_image, says, runtime):
    code = "exports.handler = async () => process.env.AWS_EXECUTION_ENV;"
    base = {file("var/lang/bin/node", 0o755): "", **says}
    account = of_image({"var/task/app.js": code}, base=base)
    assert account.invoke().payload.startswith(f"AWS_Lambda_{runtime}")


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
PROVIDED = {file("lambda-entrypoint.sh", 0o755): ""}


@needs_curl
def test_a_bootstrap_of_its_own_where_the_base_image_has_none(of_image):
    account = of_image({file("var/runtime/bootstrap", 0o755): SHELL}, base=PROVIDED, config={"Cmd": ["greet.main"]})
    assert account.invoke(event=[1]).payload == {"n": 1, "event": [1], "handler": "greet.main", "here": "/var/task"}


@needs_curl
@pytest.mark.parametrize("entry_point", ["/srv/main", "./main", "main"])
def test_an_entry_point_of_its_own(of_image, sandboxed, entry_point):
    program = {file("srv/main", 0o755): SHELL}
    config = {
        "Entrypoint": [entry_point],
        "Cmd": ["a", "greet.main"],
        "WorkingDir": "/srv",
        "Env": ["PATH=/srv:/usr/bin"],
    }
    assert of_image(program, config=config, base={}).invoke(event=[1]).payload["handler"] == "greet.main"


def test_aws_s_runtime_client_as_the_entry_point(of_image):
    account = of_image(config={"Entrypoint": ["/var/lang/bin/python3.12", "-m", "awslambdaric"]})
    assert ask(account, "os.environ['_HANDLER']") == "app.handler"


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ({"config": {"Entrypoint": ["/srv/none"]}}, "fork/exec /srv/none: no such file or directory"),
        ({"config": {"Entrypoint": ["none"]}}, 'exec: "none": executable file not found in $PATH'),
        ({"config": {"Entrypoint": ["/var/task/app.py"]}}, "fork/exec /var/task/app.py: permission denied"),
        ({"architecture": "arm64"}, "fork/exec /lambda-entrypoint.sh: exec format error"),
        (
            {"base": {"usr/bin/python3": ""}},
            "labkit runs images built on Lambda's base images, and this one is built on none of them",
        ),
    ],
)
def test_an_entry_point_that_can_t_be_started(of_image, made, told):
    ended = of_image(**made).invoke()
    assert ended.payload["errorType"] == "Runtime.InvalidEntrypoint"
    assert ended.payload["errorMessage"].endswith(f" Error: {told}")


def test_a_folder_to_start_in_that_is_not_there(of_image):
    ended = of_image(config={"WorkingDir": "/srv/nowhere"}).invoke()
    assert ended.payload["errorType"] == "Runtime.InvalidWorkingDir"


@pytest.mark.parametrize("command", [[], ["app.handler", "more"]])
def test_lambda_s_entry_point_takes_the_handler_and_nothing_else(of_image, command):
    ended = of_image(config={"Cmd": command}).invoke(LogType="Tail")
    assert "exit status 142" in ended.payload["errorMessage"]
    assert "entrypoint requires the handler name to be the first argument" in ended.log


def test_a_layer_that_can_t_be_unpacked(of_image):
    account = of_image(APP, {file("var/task/../../../../outside"): ""})
    with pytest.raises(ClientError, match=r"InvalidRuntimeException.*'var/task/../../../../outside'.*outside of it"):
        account.invoke()


@pytest.fixture
def written(tmp_path):
    """`written(made)`: a hand-made image as an environment is given it."""

    def write(made):
        paths = [tmp_path / f"{number}.tar.gz" for number in range(len(made.blobs))]
        for path, blob in zip(paths, made.blobs, strict=True):
            path.write_bytes(blob)
        return Image.of(json.loads(made.configuration), paths, 0, "")

    return write


def test_with_a_sandbox_and_without_one(make_environment, run, written):
    code = "import os, own, other\ndef handler(event, context):\n    raise ValueError(os.listdir())"
    layer = {"srv/app/x": "", "var/task/app.py": code, "var/task/own.py": ""}
    installed = {"var/lang/lib/python3.12/site-packages/other.py": ""}
    made = HandMade([layer, installed], {"WorkingDir": "/srv/app"})
    environment = make_environment(
        "", image=written(made), runtime="", handler="app.handler", code_sha256=made.digest.partition(":")[2],
        architecture="arm64" if made.architecture == "arm64" else "x86_64",
    )  # fmt: skip
    raised = json.loads(run(environment).payload)
    assert raised["errorMessage"] == "['x']" and '"/var/task/app.py", line 3' in raised["stackTrace"][0]


# The layers of an image over each other.


@pytest.fixture
def unpacked(tmp_path, written):
    def unpack(*layers):
        unpack_image(written(HandMade(layers, base={})), tmp_path / "image")
        return tmp_path / "image"

    return unpack


def names(root):
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir() or path.is_symlink())


def test_whiteouts_take_away_what_lower_layers_have(unpacked):
    root = unpacked(
        {"srv/a": "1", "srv/b": "1", "srv/c/d": "1", "srv/c/e": "1"},
        {"srv/.wh.a": "", "srv/b": "2", "srv/c/f": "2", "srv/c/.wh..wh..opq": ""},
    )
    assert names(root) == ["srv/b", "srv/c/f"]
    assert (root / "srv/b").read_text() == "2"


def test_a_file_in_the_place_of_a_folder_and_the_other_way_round(unpacked):
    root = unpacked({"srv/a/b": "1", "srv/c": "1"}, {"srv/a": "2", file("srv/c", 0o755, type=tarfile.DIRTYPE): ""})
    assert (root / "srv/a").read_text() == "2" and (root / "srv/c").is_dir()


def test_links_lead_from_the_image_s_root(unpacked, tmp_path):
    (tmp_path / "outside").mkdir()
    root = unpacked(
        {file("srv/out", type=tarfile.SYMTYPE, linkname=str(tmp_path / "outside")): "", "opt/x": "x"},
        {"srv/out/file": "2", file("srv/same", type=tarfile.LNKTYPE, linkname="opt/x"): ""},
    )
    assert list((tmp_path / "outside").iterdir()) == []
    assert (root / str(tmp_path / "outside/file").lstrip("/")).read_text() == "2"
    assert (root / "srv/same").read_text() == "x"


def test_what_belongs_to_an_operating_system_is_left_out(unpacked):
    assert names(unpacked({"usr/bin/bash": "", "etc/passwd": "", "srv/mine": ""})) == ["srv/mine"]


@pytest.mark.parametrize("broken", [b"no archive", gzip.compress(b"x" * 2000)[:-20]], ids=["text", "cut short"])
def test_a_layer_that_is_no_archive(tmp_path, broken):
    (tmp_path / "layer").write_bytes(broken)
    with pytest.raises(BadImage, match="could not be unpacked"):
        unpack_image(Image((tmp_path / "layer",), 0, "x86_64"), tmp_path / "image")
    assert not (tmp_path / "image").exists()


def test_a_bomb_is_not_unpacked(unpacked, monkeypatch):
    class Small:
        maximum = 0

    monkeypatch.setitem(__import__("labkit").facts.QUOTAS._rows, "image", Small())
    with pytest.raises(BadImage, match=r"larger than .* GB when its layers are unpacked"):
        unpacked({"srv/a": "12345"})


NAMES = ["a", "b", "a/b", "b/a", "a/b/a", "var/task", "opt", ".wh.a", "a/.wh..wh..opq", "a/../b", "../a"]
KINDS = [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE]
TARGETS = ["a", "b", "../b", "../../outside", "/outside", "{outside}", "a/kept", "."]
ENTRIES = st.tuples(st.sampled_from(NAMES), st.sampled_from(KINDS), st.sampled_from(TARGETS))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(ENTRIES, max_size=6), max_size=3))
def test_nothing_is_written_or_taken_away_outside_of_the_image(layers):
    with tempfile.TemporaryDirectory() as folder:
        outside = Path(folder, "outside")
        outside.mkdir()
        (outside / "kept").write_text("kept")
        paths = [Path(folder, str(number)) for number in range(len(layers))]
        for path, entries in zip(paths, layers, strict=True):
            made = [file(name, 0o755, type=kind, linkname=to.format(outside=outside)) for name, kind, to in entries]
            path.write_bytes(layer(dict.fromkeys(made, "")))
        before = sorted(os.listdir(folder))
        with contextlib.suppress(BadImage):
            unpack_image(Image(tuple(paths), 0, "x86_64"), Path(folder, "image"))
        assert [path.name for path in outside.iterdir()] == ["kept"] and (outside / "kept").read_text() == "kept"
        assert (outside / "kept").stat().st_nlink == 1
        assert [name for name in sorted(os.listdir(folder)) if not name.startswith("image")] == before


def test_links_in_a_circle(unpacked):
    circle = {
        file("srv/a", type=tarfile.SYMTYPE, linkname="b"): "",
        file("srv/b", type=tarfile.SYMTYPE, linkname="a"): "",
    }
    with pytest.raises(BadImage, match="circle"):
        unpacked(circle, {"srv/a/file": ""})
