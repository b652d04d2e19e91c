"""Publishing a report: what of it goes where people look, and the places that it can go to."""
