"""Commands that print figures. Nothing here is asserted in the test run."""
