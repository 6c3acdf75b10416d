"""Half a second of init, then work that may take longer than the function's three seconds."""

import time
from pathlib import Path

inits = Path("/tmp/inits.txt")
with inits.open("a") as file:
    file.write("init\n")
inits_in_memory = 0
inits_in_memory += 1
time.sleep(0.5)  # connections are made, models are loaded


def handler(event, context):
    time.sleep(event["work_s"])
    return {"inits_in_tmp": len(inits.read_text().splitlines()), "inits_in_memory": inits_in_memory}
