Country="CN"
State="Shanghai"
Location="Shanghai"
Organization="milvus"
Organizational="milvus"
CommonName="localhost"

subject="/C=$Country/O=$Organization/OU=$Organizational/CN=$CommonName"
openssl req -new -nodes -key server.key -out server.csr -subj "$subject"
