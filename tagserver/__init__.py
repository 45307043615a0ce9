"""tagserver: issues tags, keeps the evidence about them, and answers what a scan means."""
