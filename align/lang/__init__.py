"""What is known of a language, and what of it can be compared across two: numbers, dates, names."""
