"""Everything the shop asks: SELECT only, frozen values out."""
