"""A local web page on which people label answers, blind to who wrote them."""
