#!/bin/sh
# Two pieces in quotes make one value.
Country="CN"
State="Shanghai"
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName="milvus"'.example.com'
