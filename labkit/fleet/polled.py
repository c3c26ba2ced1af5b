"""A queue's pollers: they invoke with what is there, never more at once than they are, and hold back the rest.

Lambda polls a standard queue of SQS with five invocations at once, and while messages wait for more it adds pollers
(SQS-02 and the quotas beside it). Left out: batches (a message is an invocation), messages that fail, and how fast
Lambda takes pollers away.
"""

from __future__ import annotations

import heapq
from typing import Any

from labkit.fleet.kernel import COLD, SPREAD, WARM


def poll(
    arrivals: Any,
    service: Any,
    init: Any,
    keep_alive: Any,
    pollers: int,
    step: float,
    most: int,
    codes: Any,
    starts: Any,
) -> None:
    """Serve these messages in turn; fills `starts` (when each was invoked) and `codes` (see `fleet.kernel`).

    There are `pollers` at first, one more for each `step` (s) in which messages wait, and at last `most`. In the part
    of Python that numba compiles.
    """
    busy = [(0.0, 0, 0.0)]  # end, environment, until when it is kept
    idle = [(0, 0.0)]  # the most recently used last
    busy.pop()
    idle.pop()
    number = 0
    waited = 0.0
    now = 0.0
    for item in range(len(arrivals)):
        now = max(now, arrivals[item])
        while True:
            while len(busy) > 0 and busy[0][0] <= now:
                _, environment, kept = heapq.heappop(busy)
                idle.append((environment, kept))
            if len(busy) < pollers:
                break
            grown = now + step - waited
            if pollers < most and grown < busy[0][0]:
                pollers += 1
                waited = 0.0
                now = grown
            else:
                waited += busy[0][0] - now
                now = busy[0][0]
        starts[item] = now
        environment = -1
        while len(idle) > 0:
            before, kept = idle.pop()
            if kept >= now:
                environment = before
                break
        end = now + service[item]
        if environment < 0:
            environment = number
            number += 1
            end += init[item]
            codes[item] = environment * SPREAD + COLD
        else:
            codes[item] = environment * SPREAD + WARM
        heapq.heappush(busy, (end, environment, end + keep_alive[item]))
