"""What a journal holds, as tables for other programs: CSV, Parquet, JSON lines."""
