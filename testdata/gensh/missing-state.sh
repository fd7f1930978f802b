#!/bin/sh
# One variable was deleted.
Country="CN"
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName="localhost"
