"""The report's sections: from figures to sentences, tables and charts in one language. Pure."""
