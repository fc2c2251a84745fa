"""Ray actors: lifecycle and nothing else; no logic that could live below."""
