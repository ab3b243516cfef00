"""What the benchmarks of this folder share: our release program, ours and the peer's turns, rows of a table."""

import json
import os
import pathlib
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
# Where scripts/bench lets a benchmark write.
PLACE = pathlib.Path(os.environ["PLACE"])


def built(package, bench):
    """The path of our program."""
    command = ["cargo", "bench", "--locked", "--quiet", "-p", package, "--bench", bench, "--no-run", "--message-format", "json"]
    lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    made = [one["executable"] for one in map(json.loads, lines) if one.get("executable") and bench in one["target"]["name"]]
    return made[-1]


def said(command, threads=None):
    """The line of JSON that a program prints."""
    environment = dict(os.environ)
    if threads:
        environment["RAYON_NUM_THREADS"] = str(threads)
    done = subprocess.run([str(one) for one in command], check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(done.stdout)


def alternating(rounds, *sides):
    """What each side says in each round, in turns: ours, peer, ours, peer."""
    results = [[] for _ in sides]
    for _ in range(rounds):
        for result, side in zip(results, sides):
            result.append(side())
    return results


def middle_and_best(results, key, best=min):
    """Median and best of a figure."""
    values = [one[key] for one in results]
    return statistics.median(values), best(values)


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def memory(results):
    return max(one["peak_mb"] for one in results)
