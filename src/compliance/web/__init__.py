"""Floor 6: pages and the API. `app.py` wires it; `page.py` is what a handler works with; `access.py` says who may."""
