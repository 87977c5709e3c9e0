"""Certificates (数字证书): the root and issuing authority of the node, and what is proven with them."""
