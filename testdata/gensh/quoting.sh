#!/bin/sh
# Every way of writing that needs no shell.
Country=CN
  State='Shanghai $HOME'
	Location="Shanghai"   # a comment
export Organization="milvus"
Organizational="it's # ours"	
CommonName=
