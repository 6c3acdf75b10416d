"""The wheels of AWS's SDK for Python and of all that it needs; all runtimes of Python have the same.

At which versions AWS's runtimes have them is not published.
"""

from __future__ import annotations

from typing import Final

WHEELS: Final = (
    "boto3==1.44.8",
    "botocore==1.44.8",
    "jmespath==1.1.0",
    "python-dateutil==2.9.0.post0",
    "s3transfer==0.19.3",
    "six==1.17.0",
    "urllib3==2.8.0",
)
