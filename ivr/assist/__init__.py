"""What helps an agent while they talk: what to do next, and similar cases that were solved."""
