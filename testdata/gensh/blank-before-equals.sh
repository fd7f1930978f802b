#!/bin/sh
# The shell would run a command named State.
Country="CN"
State = "Shanghai"
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName="localhost"
