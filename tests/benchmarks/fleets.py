"""Simulated invocations: labkit beside SimFaaS, a minimal fleet in SimPy and a minimal loop in C, in turns.

labkit simulates with all features on: a random keep-alive, provisioned concurrency, a limit on concurrency and the
scaling rate. The C loop has none of them and draws its numbers beforehand.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from measures import seconds
from peer_programs import installed
from result import Result

import labkit
from labkit import fleet

CASES = ((1.0, 2.0), (10.0, 1.0), (100.0, 2.0), (1000.0, 1.0))  # requests a second, mean service (s)
SMALL, LARGE = CASES[0], CASES[-1]
PLAIN, COMPILED = 200_000, 2_000_000  # invocations
TURNS = 3
FASTER = {"python": (30, 400), "numba": (200, 2000)}  # than SimFaaS: a small fleet, one of 1,000
DAY, RATE = 86_400.0, 100.0
SIMFAAS_SECONDS = {SMALL: 20_000, (10.0, 1.0): 2_000, (100.0, 2.0): 100, LARGE: 3}
SIMFAAS = """
import contextlib, io, json, sys, time
from simfaas.ServerlessSimulator import ServerlessSimulator
from simfaas.SimProcess import ExpSimProcess
rate, service, until = json.loads(sys.argv[1])
fleet = ServerlessSimulator(
    arrival_process=ExpSimProcess(rate=rate), warm_service_process=ExpSimProcess(rate=1 / service),
    cold_service_process=ExpSimProcess(rate=1 / (service + 0.25)), expiration_threshold=600, max_time=until,
)
begun = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    fleet.generate_trace(debug_print=False, progress=False)
print((time.perf_counter() - begun) / fleet.total_req_count)
"""
SIMPY = """
import json, random, sys, time
import simpy
rate, service, count = json.loads(sys.argv[1])
draw = random.Random(1).expovariate
world, idle, cold = simpy.Environment(), [], 0
def invocation():
    global cold
    while idle and idle[-1] < world.now - 600:
        idle.clear()
    if idle:
        idle.pop()
        yield world.timeout(draw(1 / service))
    else:
        cold += 1
        yield world.timeout(draw(1 / service) + 0.25)
    idle.append(world.now)
def traffic():
    for _ in range(count):
        yield world.timeout(draw(rate))
        world.process(invocation())
