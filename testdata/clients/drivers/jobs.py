"""Reads jobs from standard input and prints their outcomes, one JSON object a line."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor

AT_ONCE = 8
PATIENCE = 60  # seconds, far more than a connection takes on a busy machine
PATH = "/v2/vectordb/collections/list"


def run(connect):
    """connect takes a job, and returns its outcome without the id."""

    def answer(line):
        job = json.loads(line)
        return {"id": job["id"], **connect(job)}

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome in pool.map(answer, sys.stdin):
            print(json.dumps(outcome), flush=True)


def read(path):
    with open(path, "rb") as file:
        return file.read()
