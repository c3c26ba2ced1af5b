"""The one loop by which a fleet serves invocations, in the part of Python that numba compiles.

Plain Python runs it on lists, numba on arrays: the same statements in the same order, so both give the same decisions
to the last bit. It never searches: completions come in the order of their ends, which NumPy has sorted, and the idle
environments are a stack with the most recently used on top. Only a cold start ends later than was sorted, by its Init
phase; such late ones wait in a queue of their own.
"""

from __future__ import annotations

import math
from typing import Any

# A code is an environment's number times 8 and how it was started.
WARM, COLD, PROVISIONED = 0, 1, 2
SPREAD = 8
THROTTLED = -1


def serve(
    arrivals: Any, first: int, order: Any, sorted_ends: Any, ends: Any, expiry: Any, init: Any, codes: Any,
    idle: Any, ready: Any, late_ends: Any, late: Any, gone: Any, change_times: Any, changes: Any, counters: Any,
    bucket: Any,
) -> None:  # fmt: skip
    """Serve these arrivals in turn.

    Items 0 … first - 1 are invocations of before that are idle or still run; `first` and on are the new ones. By item:
    `ends` (of a warm start), `expiry` (until when its environment then is kept), `init`, and `codes`, which is filled.
    `order` and `sorted_ends` list the items by end, with an infinite one behind the last. `idle` and `ready` are the
    stacks of idle environments (by item) and of free provisioned ones (by code); `gone` lists by item the
    idle ones that are given up. `changes` of provisioned concurrency
    come at `change_times`, an infinite one last. `counters` (see `fleet.state`) and `bucket` (tokens, when counted,
    most, tokens a second) are carried on from call to call.
    """
    top, room, free, debt = counters[0], counters[1], counters[2], counters[3]
    number, provisioned_number, change = counters[4], counters[5], counters[6]
    tokens, counted, most, per_second = bucket[0], bucket[1], bucket[2], bucket[3]
    done = begun = queued = given_up = 0
    next_end, next_late, next_change = sorted_ends[0], math.inf, change_times[change]
    for item, now in enumerate(arrivals, first):
        while next_end <= now or next_late <= now:
            if next_late < next_end:
                idle[top] = late[begun]
                top += 1
                room += 1
                begun += 1
                next_late = late_ends[begun] if begun < queued else math.inf
            else:
                ended = order[done]
                done += 1
                next_end = sorted_ends[done]
                code = codes[ended]
                how = code & 7
                if how == WARM:
                    idle[top] = ended
                    top += 1
                    room += 1
                elif how == PROVISIONED:
                    if debt > 0:
                        debt -= 1
                    else:
                        ready[free] = code
                        free += 1
                elif how == COLD:  # it runs on until its Init phase is counted in
                    end = ends[ended]
                    place = queued
                    while place > begun and late_ends[place - 1] > end:
                        late_ends[place] = late_ends[place - 1]
                        late[place] = late[place - 1]
                        place -= 1
                    late_ends[place] = end
                    late[place] = ended
                    queued += 1
                    next_late = late_ends[begun]
        while next_change <= now:
            more = changes[change]
            room -= more
            while more > 0 and debt > 0:
                debt -= 1
                more -= 1
            while more > 0:
                ready[free] = provisioned_number * SPREAD + PROVISIONED
                provisioned_number += 1
                free += 1
                more -= 1
            while more < 0:
                if free > 0:
                    free -= 1
                else:
                    debt += 1
                more += 1
            change += 1
            next_change = change_times[change]
        if free > 0:
            free -= 1
            codes[item] = ready[free]
        elif room <= 0:
            codes[item] = THROTTLED
        else:
            while top > 0:
                top -= 1
                before = idle[top]
                if expiry[before] >= now:
                    codes[item] = codes[before] & -8
                    room -= 1
                    break
                gone[given_up] = before
                given_up += 1
            else:
                tokens = min(most, tokens + (now - counted) * per_second)
                counted = now
                if tokens < 1:
                    codes[item] = THROTTLED
                else:
                    tokens -= 1
                    room -= 1
                    codes[item] = number * SPREAD + COLD
                    number += 1
                    ends[item] += init[item]
                    expiry[item] += init[item]
    counters[0] = top
    counters[1] = room
    counters[2] = free
    counters[3] = debt
    counters[4] = number
    counters[5] = provisioned_number
    counters[6] = change
    counters[7] = done
    counters[8] = begun
    counters[9] = queued
    counters[10] = given_up
    bucket[0] = tokens
    bucket[1] = counted
