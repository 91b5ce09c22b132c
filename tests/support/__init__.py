"""What tests stand on; no file here is a test."""
