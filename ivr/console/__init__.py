"""What people of the house work with in a browser: the agent desk and the supervisor console, on NiceGUI."""
