#!/bin/sh
# An escape sequence was pasted in.
Country="CN"
State="[31mShanghai"
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName="localhost"
