#!/bin/sh
# The value may come from the environment.
Country="CN"
State="Shanghai"
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName=${CN:-localhost}
