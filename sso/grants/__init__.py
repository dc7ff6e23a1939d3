"""What the token endpoint gives: code, refresh, client credentials; Authlib's grammar, our storage and consumption."""
