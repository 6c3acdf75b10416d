"""The ``holdover`` command: pushes scenarios to a playground over its API. Knows the emulator, not the product."""
