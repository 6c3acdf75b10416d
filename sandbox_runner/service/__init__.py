"""The emulated Lambda service: admission and throttling, the environments it lends, waiting."""
