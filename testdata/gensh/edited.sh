#!/bin/sh
# As a user leaves it: every value changed, one with an umlaut, one empty.
Country="DE"
State="Baden-Württemberg"
Location="Freiburg im Breisgau"
Organization="Vector & Söhne"
Organizational=""
CommonName="milvus.example.com"

openssl genrsa -out ca.key 2048
