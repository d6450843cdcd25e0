"""The far end of a call, for demonstrations, measurements and tests: a carrier that behaves as Twilio does towards
our server, and callers who really speak. Nothing of the server is used but its public addresses."""
