"""Nothing reaches the real AWS: neither from the notebook's process nor from a handler, whatever the machine has set.

Everything is tried in one process of its own in whose environment real-looking credentials, profiles, endpoints and a
proxy are planted, as a learner's machine may have them; each test looks at what came of one attempt.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from served import TRUST

CONFIG = """
[default]
region = eu-central-1
endpoint_url = https://s3.example.com
[profile work]
region = eu-central-1
services = theirs
[services theirs]
s3 =
  endpoint_url = https://s3.example.com
"""
CREDENTIALS = """
[default]
aws_access_key_id = AKIAREALDEFAULT00000
aws_secret_access_key = real-secret
[work]
aws_access_key_id = AKIAREALWORK00000000
aws_secret_access_key = real-secret
"""
START = (
    f"TRUST = {TRUST!r}"
    + """
import io, json, os, socket, subprocess, sys, threading, zipfile
before = dict(os.environ)
import boto3, labkit
from botocore.config import Config
# Made before the account, with the machine's own settings but for the proxy, which would be refused first.
real = boto3.client("s3", region_name="us-east-1", config=Config(proxies={}, retries={"total_max_attempts": 1}))
account = labkit.start()
found = {"endpoint": account.endpoint}

def deploy(name, code):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("lambda_function.py", code)
    role = boto3.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    boto3.client("lambda").create_function(
        FunctionName=name, Runtime="python3.13", Role=role, Handler="lambda_function.lambda_handler",
        Code={"ZipFile": archive.getvalue()}, Timeout=20, MemorySize=1769)
    return json.load(boto3.client("lambda").invoke(FunctionName=name)["Payload"])
"""
)
REACH = '''
import ipaddress, json, os, socket
def attempts():
    import boto3, urllib.request
    from botocore.config import Config
    once = Config(retries={"total_max_attempts": 1}, connect_timeout=3)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    yield "client", lambda: boto3.client(
        "s3", endpoint_url="https://s3.amazonaws.com", region_name="us-east-1", config=once).list_buckets()
    yield "connect", lambda: socket.create_connection(("192.0.2.1", 443), timeout=3)
    yield "connect_ex", lambda: socket.socket().connect_ex(("192.0.2.1", 443))
    yield "connect6", lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 443))
    yield "mapped", lambda: socket.socket(socket.AF_INET6).connect(("::ffff:192.0.2.1", 443))
    yield "sendto", lambda: udp.sendto(b"x", ("192.0.2.1", 53))
    yield "sendmsg", lambda: udp.sendmsg([b"x"], [], 0, ("192.0.2.1", 53))
    yield "getaddrinfo", lambda: socket.getaddrinfo("sts.amazonaws.com", 443)
    yield "gethostbyname", lambda: socket.gethostbyname("sts.amazonaws.com")
    yield "gethostbyname_ex", lambda: socket.gethostbyname_ex("sts.amazonaws.com")
    yield "gethostbyaddr", lambda: socket.gethostbyaddr("192.0.2.1")
    yield "getnameinfo", lambda: socket.getnameinfo(("192.0.2.1", 443), 0)
    yield "urllib", lambda: urllib.request.urlopen("http://192.0.2.1/", timeout=3)
    yield "metadata", lambda: socket.create_connection(("169.254.169.254", 80), timeout=3)

def reach():
    """What came of each attempt to leave the machine: "refused" where labkit's own message says so."""
    found = {}
    for name, attempt in attempts():
        try:
            attempt()
            found[name] = "went out"
        except Exception as error:
            text = repr(error) + repr(error.__cause__) + repr(error.__context__)
            ours = "labkit keeps everything on this machine, so" in text
            found[name] = "refused" if ours else text
    return found
'''
NAMES = {
    "client", "connect", "connect_ex", "connect6", "mapped", "sendto", "sendmsg", "getaddrinfo", "gethostbyname",
    "gethostbyname_ex", "gethostbyaddr", "getnameinfo", "urllib",
    "metadata",
}  # fmt: skip


ATTEMPTS = """
found["notebook endpoints"] = [boto3.client(name).meta.endpoint_url for name in ("s3", "sts", "dynamodb", "lambda")]
session = boto3.session.Session()
credentials = session.get_credentials()
boto3.client("s3").create_bucket(Bucket="here")
found["notebook"] = {
    "key": credentials.access_key, "token": credentials.token, "region": session.region_name,
    "profiles": session.available_profiles, "who": boto3.client("sts").get_caller_identity()["Account"],
    "buckets": [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]}
found["no proxy"] = os.environ["NO_PROXY"]

try:
    found["earlier client"] = str(real.list_buckets())
except Exception as error:
    found["earlier client"] = [str(error), str(error.kwargs["error"])]

found["notebook reach"] = reach()
found["handler reach"] = deploy("reaching", REACH + "\\ndef lambda_handler(event, context):\\n    return reach()\\n")
found["handler"] = deploy("looking", '''
import os, boto3
def lambda_handler(event, context):
    session = boto3.session.Session()
    return {"variables": dict(os.environ), "key": session.get_credentials().access_key,
            "s3": boto3.client("s3").meta.endpoint_url, "profiles": session.available_profiles}
