"""Which AI is in use, and under which numbers it is filed."""
