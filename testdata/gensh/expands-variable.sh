#!/bin/sh
# The value is another variable's.
Country="CN"
State="Shanghai"
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName="$HOSTNAME"
