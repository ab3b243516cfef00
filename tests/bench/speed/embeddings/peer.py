"""fastembed over a file of texts, a text a line: prints a line of JSON, and writes the vectors as floats.

    peer.py MODEL_FOLDER TEXTS VECTORS THREADS BATCH as-given|by-length
"""

import json
import resource
import sys
import time

import numpy
from fastembed import TextEmbedding

folder, texts, vectors, threads, batch, order = sys.argv[1:]
texts = open(texts, encoding="utf-8").read().splitlines()
model = TextEmbedding("sentence-transformers/all-MiniLM-L6-v2", specific_model_path=folder, threads=int(threads))
list(model.embed(texts[:8]))
began = time.perf_counter()
if order == "by-length":
    # Little is padded then.
    places = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    embedded = numpy.empty((len(texts), 384), dtype="<f4")
    for place, one in zip(places, model.embed([texts[place] for place in places], batch_size=int(batch))):
        embedded[place] = one
else:
    embedded = numpy.array(list(model.embed(texts, batch_size=int(batch))), dtype="<f4")
seconds = time.perf_counter() - began
embedded.tofile(vectors)
peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"texts": len(texts), "seconds": seconds, "peak_mb": peak_mb, "threads": int(threads)}))