''')

script = "import boto3; c = boto3.client('s3'); c.create_bucket(Bucket='child'); print(c.meta.endpoint_url)"
found["child"] = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip()

listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
for host in ("127.0.0.1", "localhost", b"127.0.0.1"):
    socket.create_connection((host.decode() if isinstance(host, bytes) else host, port)).close()
left, right = socket.socketpair()
left.sendmsg([b"x"])
socket.getaddrinfo(None, 0)
found["loopback"] = right.recv(1).decode()

account.stop()
account.stop()
session = boto3.session.Session()
socket.socket(type=socket.SOCK_DGRAM).connect(("192.0.2.1", 9))  # no packet leaves for this: it sets an address
found["after"] = {
    "same": dict(os.environ) == before, "key": session.get_credentials().access_key, "region": session.region_name,
    "s3": boto3.client("s3").meta.endpoint_url, "threads": [thread.name for thread in threading.enumerate()]}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What came of everything that was tried on such a machine."""
    home = tmp_path_factory.mktemp("home")
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text(CONFIG)
    (home / ".aws" / "credentials").write_text(CREDENTIALS)
    variables = {
        "HOME": str(home), "USERPROFILE": str(home), "AWS_ACCESS_KEY_ID": "AKIAREALENV000000000",
        "AWS_SECRET_ACCESS_KEY": "real-secret", "AWS_SESSION_TOKEN": "real-token", "AWS_PROFILE": "work",
        "AWS_ENDPOINT_URL_S3": "https://s3.example.com", "AWS_DEFAULT_REGION": "eu-central-1",
        "HTTP_PROXY": "http://192.0.2.7:3128", "http_proxy": "http://192.0.2.7:3128",
        "HTTPS_PROXY": "http://192.0.2.7:3128", "https_proxy": "http://192.0.2.7:3128",
        "NO_PROXY": "internal.example.com", "no_proxy": "internal.example.com",
    }  # fmt: skip
    script = home / "script.py"
    script.write_text(f"{START}\nREACH = {REACH!r}\nexec(REACH)\n{ATTEMPTS}")
    done = subprocess.run(
        [sys.executable, str(script)], env=os.environ | variables, capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_boto3_has_invented_credentials_and_the_accounts_endpoint(found):
    assert found["endpoint"].startswith("http://127.0.0.1:")
    assert found["notebook endpoints"] == [found["endpoint"]] * 4
    notebook = dict(found["notebook"])
    assert "REAL" not in notebook.pop("key")
    assert notebook == {
        "token": None, "region": "us-east-1", "profiles": [], "who": "123456789012", "buckets": ["here"],
    }  # fmt: skip


def test_a_client_made_before_the_account_was_started_reaches_nothing(found):
    told, why = found["earlier client"]
    assert told == 'Could not connect to the endpoint URL: "https://s3.example.com/"'
    assert "labkit keeps everything on this machine, so the connection to 's3.example.com' was refused" in why


@pytest.mark.parametrize("where", ["notebook reach", "handler reach"])
def test_neither_the_notebook_nor_a_handler_can_leave_the_machine(found, where):
    assert found[where] == dict.fromkeys(NAMES, "refused")


def test_a_handler_has_its_roles_credentials_and_nothing_of_the_machines(found):
    handler = found["handler"]
    assert handler["s3"] == found["endpoint"] and handler["key"].startswith("ASIA") and handler["profiles"] == []
    everything = json.dumps(handler)
    for planted in ("REAL", "real-", "example.com", "192.0.2.7", "AWS_PROFILE"):
        assert planted not in everything


def test_a_child_of_the_notebook_is_pointed_at_the_account_too(found):
    assert found["child"] == found["endpoint"]


def test_the_account_is_reached_past_a_proxy_whose_exceptions_are_kept(found):
    assert found["no proxy"] == "internal.example.com,127.0.0.1,localhost"


def test_loopback_stays_open(found):
    assert found["loopback"] == "x"


def test_after_stop_all_is_as_before(found):
    assert found["after"] == {
        "same": True, "key": "AKIAREALENV000000000", "region": "eu-central-1", "s3": "https://s3.example.com",
        "threads": ["MainThread"],
    }  # fmt: skip


OPEN_BEFORE = """
import http.client, http.server, threading
import labkit
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
connection.connect()
connection.host = "s3.amazonaws.com"  # as a connection of a client that was used before the account was started
account = labkit.start()
try:
    connection.request("GET", "/")
    print("sent")
except Exception as error:
    print(type(error).__name__, error)
account.stop()
"""


def test_nothing_is_sent_over_a_connection_that_was_open_before(in_child):
    said = in_child(OPEN_BEFORE).out
    assert said.startswith("OutsideConnection ") and "'s3.amazonaws.com'" in said
