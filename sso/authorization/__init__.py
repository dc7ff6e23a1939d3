"""The hall: `/authorize` checks a request, asks what is missing, and answers the application."""
