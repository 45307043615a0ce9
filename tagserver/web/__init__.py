"""The HTTP face: JSON for programs, pages for people, one service behind both. `app.create_app` makes it."""
