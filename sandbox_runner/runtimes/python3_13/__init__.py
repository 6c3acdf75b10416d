"""``python3.13``, with the SDK and all that it needs. At which versions AWS's runtime has them is not published."""

from __future__ import annotations

from typing import Final

from sandbox_runner.runtimes import python

RUNTIME: Final = python.release(
    "3.13",
    ("awslambdaric==4.2.2", "simplejson==4.3.0", "snapshot-restore-py==1.0.0"),
    (
        "boto3==1.44.8",
        "botocore==1.44.8",
        "jmespath==1.1.0",
        "python-dateutil==2.9.0.post0",
        "s3transfer==0.19.3",
        "six==1.17.0",
        "urllib3==2.8.0",
    ),
    is_default=True,
)
