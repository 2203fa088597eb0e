"""What is known, and the doors to it: files in, database, files out. Knows nothing of Dash."""
