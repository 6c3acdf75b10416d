"""The emulated Lambda service: admission and throttling, environments, and waiting."""
