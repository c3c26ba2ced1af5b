"""Images built from a folder with a Dockerfile, and what of a Dockerfile is refused, by labkit.image."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import sys
import tarfile
import zipfile

import pytest
from bootstrap import SHELL
from oci import REGISTRY, digest

import labkit
from labkit.deploy.container_image import BadImageSource
from labkit.deploy.dockerfile import build
from labkit.deploy.dockerfile.context import Context
from labkit.deploy.dockerfile.parser import BadDockerfile
from labkit.deploy.dockerfile.words import Unclosed, words

PYTHON = "FROM public.ecr.aws/lambda/python:3.12\n"
APP = "import json, os\ndef handler(event, context):\n    return eval(event)\n"


@pytest.fixture
def folder(tmp_path):
    """`folder(dockerfile, {name: content})`: a folder with these files."""

    def make(dockerfile, files=None):
        root = tmp_path / "app"
        shutil.rmtree(root, ignore_errors=True)
        for name, content in {"Dockerfile": dockerfile, "app.py": APP, **(files or {})}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return make


@pytest.fixture
def built(folder, tmp_path):
    """`built(dockerfile, files)`: its configuration, the files of all its layers, and the image."""

    def make(dockerfile, files=None):
        scratch = tmp_path / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        image = build(folder(dockerfile, files), scratch)
        found = {}
        for layer in image.layers:
            with tarfile.open(layer.path) as archive:
                for entry in archive:
                    found[entry.name] = (
                        archive.extractfile(entry).read().decode("latin-1") if entry.isreg() else entry.type
                    )
        return image.settings, found, image

    return make


def wheel(name, version="1.0"):
    packed, about = io.BytesIO(), f"{name}-{version}.dist-info"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{name}/__init__.py", f"version = {version!r}\n")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return packed.getvalue()


WHEELS = {f"wheels/{name}-1.0-py3-none-any.whl": wheel(name) for name in ("greeting", "farewell")} | {
    "requirements.txt": "greeting==1.0\n",
}
INSTALL = "pip install --no-index --find-links wheels"


def test_a_dockerfile_becomes_a_function(account, folder, deploy):
    dockerfile = PYTHON + 'COPY app.py ${LAMBDA_TASK_ROOT}\nENV GREETING=hello\nCMD ["app.handler"]\n'
    uri = labkit.image(folder(dockerfile), "hello:1")
    assert uri == f"{REGISTRY}/hello:1"
    deploy(uri)
    assert account.invoke(event="[os.environ['GREETING'], os.listdir(), __file__]").payload == [
        "hello", ["app.py"], "/var/task/app.py",
    ]  # fmt: skip
    assert account.invoke(event="os.environ['AWS_EXECUTION_ENV']").payload == "AWS_Lambda_python3.12"


def test_the_same_folder_is_the_same_image_and_another_is_not(account, folder, images):
    for text in ("1", "1", "2"):
        labkit.image(str(folder(PYTHON + 'COPY . .\nCMD ["app.handler"]', {"text": text})), "hello:1")
    assert len(images()) == 2


def test_pip_installs_into_the_image(account, folder, deploy):
    dockerfile = f"""{PYTHON}
COPY . .
RUN {json.dumps([*INSTALL.split(), "-r", "requirements.txt"])}
RUN python3 -m {INSTALL} 'farewell>=1' \\
    --target=${{LAMBDA_TASK_ROOT}}/vendor && {INSTALL} farewell -t /opt/python
CMD ["app.handler"]
"""
    deploy(labkit.image(folder(dockerfile, WHEELS), "hello"))
    found = account.invoke(event="[__import__('greeting').version, __import__('greeting').__file__]").payload
    assert found == ["1.0", "/var/lang/lib/python3.12/site-packages/greeting/__init__.py"]
    assert account.invoke(event="sorted(os.listdir('vendor') + os.listdir('/opt/python'))").payload == [
        "farewell", "farewell", "farewell-1.0.dist-info", "farewell-1.0.dist-info",
    ]  # fmt: skip


def test_stages_of_which_the_last_one_s_are_built(built):
    dockerfile = """
# what is made in one stage is copied to another
ARG VERSION=3.12
FROM --platform=$BUILDPLATFORM public.ecr.aws/lambda/python:${VERSION} AS builder
ARG TARGETOS
WORKDIR /usr/${TARGETOS}
COPY app.py \\
    # and what it needs
    data.json \\
    /packages/

FROM golang:1.22 AS unused

