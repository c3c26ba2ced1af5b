"""Many invocations at once, many environments, many files and much log: nothing is lost, mixed up or left behind.

The suite runs a few hundred of each; `python tests/soak.py` runs 10,000 invocations, 500 environments, a package of
100,000 files and 2 GB of log.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
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
COUNTING = """
import os
def lambda_handler(event, context):
    return sum(len(files) for _, _, files in os.walk("/var/task"))
"""
FLOODING = """
import os
def lambda_handler(event, context):
    for _ in range(event):
        os.write(1, b"x" * (1 << 20))
    return "all written"
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
    _all_at_once(account, at_once)  # their connections stay open, each with a thread in the account
    before = poll(lambda: _settled(account))
    for _ in range(0, environments, at_once):
        _all_at_once(account, at_once)
    poll(lambda: all(now <= then for now, then in zip(_traces(account), before, strict=True)))


def _all_at_once(account: Served, environments: int) -> None:
    with ThreadPoolExecutor(environments) as callers:
        list(callers.map(lambda _: account.invoke(), range(environments)))
    account.advance(3600)


def take_much(account: Served, files: int, megabytes: int) -> None:
    """Run a package of so many files, and a function that logs so much; the disk keeps less than a tenth of the log."""
    account.function({"lambda_function.py": COUNTING, **{f"{n % 1000}/{n}": b"" for n in range(files)}}, Timeout=60)
    assert account.invoke().payload == files + 1
    account.function(FLOODING, "flooding", Timeout=300)
    free = shutil.disk_usage(_folder(account)).free
    assert account.invoke("flooding", megabytes).payload == "all written"
    assert free - shutil.disk_usage(_folder(account)).free < (megabytes << 20) / 10
    assert any("of log follow here and are left out" in line for line in account.messages("flooding"))


def _settled(account: Served) -> tuple[int, int, int] | None:
    """The traces once only the spawner is left of what runs functions."""
    traces = _traces(account)
    return traces if traces[0] == 1 else None


def _traces(account: Served) -> tuple[int, int, int]:
    """How many processes, files and threads the account has."""
    pid = account.process.pid
    threads = len(os.listdir(f"/proc/{pid}/task"))
    return len(descendants(pid)), sum(len(files) for _, _, files in os.walk(_folder(account))), threads


def _folder(account: Served) -> str:
    """Where the account's environments are."""
    return next(part for part in _command_of_spawner(account.process.pid) if "labkit-" in part)


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
    served.post("/moto-api/reset")
    take_much(served, 100_000, 2_000)
    print("100,000 files were unpacked, 2 GB of log were written, and the disk has them no more")
    assert served.stop() == 0
    print(json.dumps({"stopped": True}))
