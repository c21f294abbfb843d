"""Small parts that more than one page is made of."""
