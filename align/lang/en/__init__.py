"""English: segmentation rules, number words, calendars."""
