"""Live sessions: requests that come from outside, while they last, in place of a scenario's steps."""
