"""The editor: the form's state, its way to a scenario and back, presets, and drafts."""
