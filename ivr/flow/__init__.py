"""Pure: the dialogue language supervisors write: schema, loader, checks, engine."""
