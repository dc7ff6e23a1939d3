"""The pages at the door: log-in, activation, recovery, log-out, my account, and the guess limits they share."""
