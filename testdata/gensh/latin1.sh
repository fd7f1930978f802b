#!/bin/sh
# The editor wrote Latin-1.
Country="CN"
State="Zürich"
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName="localhost"
