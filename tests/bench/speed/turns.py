"""Ours and a peer in turns: A B A B A B, so that what else the machine does meets both."""

import os
import statistics
import subprocess
import time

TIMES = int(os.environ.get("TIMES", "3"))


class Ours:
    """A benchmark of the metric's, built as it is released. It prints a line when it is ready; then each line that it
    is given is a number of threads, and its answer begins with the seconds and those of processors. OURS in the
    environment is a folder of such programs that are built already."""

    def __init__(self, bench, *arguments):
        command = ["cargo", "bench", "--quiet", "--locked", "-p", "yieldset-metric", "--bench", bench, "--"]
        if "OURS" in os.environ:
            command = [os.path.join(os.environ["OURS"], bench)]
        self.process = subprocess.Popen(
            command + [str(one) for one in arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.ready = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("our benchmark ended: see above")
        return [float(one) for one in line.split()]

    def __call__(self, threads):
        self.process.stdin.write(f"{threads}\n")
        self.process.stdin.flush()
        self.last = self.answer()
        return self.last[:2]

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def timed(what):
    """Seconds that it takes, and those of processors that all threads of this process take."""
    started, before = time.perf_counter(), time.process_time()
    what()
    return time.perf_counter() - started, time.process_time() - before


def in_turns(head, runs, digits=2):
    """Rows for each number of threads: ours, the peer and how many times as fast, by the least of all turns and by the
    median. What else the machine does slows seconds, and hardly those of processors."""
    rows = []
    for threads in (1, 2):
        took = [[], []]
        for _ in range(TIMES):
            for times, run in zip(took, runs):
                times.append(run(threads))
        for name, at in (("seconds", 0), ("seconds of processors", 1)):
            least, median = ([of(times[at] for times in one) for one in took] for of in (min, statistics.median))
            both = [f"{least[one]:,.{digits}f} / {median[one]:,.{digits}f}" for one in (0, 1)]
            ratios = [f"{of[1] / max(of[0], 0.01):.1f}" for of in (least, median)]
            rows.append([f"{head}{threads}, {name}", *both, " / ".join(ratios)])
    return rows


def memory(figure="VmRSS"):
    """This process's, in MB."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(figure)) / 1000


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(str(one) for one in row) + " |", flush=True)
