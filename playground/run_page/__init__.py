"""The page of one run: verdict, requests, log, state, code, advice, and its live updates."""
