#!/bin/sh
# The last assignment wins.
Country="CN"
State="Shanghai"
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName="localhost"
# CommonName="commented.example.com"
CommonName="milvus.example.com"
