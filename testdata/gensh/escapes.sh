#!/bin/sh
# The value has a backslash in it.
Country="CN"
State="Shanghai"
Location="Shanghai"
Organization="milvus \"labs\""
Organizational="milvus"
CommonName="localhost"
