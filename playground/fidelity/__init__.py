"""The fidelity page: ``docs/fidelity.md`` read and shown."""
