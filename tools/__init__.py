"""Tools of the house: what a developer runs beside the product. The product itself never imports them."""
