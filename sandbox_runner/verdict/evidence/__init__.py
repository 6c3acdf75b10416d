"""What a run and its replays show, and which replays would show more. Pure."""
