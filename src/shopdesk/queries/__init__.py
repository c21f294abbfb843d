"""The queries of the shop: SELECT only, frozen values as results."""
