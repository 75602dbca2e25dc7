"""Arabic: letters, segmentation rules, number words, calendars."""
