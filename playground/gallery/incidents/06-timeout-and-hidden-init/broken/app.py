"""Half a second of init, then work that may take longer than the function's three seconds."""

import time
from pathlib import Path

started = Path("/tmp/started.txt")
with started.open("a") as file:
    file.write("init\n")
time.sleep(0.5)  # connections are made, models are loaded
requests_of_this_process = 0


def handler(event, context):
    global requests_of_this_process
    requests_of_this_process += 1
    time.sleep(event["work_s"])
    return {
        "inits_in_tmp": len(started.read_text().splitlines()),
        "requests_of_this_process": requests_of_this_process,
    }
