# Once, on a machine that is kept apart: the authority of the cluster.
openssl req -x509 -newkey ed25519 -nodes -days 3650 -subj "/CN=shop CA" -keyout ca.key -out ca.pem

# For each node: a key and a request on its machine, then a certificate from the authority.
node=a cluster=shop
openssl req -newkey ed25519 -nodes -subj "/CN=$node" -keyout $node.key -out $node.csr \
  -addext "subjectAltName=DNS:$node.$cluster.ambit,DNS:any.$cluster.ambit" \
  -addext "extendedKeyUsage=serverAuth,clientAuth"
openssl x509 -req -in $node.csr -CA ca.pem -CAkey ca.key -days 90 -copy_extensions copy -out $node.pem
