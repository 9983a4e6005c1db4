"""The page for villagers and the API: its own process, which can read but never touch a bus."""
