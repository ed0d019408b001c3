"""The clinic's rules as pure functions: what they need is passed in, ``now`` included."""
