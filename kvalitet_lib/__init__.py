"""kvalitet: understand and improve the schools of a municipality."""
