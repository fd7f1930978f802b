#!/bin/sh
# The closing quote was forgotten.
Country="CN"
State="Shanghai
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName="localhost"
