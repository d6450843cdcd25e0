"""Calls we make: what must be called, when it may be, in which order, and what came of it."""
