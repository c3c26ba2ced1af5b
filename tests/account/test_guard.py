"""Nothing reaches the real AWS: neither from the notebook's process nor from a handler, whatever the machine has set.

Each test is a process of its own in whose environment real-looking credentials, profiles, endpoints and a proxy are
planted, as a learner's machine may have them.
"""

from __future__ import annotations

import json

import pytest

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
START = """
import io, json, os, socket, sys, zipfile
before = dict(os.environ)
import boto3, labkit
real = boto3.client("s3", region_name="us-east-1")  # made before the account, with the machine's own settings
account = labkit.start()

def deploy(code, **more):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("lambda_function.py", code)
    role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    boto3.client("lambda").create_function(
        FunctionName="f", Runtime="python3.13", Role=role, Handler="lambda_function.lambda_handler",
        Code={"ZipFile": archive.getvalue()}, Timeout=20, MemorySize=1769, **more)

def invoke(event):
    return json.load(boto3.client("lambda").invoke(FunctionName="f", Payload=json.dumps(event))["Payload"])
"""
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


@pytest.fixture
def planted(tmp_path, in_child):
    """Runs a script on such a machine; it prints one line of JSON last."""
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "config").write_text(CONFIG)
    (home / ".aws" / "credentials").write_text(CREDENTIALS)
    variables = {
        "HOME": str(home), "USERPROFILE": str(home), "AWS_ACCESS_KEY_ID": "AKIAREALENV000000000",
        "AWS_SECRET_ACCESS_KEY": "real-secret", "AWS_SESSION_TOKEN": "real-token", "AWS_PROFILE": "work",
        "AWS_ENDPOINT_URL_S3": "https://s3.example.com", "AWS_DEFAULT_REGION": "eu-central-1",
        "HTTP_PROXY": "http://192.0.2.7:3128", "http_proxy": "http://192.0.2.7:3128",
        "HTTPS_PROXY": "http://192.0.2.7:3128", "https_proxy": "http://192.0.2.7:3128", "NO_PROXY": "", "no_proxy": "",
    }  # fmt: skip

    def run(script, **more):
        done = in_child(START + REACH + script, **(variables | more))
        assert done.status == 0, done.err
        return json.loads(done.out.splitlines()[-1])

    return run


def test_boto3_has_invented_credentials_and_the_accounts_endpoint(planted):
    found = planted("""
found = {"endpoint": account.endpoint}
for service in ("s3", "sts", "dynamodb", "lambda"):
    found[service] = boto3.client(service).meta.endpoint_url
session = boto3.session.Session()
credentials = session.get_credentials()
found |= {"key": credentials.access_key, "token": credentials.token, "region": session.region_name,
          "profiles": session.available_profiles, "who": boto3.client("sts").get_caller_identity()["Account"]}
boto3.client("s3").create_bucket(Bucket="here")
found["buckets"] = [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]
print(json.dumps(found))
""")
    endpoint = found.pop("endpoint")
    assert endpoint.startswith("http://127.0.0.1:")
    assert [found.pop(service) for service in ("s3", "sts", "dynamodb", "lambda")] == [endpoint] * 4
    assert "REAL" not in found["key"]
    assert found == {
        "key": found["key"], "token": None, "region": "us-east-1", "profiles": [], "who": "123456789012",
        "buckets": ["here"],
    }  # fmt: skip


def test_a_client_made_before_the_account_was_started_reaches_nothing(planted):
    found = planted("""
try:
    print(json.dumps(str(real.list_buckets())))
except Exception as error:
    print(json.dumps([str(error), str(error.kwargs["error"])]))
""", https_proxy="", HTTPS_PROXY="", http_proxy="", HTTP_PROXY="")  # fmt: skip
    assert found[0] == 'Could not connect to the endpoint URL: "https://s3.example.com/"'
    assert "labkit keeps everything on this machine, so the connection to 's3.example.com' was refused" in found[1]


def test_the_notebook_can_not_leave_the_machine(planted):
    assert planted("print(json.dumps(reach()))") == dict.fromkeys(NAMES, "refused")


def test_a_handler_can_not_leave_the_machine(planted):
    found = planted(
        """
deploy(REACH_CODE + "\\ndef lambda_handler(event, context):\\n    return reach()\\n")
print(json.dumps(invoke({})))
""".replace("REACH_CODE", repr(REACH))
    )
    assert found == dict.fromkeys(NAMES, "refused")


def test_a_handler_has_its_roles_credentials_and_nothing_of_the_machines(planted):
    found = planted("""
deploy('''
import os, boto3
def lambda_handler(event, context):
    credentials = boto3.session.Session().get_credentials()
    return {"variables": dict(os.environ), "key": credentials.access_key, "s3": boto3.client("s3").meta.endpoint_url,
            "profiles": boto3.session.Session().available_profiles}
''')
print(json.dumps(invoke({}) | {"endpoint": account.endpoint}))
""")
    assert found["s3"] == found["endpoint"] and found["key"].startswith("ASIA") and found["profiles"] == []
    everything = json.dumps(found)
    for planted_text in ("REAL", "real-", "example.com", "192.0.2.7", "AWS_PROFILE", "home"):
        assert planted_text not in everything


def test_a_child_of_the_notebook_is_pointed_at_the_account_too(planted):
    found = planted("""
import subprocess
script = "import boto3; c = boto3.client('s3'); c.create_bucket(Bucket='child'); print(c.meta.endpoint_url)"
out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
print(json.dumps([out.stdout.strip(), account.endpoint, out.stderr]))
""")
    assert found[0] == found[1], found[2]


def test_after_stop_all_is_as_before(planted):
    found = planted("""
import atexit, threading
account.stop()
account.stop()
session = boto3.session.Session()
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.connect(("192.0.2.1", 9))  # no packet leaves for this: it sets an address
print(json.dumps({"same": dict(os.environ) == before, "key": session.get_credentials().access_key,
                  "region": session.region_name, "s3": boto3.client("s3").meta.endpoint_url,
                  "threads": [thread.name for thread in threading.enumerate()]}))
""")
    assert found == {
        "same": True, "key": "AKIAREALENV000000000", "region": "eu-central-1", "s3": "https://s3.example.com",
        "threads": ["MainThread"],
    }  # fmt: skip


def test_loopback_stays_open(planted):
    found = planted("""
listener = socket.create_server(("127.0.0.1", 0))
port = listener.getsockname()[1]
for host in ("127.0.0.1", "localhost", b"127.0.0.1", "127.0.0.53", "::ffff:127.0.0.1"):
    family = socket.AF_INET6 if host == "::ffff:127.0.0.1" else socket.AF_INET
    try:
        socket.socket(family).connect((host, port))
    except ConnectionRefusedError:
        assert host == "127.0.0.53"  # nobody listens there
left, right = socket.socketpair()
left.sendmsg([b"x"])
socket.getaddrinfo(None, 0)
print(json.dumps(right.recv(1).decode()))
""")
    assert found == "x"


@pytest.mark.parametrize("no_proxy", ["", "internal.example.com"])
def test_the_account_is_reached_past_a_proxy_and_the_setting_is_kept(planted, no_proxy):
    found = planted(
        """
boto3.client("s3").list_buckets()
during = os.environ["NO_PROXY"]
account.stop()
print(json.dumps([during, os.environ["NO_PROXY"]]))
""",
        NO_PROXY=no_proxy,
        no_proxy=no_proxy,
    )
    assert found[1] == no_proxy and no_proxy in found[0] and "127.0.0.1" in found[0]
