"""`labkit lab` as the kernel of a lesson finds it."""

from __future__ import annotations

from lab_process import kernel_of, lab_process

from labkit.cli import FIRST_LESSON, LESSONS

PLANTED = {
    "AWS_ACCESS_KEY_ID": "AKIAREALENV000000000", "AWS_SECRET_ACCESS_KEY": "real-secret",
    "AWS_SESSION_TOKEN": "real-token", "AWS_PROFILE": "work", "AWS_ENDPOINT_URL_S3": "https://s3.example.com",
}  # fmt: skip
LOOK = """
import boto3
session = boto3.session.Session()
s3 = session.client("s3")
try:
    s3.list_buckets()
except Exception as error:
    print(error)
print(s3.meta.endpoint_url, session.get_credentials().access_key, session.available_profiles)
"""


def test_a_cell_that_is_run_before_the_kit_is_loaded_reaches_nothing(tmp_path, monkeypatch):
    for name, value in PLANTED.items():
        monkeypatch.setenv(name, value)
    said = []
    with lab_process(FIRST_LESSON, tmp_path) as lab, kernel_of(lab, LESSONS / FIRST_LESSON) as kernel:
        kernel.execute_interactive(
            LOOK, timeout=180, output_hook=lambda message: said.append(message["content"].get("text", ""))
        )
    refused, seen = "".join(said).splitlines()
    assert refused == 'Could not connect to the endpoint URL: "http://no-account-yet.localhost:9/"'
    assert seen == "http://no-account-yet.localhost:9 AKIALABKITLEARNER000 []"
