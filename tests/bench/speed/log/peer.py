"""pymerkle's tree in memory over a log's own records, in the order of its bundles: prints a line of JSON.

    peer.py LOG_FOLDER RECORDS
"""

import json
import pathlib
import resource
import sys
import time

from pymerkle import InmemoryTree

WIDTH, PROOFS = 256, 2_000
folder, size = pathlib.Path(sys.argv[1]), int(sys.argv[2])


def bundle(number):
    """C2SP's name of a bundle: three digits a folder, the last one maybe partial."""
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    return folder / "tile/entries" / "/".join(groups)


tree = InmemoryTree(algorithm="sha256")
began = time.perf_counter()
for number in range(-(-size // WIDTH)):
    width = min(WIDTH, size - number * WIDTH)
    path = bundle(number)
    content = (path if width == WIDTH else path.with_name(f"{path.name}.p") / str(width)).read_bytes()
    while content:
        length = int.from_bytes(content[:2], "big")
        tree.append_entry(content[2 : 2 + length])
        content = content[2 + length :]
appending = time.perf_counter() - began
began = time.perf_counter()
for number in range(PROOFS):
    tree.prove_inclusion(number * 7_919 % size + 1, size)
proving = time.perf_counter() - began
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"root": tree.get_root().hex(), "append_per_second": size / appending, "proofs_per_second": PROOFS / proving, "peak_mb": peak_mb}))
