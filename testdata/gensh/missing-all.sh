#!/bin/sh
# Not the head of gen.sh at all.
openssl genrsa -out ca.key 2048