world.process(traffic())
begun = time.perf_counter()
world.run()
print((time.perf_counter() - begun) / count)
"""
C = """
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
static double drawn(double mean) { return -mean * log((rand() + 1.0) / (RAND_MAX + 2.0)); }
int main(int count_of, char **given) {
    double rate = atof(given[1]), service = atof(given[2]);
    int count = atoi(given[3]), busy = 0, idle = 0, cold = 0;
    double *gap = malloc(count * sizeof *gap), *work = malloc(count * sizeof *work);
    double *heap = malloc((count + 1) * sizeof *heap), *stack = malloc(count * sizeof *stack);
    for (int i = 0; i < count; i++) { gap[i] = drawn(1 / rate); work[i] = drawn(service); }
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    double now = 0;
    for (int i = 0; i < count; i++) {
        now += gap[i];
        while (busy && heap[1] <= now) {
            stack[idle++] = heap[1];
            double last = heap[busy--];
            int place = 1;
            for (int child; (child = 2 * place) <= busy; place = child) {
                if (child < busy && heap[child + 1] < heap[child]) child++;
                if (heap[child] >= last) break;
                heap[place] = heap[child];
            }
            heap[place] = last;
        }
        double end = now + work[i];
        if (idle && stack[idle - 1] >= now - 600) idle--; else { idle = 0; cold++; end += 0.25; }
        int place = ++busy;
        for (; place > 1 && heap[place / 2] > end; place /= 2) heap[place] = heap[place / 2];
        heap[place] = end;
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%.12g\\n", (to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9) / count);
    return cold == 0;
}
"""


def fleets(peers: Path | None) -> list[Result]:
    """Seconds for each simulated invocation against the peers below this folder, where one is given, and the bounds."""
    engines = ["python", *(["numba"] if importlib.util.find_spec("numba") else [])]
    taken = {(engine, case): in_turns(engine, case) for engine in engines for case in CASES}
    results = [one for engine in engines for one in (slowdown(engine, taken), a_day(engine))]
    results.append(Result("a moved slider of labkit.explore", redraw(), most=0.2))
    results.append(Result("bytes kept for a simulated invocation", kept_bytes(), most=64, unit="B"))
    if peers is not None:
        results += beside_simfaas(peers, taken)
    if shutil.which("cc") and "numba" in engines:
        results += beside_c(taken)
    return results


def in_turns(engine: str, case: tuple[float, float]) -> float:
    """The median of some turns, in seconds an invocation."""
    rate, service = case
    count = PLAIN if engine == "python" else COMPILED
    arrivals = np.cumsum(np.random.default_rng(1).exponential(1 / rate, count))

    def run() -> None:
        fleet.simulate(
            arrivals, service=fleet.Exponential(service), init=0.25, keep_alive=fleet.Exponential(600.0), provisioned=3,
            account_limit=5000, engine=engine,
        )  # fmt: skip

    run()
    return median(seconds(run) for _ in range(TURNS)) / count


def slowdown(engine: str, taken: dict[tuple[str, tuple[float, float]], float]) -> Result:
    """From a fleet of two to one of a thousand."""
    small = taken[engine, SMALL]
    return Result(f"invocation in a fleet of 1,000, {engine}", taken[engine, LARGE], 2.5, small, "a fleet of 2")


def a_day(engine: str) -> Result:
    """A simulated day at a hundred requests a second."""
    arrivals = np.cumsum(np.random.default_rng(2).exponential(1 / RATE, int(DAY * RATE)))
    took = seconds(lambda: fleet.simulate(arrivals, service=fleet.Exponential(0.2), init=0.25, engine=engine))
    return Result(f"a simulated day at 100/s, {engine}", took, most=10.0 if engine == "python" else 2.0)


def redraw() -> float:
    """From the move of a slider until the new chart is there."""
    panel = labkit.explore()
    slider = next(one for one in panel.children if getattr(one, "description", "") == "concurrency limit")
    return median(seconds(lambda to=to: setattr(slider, "value", to)) for to in range(20, 130, 10))


def kept_bytes() -> float:
    """The bytes of a trace's columns, those aside that hold one value for all."""
    trace = fleet.simulate(np.arange(100_000.0), service=0.1, init=0.25)
    columns = [np.asarray(getattr(column, "_numbers", column)) for column in trace._columns.values()]
    return sum(column.nbytes for column in columns if column.strides != (0,)) / len(trace)


def beside_simfaas(peers: Path, taken: dict[tuple[str, tuple[float, float]], float]) -> list[Result]:
    """Small and large fleets against SimFaaS, and against SimPy for the eye."""
    results = []
    for case, place in ((SMALL, 0), (LARGE, 1)):
        theirs = median(_script(peers, "SimFaaS", SIMFAAS, [*case, SIMFAAS_SECONDS[case]]) for _ in range(TURNS))
        simpy = median(_script(peers, "SimFaaS", SIMPY, [*case, 50_000]) for _ in range(TURNS))
        name = f"{case[0]:g}/s of {case[1]:g} s"
        for engine, bounds in FASTER.items():
            if (engine, case) in taken:
                ours = taken[engine, case]
                results.append(Result(f"invocation, {name}, {engine}", ours, 1 / bounds[place], theirs, "SimFaaS"))
                results.append(Result(f"invocation, {name}, {engine}", ours, 1, simpy, "SimPy"))
    return results


def beside_c(taken: dict[tuple[str, tuple[float, float]], float]) -> list[Result]:
    """Compiled by numba against a minimal loop in C, for each case."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "loop")
        source = Path(folder, "loop.c")
        source.write_text(C, encoding="utf-8")
        subprocess.run(["cc", "-O2", "-o", str(program), str(source), "-lm"], check=True)
        floors = {case: median(_loop(program, case) for _ in range(TURNS)) for case in CASES}
    return [
        Result(f"invocation, {case[0]:g}/s of {case[1]:g} s, numba", taken["numba", case], 3, floors[case], "C loop")
        for case in CASES
    ]


def _loop(program: Path, case: tuple[float, float]) -> float:
    done = subprocess.run([str(program), *map(str, case), str(COMPILED)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def _script(peers: Path, name: str, source: str, given: list[float]) -> float:
    python = installed(name, peers)
    done = subprocess.run([str(python), "-c", source, json.dumps(given)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"{name}: {done.stderr.strip().splitlines()[-1]}")
    return float(done.stdout)


if __name__ == "__main__":
    from result import table_of
    from rich.console import Console

    found = fleets(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    Console(width=150).print(table_of(found, "Simulated invocations"))
    sys.exit(0 if all(result.ok for result in found) else 1)
