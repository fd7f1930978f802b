#!/bin/sh
# A second assignment stands behind the first.
Country="CN"; State="Shanghai"
State="Shanghai"
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName="localhost"
