#!/bin/sh
# SeaweedFS in one process. Only S3 listens to other containers: everything behind it knows no access keys.
set -eu

# The container is healthy when the last of them is there.
(
  for bucket in mcsv loki tempo; do
    until wget -q -O /dev/null "http://127.0.0.1:8888/buckets/$bucket/" 2>/dev/null; do
      echo "s3.bucket.create -name $bucket" | weed shell -master=127.0.0.1:9333 -filer=127.0.0.1:8888 >/dev/null 2>&1 || sleep 0.5
    done
  done
) &

exec weed -logtostderr -v=0 server -dir=/data \
  -ip=127.0.0.1 -ip.bind=127.0.0.1 -master.volumeSizeLimitMB=1024 -volume.max=0 -master.telemetry=false \
  -filer -s3 -s3.ip.bind=0.0.0.0 -s3.port=9000 -s3.config=/run/secrets/object_store_identities \
  -s3.iam=false -s3.autoCreateBucket=false -s3.port.iceberg=0 -s3.port.lance=0
