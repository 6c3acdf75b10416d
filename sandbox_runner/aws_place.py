"""Where everything happens: the account of AWS's own examples, and a region. Imports nothing."""

from typing import Final

ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"
