#!/bin/sh
# The quotes around two words were forgotten.
Country="CN"
State=New York
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName="localhost"
