"""Pure: what to do, given what is known. No clock, no I/O, no asyncio."""
