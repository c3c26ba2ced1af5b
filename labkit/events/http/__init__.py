"""The front doors of HTTP: APIs, load balancers and function URLs answer real requests on the account's port."""
