#!/bin/sh
# Fills a folder with exports of every kind, for docs/checkExports.py.
#
#   sh docs/makeExports.sh TEXT MODELS FOLDER      MODELS holds the model folders mpnet, modernbert and xlm-roberta
#
# ISOSCOPE is the built command line, absolute (default: dist/cli.js of the folder that this is started in).
set -e
isoscope="node ${ISOSCOPE:-$PWD/dist/cli.js}"
text=$1
models=$2
mkdir -p "$3"
cd "$3"
for model in mpnet modernbert xlm-roberta embedded; do
  encoder=$models/$model
  case $model in
    embedded) encoder=embedded spec=pca:k=128+l2 ;;
    mpnet) spec=zca:shrinkage=lw ;;
    modernbert) spec=abtt:d=2+l2 ;;
    xlm-roberta) spec=l2+pca:k=16 ;;
  esac
  $isoscope encode "$text" --encoder "$encoder" --out $model.npy --quiet
  $isoscope fit "$text" --encoder "$encoder" --transform $spec --out $model.json --quiet
  $isoscope apply $model.json --vectors $model.npy --out $model.expected.npy --quiet
  $isoscope export $model.json --to numpy --vectors $model.npy --out "$(echo $model | tr - _)_transform.py"
  $isoscope export $model.json --to onnx --vectors $model.npy --out $model.tail.onnx
  $isoscope export $model.json --to onnx --merge --encoder "$encoder" --out $model.merged.onnx
  $isoscope export $model.json --to typescript --vectors $model.npy --out $model.ts
  $isoscope export $model.json --to sentence-transformers --encoder "$encoder" --out $model.st
done
for file in vectors.npy vectors.parquet vectors.atlas.parquet vectors.tsv; do
  $isoscope analyze "$text" --transform pca:k=64 --json snapshot.json --vectors-out $file --plane-out plane.csv --quiet
done
