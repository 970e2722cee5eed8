"""Floor 6: the pages. `app.py` wires it; `page.py` is what a handler works with; `access.py` says who may."""
