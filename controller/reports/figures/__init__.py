"""The figures of a month, each a pure function of series and logged events, with its method and its gaps."""
