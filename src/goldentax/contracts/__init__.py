"""The events: everything modules say to each other, typed and versioned, one file per publisher."""
