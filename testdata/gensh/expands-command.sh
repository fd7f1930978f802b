#!/bin/sh
# The value is what a command prints.
Country="CN"
State="Shanghai"
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName=`hostname`
