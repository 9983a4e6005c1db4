"""What was measured, for other programs: tables by period and series, as CSV and Parquet."""
