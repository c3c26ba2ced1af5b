"""Many invocations at once, and many environments: nothing is lost, mixed up or left behind.

The suite runs a few hundred of each; `python tests/soak.py` runs 10,000 invocations and 500 environments.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from served import Served, descendants, poll, serve_account

SPEAKING = """
import logging, os, sys
def lambda_handler(event, context):
    print("said", event["number"], context.aws_request_id)
    logging.getLogger().warning("logged %s\\nover %s lines", event["number"], 2)
    os.write(2, f"written {event['number']}\\n".encode())
    return {"number": event["number"], "request": context.aws_request_id}
"""
CALLERS = 8


def speak(account: Served, invocations: int, seed: int = 0) -> None:
    """Invoke from several callers at once and check each answer, and the log line by line."""
    account.function(SPEAKING, Timeout=60)
    numbers = list(range(invocations))
    random.Random(seed).shuffle(numbers)
    with ThreadPoolExecutor(CALLERS) as callers:
        answers = list(callers.map(lambda number: account.invoke("f", {"number": number}), numbers))
    assert [answer.payload["number"] for answer in answers] == numbers
    requests = {answer.request_id: answer.payload["number"] for answer in answers}
    assert len(requests) == invocations
    assert all(answer.payload["request"] == answer.request_id for answer in answers)
    assert _logged(account) == {
        request: [f"said {number} {request}", f"logged {number}", f"written {number}"]
        for request, number in requests.items()
    }


def _logged(account: Served) -> dict[str, list[str]]:
    """What each request said, by the START and END around it in its log stream."""
    found: dict[str, list[str]] = defaultdict(list)
    streams = account.logs.describe_log_streams(logGroupName="/aws/lambda/f")["logStreams"]
    for stream in (stream["logStreamName"] for stream in streams):
        request = ""
        for message in _messages(account, stream):
            if started := re.match(r"START RequestId: (\S+)", message):
                request = started[1]
            elif message.startswith("END"):
                request = ""
            elif spoken := re.search(r"said \d+ \S+|logged \d+(?=\nover 2 lines)|written \d+", message):
                found[request].append(spoken[0])
    return found


def _messages(account: Served, stream: str) -> list[str]:
    found: list[str] = []
    token = {}
    while True:
        page = account.logs.get_log_events(
            logGroupName="/aws/lambda/f", logStreamName=stream, startFromHead=True, **token
        )
        if not page["events"]:
            return found
        found += [event["message"] for event in page["events"]]
        token = {"nextToken": page["nextForwardToken"]}


def come_and_go(account: Served, environments: int, at_once: int = 4) -> None:
    """Start environments a few at a time and let them expire; no process, file or thread of theirs is left."""
    account.function("import time\ndef lambda_handler(event, context):\n    time.sleep(0.05)\n")
    account.invoke()
    account.advance(3600)
    before = poll(lambda: _settled(account))
    made = 0
    while made < environments:
        with ThreadPoolExecutor(at_once) as callers:
            list(callers.map(lambda _: account.invoke(), range(at_once)))
        account.advance(3600)
        made += at_once
    poll(lambda: _traces(account) <= before)


def _settled(account: Served) -> tuple[int, int, int] | None:
    """The traces once only the spawner is left of what runs functions."""
    traces = _traces(account)
    return traces if traces[0] == 1 else None


def _traces(account: Served) -> tuple[int, int, int]:
    """How many processes, files and threads the account has."""
    pid = account.process.pid
    threads = len(os.listdir(f"/proc/{pid}/task"))
    folder = next(part for part in _command_of_spawner(pid) if "labkit-" in part)
    return len(descendants(pid)), sum(len(files) for _, _, files in os.walk(folder)), threads


def _command_of_spawner(pid: int) -> list[str]:
    spawner = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
    return Path(f"/proc/{spawner}/cmdline").read_text().split("\0")


if __name__ == "__main__":
    served = serve_account()
    speak(served, 10_000)
    print("10,000 invocations answered, each logged under its own request")
    served.post("/moto-api/reset")
    come_and_go(served, 500)
    print("500 environments came and went and left nothing behind")
    assert served.stop() == 0
    print(json.dumps({"stopped": True}))
