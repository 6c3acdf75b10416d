"""The weekly e-mail for whoever asked for it: what is new for them, sent once, ended by one click."""
