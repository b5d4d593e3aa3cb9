"""The foundation: values, time, words and signs. Knows neither a table nor a page."""
