"""Who the user is, how a session signs in, and the sign-in on disk."""
