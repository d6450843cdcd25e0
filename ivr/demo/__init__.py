"""The demonstration: callers who talk to the shipped flows, and what their calls must have come to."""