FROM public.ecr.aws/lambda/python:$VERSION
COPY --from=builder /packages ./
COPY --from=0 /packages/app.py /opt/
CMD ["app.handler"]
"""
    settings, files, image = built(dockerfile, FILES)
    assert {"var/task/app.py", "var/task/data.json", "opt/app.py"} < set(files)
    assert not {"packages", "usr"} & set(files)
    assert settings["config"]["Cmd"] == ["app.handler"] and image.base == "public.ecr.aws/lambda/python:3.12"


def test_a_stage_that_goes_on_with_another(built):
    dockerfile = (
        PYTHON.rstrip() + ' AS base\nENV A=1\nCOPY app.py .\nCMD ["a"]\nFROM base\nENV B=$A$A\nENTRYPOINT ["e"]'
    )
    settings, files, _ = built(dockerfile)
    assert {"A=1", "B=11"} < set(settings["config"]["Env"]) and "var/task/app.py" in files
    assert settings["config"]["Entrypoint"] == ["e"] and "Cmd" not in settings["config"]


def test_the_configuration_is_docker_s(built):
    dockerfile = f"""{PYTHON}
ARG WHO=world
ENV GREETING="hello $WHO" PLAIN='$WHO' ESCAPED=\\$WHO LATER=${{NONE:-other}} IF=${{WHO:+yes}}
ENV OLD the old form
LABEL maintainer="me" org.label = "x"
WORKDIR lib
WORKDIR deeper
CMD app.handler
""".replace("org.label = ", "org.label=")
    settings, _, image = built(dockerfile)
    config = settings["config"]
    assert {"GREETING=hello world", "PLAIN=$WHO", "ESCAPED=$WHO", "LATER=other", "IF=yes", "OLD=the old form"} < set(
        config["Env"]
    )
    assert config["Labels"] == {"maintainer": "me", "org.label": "x"}
    assert (config["WorkingDir"], config["Cmd"]) == ("/var/task/lib/deeper", ["/bin/sh", "-c", "app.handler"])
    assert config["Entrypoint"] == ["/lambda-entrypoint.sh"]
    assert settings["rootfs"]["diff_ids"] == [digest(gzip.decompress(each.path.read_bytes())) for each in image.layers]
    made = [each for each in settings["history"] if not each.get("empty_layer")]
    assert len(made) == len(image.layers)


FILES = {"src/a.py": "a", "src/deep/b.py": "b", "src/c.txt": "c", "data.json": "{}"}


@pytest.mark.parametrize(
    ("copy", "expected"),
    [
        ("COPY src .", ["a.py", "c.txt", "deep/b.py"]),
        ("COPY src/ lib/", ["lib/a.py", "lib/c.txt", "lib/deep/b.py"]),
        ("COPY src/*.py data.json ./", ["a.py", "data.json"]),
        ("COPY data.json other.json", ["other.json"]),
        ("COPY data.json src/", ["src/data.json"]),
        ('COPY ["data.json", "with space/"]', ["with space/data.json"]),
        ("COPY src/d?ep/[ab].py x.py", ["x.py"]),
        ("COPY ./src/c.txt ${LAMBDA_TASK_ROOT}/", ["c.txt"]),
        ("ADD data.json .", ["data.json"]),
    ],
)
def test_what_copy_takes_and_where_it_goes(built, copy, expected):
    _, files, _ = built(f"{PYTHON}{copy}", FILES)
    task = [
        name.removeprefix("var/task/")
        for name, kind in files.items()
        if name.startswith("var/task/") and kind != tarfile.DIRTYPE
    ]
    assert sorted(task) == expected


def test_what_dockerignore_names_is_left_out(built):
    ignored = "# tests\n**/*.txt\nsrc/deep\n!src/deep/keep.txt\n/data.json\n"
    files = {**FILES, "src/deep/keep.txt": "", "deeper/src/x.txt": "", ".dockerignore": ignored}
    _, found, _ = built(f"{PYTHON}COPY . .", files)
    kept = {name.removeprefix("var/task/") for name, kind in found.items() if kind != tarfile.DIRTYPE}
    assert {"app.py", "src/a.py", "src/deep/keep.txt"} <= kept
    assert not {"src/deep/b.py", "src/c.txt", "deeper/src/x.txt", "data.json"} & kept


@pytest.mark.parametrize(
    ("patterns", "kept"),
    [
        ("*.py", "a/b.py a/b/c.txt d.txt"),
        ("**/*.py", "a/b/c.txt d.txt"),
        ("a", "d.txt e.py"),
        ("a/**", "d.txt e.py"),
        ("**", ""),
        ("*\n!d.txt", "d.txt"),
        ("**/c.*\n?.txt", "a/b.py e.py"),
        ("a/*\n!a/b", "a/b/c.txt d.txt e.py"),
        ("[de].*", "a/b.py a/b/c.txt"),
    ],
)
def test_patterns_of_dockerignore(tmp_path, patterns, kept):
    for name in ("a/b.py", "a/b/c.txt", "d.txt", "e.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".dockerignore").write_text(f"{patterns}\n.dockerignore")
    assert Context(tmp_path).files() == kept.split()


def test_add_unpacks_an_archive_and_copy_does_not(built):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo("inner.txt")
        archive.addfile(entry)
    for instruction, expected in (("ADD", "one/inner.txt"), ("COPY", "one/a.tar.gz")):
        _, found, _ = built(f"{PYTHON}{instruction} a.tar.gz one/\n", {"a.tar.gz": packed.getvalue()})
        assert [name for name, kind in found.items() if kind != tarfile.DIRTYPE] == [f"var/task/{expected}"]


def test_the_mode_of_a_file(built, tmp_path):
    _, _, image = built(f"{PYTHON}COPY --chmod=755 --link app.py run")
    with tarfile.open(image.layers[-1].path) as archive:
        assert archive.getmember("var/task/run").mode == 0o755


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("end", ["${LAMBDA_RUNTIME_DIR}/", '.\nENTRYPOINT ["./bootstrap"]'])
def test_a_program_of_its_own_on_the_os_only_base(account, folder, end, deploy):
    dockerfile = f'FROM public.ecr.aws/lambda/provided:al2023\nCOPY --chmod=755 bootstrap {end}\nCMD ["greet.main"]'
    deploy(labkit.image(folder(dockerfile, {"bootstrap": SHELL}), "hello"))
    assert account.invoke(event=[1]).payload == {"n": 1, "event": [1], "handler": "greet.main", "here": "/var/task"}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_node(account, folder, deploy):
    code = "exports.handler = async (event) => [event, process.env.AWS_EXECUTION_ENV];"
    dockerfile = 'FROM public.ecr.aws/lambda/nodejs:22\nCOPY index.js .\nCMD ["index.handler"]'
    deploy(labkit.image(folder(dockerfile, {"index.js": code}), "hello"))
    assert account.invoke(event=1).payload == [1, "AWS_Lambda_nodejs22.x"]


REFUSED = [
    ("", r":? ?there is no FROM; begin with FROM public"),
    ("# nothing\nCOPY a b", ":2: COPY comes before FROM"),
    ("FROM python:3.12", ":1: python:3.12 is no base image of Lambda's, and labkit fetches no others; begin with one"),
    ("FROM public.ecr.aws/lambda/pyton:3.12", ":1: .* did you mean public.ecr.aws/lambda/python"),
    ("FROM public.ecr.aws/lambda/python", ":1: .* does not say which version .* such as .*python:3.13"),
    ("FROM public.ecr.aws/lambda/python:latest", ":1: .* does not say which version"),
    ("FROM public.ecr.aws/lambda/python:3.99", ":1: labkit does not run python3.99; did you mean the one of python3"),
    ("FROM public.ecr.aws/lambda/ruby:3.3", ":1: labkit does not run ruby3.3"),
    ("FROM --platform=linux/s390x public.ecr.aws/lambda/python:3.12", ":1: --platform=linux/s390x of FROM"),
    ("FROM public.ecr.aws/lambda/python:3.12 builder", ":1: FROM is written FROM IMAGE, or FROM IMAGE AS NAME"),
    (PYTHON + "\n\nCOPPY a b", ":4: there is no instruction COPPY; did you mean COPY"),
    (PYTHON + "COPY", ":2: COPY says nothing"),
    (PYTHON + "COPY app.py", ":2: COPY takes what to copy and where to"),
    (PYTHON + "COPY ap.py .", ":2: there is no ap.py in .*; did you mean app.py"),
    (PYTHON + "COPY *.txt .", r":2: there is no \*.txt in"),
    (PYTHON + "COPY ../secret .", ":2: ../secret leads out of the folder"),
    (PYTHON + "COPY out .", ":2: out is a link to what is not in the folder"),
    (PYTHON + "COPY ignored.txt .", ":2: ignored.txt is left out by .dockerignore"),
    (
        PYTHON + "COPY app.py /usr/local/bin/",
        ":2: .* would not be seen: a function has this machine's /usr",
    ),
    (PYTHON + "WORKDIR /etc/app", ":2: /etc/app would not be seen"),
    (PYTHON + "COPY --chown=me app.py .", ":2: --chown is not carried out"),
    (PYTHON + "COPY --chmod=u+x app.py .", ":2: --chmod takes a number such as 755 here; 'u.x' was given"),
    (PYTHON + "COPY --parents app.py .", ":2: --parents of COPY is not carried out"),
    (PYTHON + "COPY --from=bulder /x .", ":2: there is no stage bulder above; labkit fetches no images"),
    (PYTHON.rstrip() + " AS builder\n" + PYTHON + "COPY --from=bulder /x .", ":3: .* did you mean builder"),
    (PYTHON + "ADD https://example.com/x .", ":2: ADD fetches nothing here"),
    (PYTHON + "RUN dnf install -y gcc", ":2: RUN of dnf is not possible here: .* pip install only; put what is needed"),
    (PYTHON + "RUN npm ci", ":2: RUN of npm .* COPY node_modules"),
    (PYTHON + "RUN pip list", ":2: RUN of pip is not possible here"),
    (PYTHON + "RUN pip install a | cat", r":2: \| of a shell is not carried out"),
    (
        PYTHON + "RUN pip install boto3>=1",
        ":2: > of a shell .*; put a version like .* in quotes",
    ),
    (PYTHON + "RUN --mount=type=cache,target=/x pip install a", ":2: --mount of RUN is not carried out"),
    (PYTHON + "RUN pip install --user a", ":2: --user of pip is not carried out; install with --target"),
    (PYTHON + "RUN pip install --no-index nothing-like-it", ":2: pip could not install: ERROR: .*nothing-like-it"),
    (PYTHON + "RUN <<END\npip install a\nEND", ":2: a text in the Dockerfile itself"),
    ("FROM public.ecr.aws/lambda/nodejs:22\nRUN pip install a", ":2: this base image has no pip"),
    (PYTHON + "USER me", ":2: USER is not carried out: Lambda runs every image as a user of its own"),
    (PYTHON + 'ENV A="open', ':2: a quote " is not closed'),
    (PYTHON + "ENV A=1 B", ":2: 'B' has no ="),
    (PYTHON + "CMD ['app.handler']", r":2: \['app.handler'\] is no array in JSON; its strings are in double quotes"),
    (PYTHON + "COPY app.py a\nCOPY app.py a/b", ":3: (File exists|Not a directory): /var/task/a"),
    (PYTHON + "ENV ALONE", ":2: ENV is written NAME=VALUE"),
]


@pytest.mark.parametrize(("dockerfile", "message"), REFUSED, ids=[message[:40] for _, message in REFUSED])
def test_what_is_not_carried_out_is_named_with_its_line(folder, tmp_path, dockerfile, message):
    root = folder(dockerfile, {"ignored.txt": "", ".dockerignore": "ignored.txt", ".x": ""})
    (root / "out").symlink_to(sys.executable)
    with pytest.raises(BadDockerfile, match=f"Dockerfile{message}"):
        build(root, tmp_path / "scratch")


def test_a_dockerfile_that_is_no_text(folder, tmp_path):
    with pytest.raises(BadDockerfile, match="is no text in UTF-8"):
        build(folder(b"FROM \xff"), tmp_path / "scratch")


def test_a_folder_without_a_dockerfile(account, tmp_path, images):
    (tmp_path / "dockerfile").write_text(PYTHON)
    with pytest.raises(BadImageSource, match="has no Dockerfile; rename dockerfile"):
        labkit.image(tmp_path, "hello")
    assert images() == []


def test_an_entry_point_that_is_not_there(account, folder):
    with pytest.raises(BadImageSource, match="can't run here: fork/exec /var/task/main: no such file"):
        labkit.image(folder('FROM public.ecr.aws/lambda/provided:al2023\nENTRYPOINT ["/var/task/main"]'), "hello")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a  b", ["a", "b"]),
        ("'a b' \"c $X\" d\\ e", ["a b", "c 1", "d e"]),
        ("$X${X}y ${Y:-z} ${X:+q}${Y:+q}", ["11y", "z", "q"]),
        ('\'$X\' \\$X "\\""', ["$X", "$X", '"']),
    ],
)
def test_words(text, found):
    assert words(text, {"X": "1"}) == found


def test_words_whose_quote_does_not_end():
    with pytest.raises(Unclosed):
        words("'a", {})
