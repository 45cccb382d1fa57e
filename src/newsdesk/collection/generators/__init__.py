"""How each site generator reads a front matter, one record per generator."""
