"""A call centre that answers: speech IVR, skill-matched queues, surveys and outbound verification."""
