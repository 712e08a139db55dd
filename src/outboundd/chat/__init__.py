"""The operator's seat in a chat: what is said there is heard, carried out once, and answered."""
