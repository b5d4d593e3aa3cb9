"""Web server: port claim, process supervision, start-up checks, and error sentences for the terminal."""
