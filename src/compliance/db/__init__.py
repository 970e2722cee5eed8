"""The database room: engines (`engine`), tables (`records`), and named questions that return values (`queries`)."""
