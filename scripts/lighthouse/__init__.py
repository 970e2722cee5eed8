"""What Lighthouse says of the pages that are used most."""
