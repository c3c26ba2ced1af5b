"""What a learner changes in a lesson, and the sentence that has to change with it.

Add a line for each sleep, memory size and payload of a lesson whose result is told in a sentence. All changes of a
lesson are made at once, so they must not get in each other's way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """In `lesson`, the first code cell that holds `old` gets `new` instead.

    Then a sentence matches the pattern `told`, which none does in the lesson as it stands. Where `between` is given,
    the pattern's group is a number, and a sentence matches when that lies in these bounds.
    """

    lesson: str
    old: str
    new: str
    told: str
    between: tuple[float, float] | None = None

    def is_told(self, sentences: list[str]) -> bool:
        found = [match for sentence in sentences if (match := re.search(self.told, sentence))]
        if self.between is None:
            return bool(found)
        low, high = self.between
        return any(low <= float(match[1].replace(",", "")) <= high for match in found)


START, LIFE, COLD = "00-start-here", "01-life-of-an-invocation", "03-cold-and-warm-starts"
TYPES = "02-invocation-types"
PIPELINE = "11-file-pipeline"
DEPLOY = "10-deployment"
CHOICE = "15-choosing-a-service"
CROWD, COST = "04-concurrency-and-scaling", "14-cost-and-power-tuning"
PUSH, POLL = "05-push-triggers", "06-polled-sources"
WRITING = "07-writing-a-function"
BOUNDS = "08-limits"
NIGHTLY = "13-scheduled-job"
ROLES = "09-execution-roles"
RESTFUL = "12-rest-api"
MUTATIONS = [
    Mutation(START, "%%function hello", "%%function hello --memory 256", r"with 256 MB"),
    Mutation(START, '{"name": "Ada"}', '{"name": "Edsger"}', r"answered \*\*Hello, Edsger!"),
    Mutation(START, '{"name": "Grace"}', '{"name": "Barbara"}', r"printed 1: \*\*Greeting Barbara"),
    Mutation(START, '{"seconds": 2}', '{"seconds": 0.4}', r"After ([\d.]+) s you got \*\*an answer", (0.4, 1.9)),
    Mutation(LIFE, "time.sleep(0.3)", "time.sleep(2)", r"\*\*cold\*\*: (\d+) ms Init", (2000, 8000)),
    Mutation(LIFE, "time.sleep(0.1)", "time.sleep(0.3)", r"\*\*warm\*\*: 0 ms Init, (\d+) ms handler", (300, 2000)),
    Mutation(LIFE, "time.sleep(0.1)", "time.sleep(0.3)", r"Warm: [\d.]+ ms, billed \*\*(\d+) ms", (300, 2000)),
    Mutation(LIFE, "--memory 128", "--memory 512", r"\*\*([\d,]+) GB-seconds", (150_000, 300_000)),
    Mutation(LIFE, "--memory 128", "--memory 512", r"1024 MB, \d+ ms billed"),
    Mutation(LIFE, '("Ada", "Grace")', '("Ada", "Katherine")', r"variable named \*\*Ada and Katherine\*\*"),
    Mutation(LIFE, "minutes=60", "minutes=5", r"A warm start: .* and Alan\*\*"),
    Mutation(LIFE, '"b": 0}', '"b": 4}', r"FunctionError: \*\*None\*\*"),
    Mutation(LIFE, '{"a": 6, "b": 3}', '{"a": 20, "b": 4}', r"The result is 5,"),
    Mutation(COLD, "calls = 20", "calls = 7", r"\*\*1 of 7\*\* calls started cold"),
    Mutation(
        COLD, "import json", "import json\nimport time\n\ntime.sleep(0.4)",
        r"First call, \*\*cold\*\*: wait [\d.,]+ ms, init ([\d.,]+) ms", (400, 3000),
    ),
    Mutation(COLD, "pauses = 5, 9, 5, 9", "pauses = 5, 30", r"35 minutes in all, .* \*\*warm, cold\*\*"),
    Mutation(COLD, "pause = 15", "pause = 4", r"After 4 idle minutes the call started \*\*warm\*\*"),
    Mutation(
        COLD, "import boto3\n\n\ndef", "import time\n\ntime.sleep(3)\n\n\ndef",
        r"\| `with_boto3` \| [\d.,]+ ms \| ([\d.,]+) ms", (3000, 9000),
    ),
    Mutation(COLD, "megabytes = 20", "megabytes = 2", r"Package of 2\.0 MB"),
    Mutation(
        COLD, "    key = hashlib", "    __import__('time').sleep(0.6)\n    key = hashlib",
        r"Billed: `key_in_handler` \*\*([\d.,]+) ms", (600, 3000),
    ),
    Mutation(COLD, "key_in_init --memory 1769", "key_in_init --memory 1024", r"`key_in_init`, 1024 MB"),
    Mutation(COLD, "calls = 10", "calls = 3", r"\| 3 calls of"),
    Mutation(COLD, "callers = 5", "callers = 3", r"\*\*3 of 6\*\* calls started cold"),
    Mutation(COLD, "time.sleep(0.5)", "time.sleep(0.8)", r"The handler took ([\d.,]+) ms", (800, 2000)),
    Mutation(COLD, "memory, days = 512, 30", "memory, days = 1024, 30", r"of 1024 MB, .*: \*\*10\.80 USD"),
    Mutation(TYPES, "pause = 1", "pause = 0.2", r"the handler ran ([\d.]+) s", (0.2, 0.9)),
    Mutation(TYPES, '{"task": "the report"})', '{"task": "the cake"})', r"the answer \*\*\"the cake is done"),
    Mutation(
        TYPES, "DestinationConfig=both)", "MaximumRetryAttempts=1, DestinationConfig=both)",
        r"It ran \*\*2 times",
    ),
    Mutation(TYPES, '("tea", "coffee", "milk")', '("tea",) * 11', r"after \*\*2\*\* invocations"),
    Mutation(TYPES, "kilobytes = 2000", "kilobytes = 500", r"Event \*\*202"),
    Mutation(PIPELINE, "cake,400", "cake,400\\nmilk,100", r"\*\*4\*\* items: monday.*Total: \*\*1050"),
    Mutation(PIPELINE, "coffee,three", "coffee,3", r"tried \*\*1 time\*\*, and then the queue has: \*\*nothing"),
    Mutation(PIPELINE, "(96, 96)", "(300, 300)", r"to \*\*([\d.]+) KB", (6, 60)),
    Mutation(DEPLOY, "megabytes = 60", "megabytes = 20", r"20 MB was \*\*accepted"),
    Mutation(DEPLOY, "memory = 512\nbefore", "memory = 1024\nbefore", r"It has \*\*1024 MB\*\* now"),
    Mutation(DEPLOY, 'outputs["FunctionName"], 128', 'outputs["FunctionName"], 192', r"the function has \*\*192 MB"),
    Mutation(DEPLOY, '{"name": "Ada"}', '{"name": "Grace"}', r"`Greeter-.*\*\*hello Grace"),
    Mutation(DEPLOY, "share = 0.1\n", "share = 0.9\n", r"answered \*\*(\d+)\*\* of 100", (60, 99)),
    Mutation(CHOICE, "minutes = 20", "minutes = 14", r"14 minutes is \*\*accepted"),
    Mutation(CHOICE, "pause = 0.5", "pause = 1.2", r"billed \*\*([\d.]+) s\*\*, and who", (3.5, 8)),
    Mutation(CHOICE, "most = 2\n", "most = 5\n", r"at most \*\*([345])\*\* at once", (3, 5)),
    Mutation(CHOICE, "busy = 1.0", "busy = 0.1", r"at 10% load: Lambda \*\*([\d.]+) USD", (1, 20)),
    Mutation(CROWD, "rate, duration = 100, 0.2", "rate, duration = 100, 0.5", r"0\.5 s = \*\*50\*\*"),
    Mutation(CROWD, "callers = 6", "callers = 5", r"5 calls were answered, by \*\*5\*\*"),
    Mutation(CROWD, "share = 3", "share = 2", r"\*\*2\*\* served, \*\*3\*\* refused"),
    Mutation(CROWD, "ready = 2", "ready = 3", r"\*\*3\*\* provisioned, \*\*1\*\* cold"),
    Mutation(CROWD, "np.full(5000, 30.0)", "np.full(500, 30.0)", r"\*\*0\*\* throttled"),
    Mutation(WRITING, "event = [1, 2, 3]", "event = {'a': 1}", r"of type \*\*dict\*\*"),
    Mutation(WRITING, "reserve = 1000", "reserve = 2500", r"\*\*([\d]+)\*\* of 100 pieces", (1, 6)),
    Mutation(WRITING, '{"CURRENCY": "CHF"}', '{"CURRENCY": "SEK"}', r"then \*\*12 SEK\*\*"),
    Mutation(WRITING, 'level = "INFO"', 'level = "WARN"', r"With WARN: \*\*1\*\* lines"),
    Mutation(WRITING, "days = 14", "days = 30", r"after \*\*30 days\*\*"),
    Mutation(ROLES, 'action = "dynamodb:PutItem"', 'action = "dynamodb:*"', r"works: \*\*put, scan"),
    Mutation(ROLES, 'table = "orders"', 'table = "visitors"', r"on visitors: \*\*allowed"),
    Mutation(ROLES, 'effect = "Deny"', 'effect = "Allow"', r"Allow by the other: \*\*allowed"),
    Mutation(ROLES, '"s3.amazonaws.com"', '"sns.amazonaws.com"', r"\*\*sns.amazonaws.com\*\* may now call"),
    Mutation(BOUNDS, "seconds = 3\n", "seconds = 0.1\n", r"For 0\.1 s of work: \*\*none"),
    Mutation(BOUNDS, "megabytes = 256", "megabytes = 10", r"For 10 MB: \*\*none"),
    Mutation(BOUNDS, "space = 1024", "space = 2048", r"\*\*2048 MB\*\* now"),
    Mutation(BOUNDS, "length = 2 * 1024 * 1024", "length = 100", r"An \*event\* of 100 bytes: `none"),
    Mutation(RESTFUL, 'asked = "assam"', 'asked = "oolong"', r"For oolong: \*\*404\*\*"),
    Mutation(RESTFUL, 'how = "dict"', 'how = "raise"', r"`raise`: \*\*502\*\*"),
    Mutation(RESTFUL, "time.sleep(0.7)", "time.sleep(1.2)", r"the run took ([\d.]+) s", (1.2, 4)),
    Mutation(RESTFUL, '"abracadabra"', '"open sesame"', r"401 and 200\*\*, and `reply` ran \*\*1\*\*"),
    Mutation(RESTFUL, "minutes = 60", "minutes = 1", r"After 1 minutes: .* \(warm and warm\)"),
    Mutation(NIGHTLY, "hour = 21", "hour = 7", r"07:00"),
    Mutation(NIGHTLY, "days = 3\n", "days = 5\n", r"It ran \*\*5 times\*\*"),
    Mutation(
        COST, 'records = [call("waits", {"seconds": 0.2})', 'records = [call("waits", {"seconds": 0.5})',
        r"Billed \*\*(\d+) ms", (500, 800),
    ),
    Mutation(COST, "calls = 3_000_000", "calls = 9_000_000", r"taken off: \*\*([\d.]+) USD", (10, 80)),
    Mutation(COST, "memory = 1024\nlambda", "memory = 2048\nlambda", r"with 2048 MB: \*\*"),
    Mutation(COST, "sizes = 128, 512, 1024", "sizes = 256, 512", r"512 MB is \*\*"),
    Mutation(COST, "rate, memory = 5.0, 1024", "rate, memory = 5.0, 2048", r"arm64: \*\*([\d.]+) USD", (60, 90)),
    Mutation(COST, "vcpu, gb = 1, 2", "vcpu, gb = 2, 4", r"4 GB: \*\*([\d.]+) USD", (70, 72)),
    Mutation(PUSH, 'Key="red flower.jpg"', 'Key="50%+1 ü.jpg"', r"The event names \*\*50%25%2B1\+%C3%BC\.jpg\*\*"),
    Mutation(PUSH, '"tea", "cake", "coffee"', '"tea", "juice"', r"\*\*2 invocations\*\*, with juice, tea"),
    Mutation(PUSH, '[">", 100]', '[">", 300]', r"\*\*1 of 3\*\* orders started it: \[400\]"),
    Mutation(PUSH, '{"teller": "done"}', '{"statusCode": 201}', r"API answered \*\*201\*\*, the load balancer \*\*201"),
    Mutation(PUSH, '"sold coffee"', '"ERROR no coffee"', r"\*\*2\*\* of them: ERROR no cake, ERROR no coffee"),
    Mutation(PUSH, 'f"small/{name}"', 'f"in/small-{name}"', r"With the prefix `in/`, one upload made \*\*16\*\* runs"),
    Mutation(POLL, "labkit.invocations()), 10", "labkit.invocations()), 2", r"\*\*invocations: 3\*\*"),
    Mutation(POLL, 'mixed = ["tea", "poison", "cake", "milk"]', 'mixed = ["tea", "milk"]', r"Of 2 messages \*\*0\*\*"),
    Mutation(POLL, "times = 3", "times = 5", r"Received 5 times each"),
    Mutation(POLL, '["MaximumRetryAttempts"] = 2', '["MaximumRetryAttempts"] = 0', r"saw \*\*one, bad, two\*\*"),
    Mutation(POLL, 'for price in ("2", "3")', 'for price in ("2",)', r"told of \*\*INSERT, REMOVE\*\*"),
]  # fmt: skip
