/**
 * Holds the copies in reference/ against the files that they were taken from, by sha256; with --write takes them anew.
 *
 *     npx tsx test/golden/encoder/copyReference.ts REFERENCE [--write]
 *
 * REFERENCE holds models/ and golden/encoder/ (see README.md for how both were made). Without --write nothing is changed; the exit code is 1 when a copy differs.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const copiesFolder = path.join(__dirname, 'reference');
const [reference = '', flag] = process.argv.slice(2);
if (reference === '') {
  console.error('usage: npx tsx copyReference.ts REFERENCE [--write]');
  process.exit(2);
}

const layers = (count: number) => Array.from({ length: count + 1 }, (_, i) => [`mean.layer${i}`, `cls.layer${i}`]).flat();
const lastLayer = ['max', 'last-token', 'weighted-mean', 'mean-sqrt-len'];
const ownLayers = ['first-last', 'last-2'];

/** Arrays kept of each folder; all folders keep ids.json and index.json. Folders of bert's weights point to bert's arrays. */
const arrays: Readonly<Record<string, readonly string[]>> = {
  'all-MiniLM-L6-v2': ['final', 'cls.layer6', 'cls.layer3', 'last-2'],
  bert: ['final', ...layers(3), ...lastLayer, ...ownLayers],
  'bert-cls': ['final', 'final1'],
  'bert-dense': ['final'],
  'bert-dynamo': ['final'],
  'bert-external-data': ['final'],
  'bert-fp16': ['final', ...layers(3), ...ownLayers],
  'bert-legacy': ['final', ...layers(3), 'pooler'],
  'bert-max': ['final'],
  'bert-optimized': ['final'],
  distilbert: ['final', ...layers(3)],
  modernbert: ['final', ...layers(3), ...ownLayers],
  mpnet: ['final', ...layers(3)],
  roberta: [],
  'xlm-roberta': [],
};

/** What a bert-* folder lacks here is bert's: those folders differ from it in a few files only. */
const shared = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];
const configs = ['modules.json', '1_Pooling/config.json', '2_Dense/config.json', '2_Dense/model.safetensors', 'sentence_bert_config.json', 'config_sentence_transformers.json'];
/** Folders whose graph is too large to keep: their tokenizers are tested here, their vectors with the whole reference (README.md). */
const tokenizerOnly = ['roberta', 'xlm-roberta'];
const sameGraphAsBert = ['bert-cls', 'bert-dense', 'bert-max'];

function filesOfModel(name: string): string[] {
  const source = path.join(reference, 'models/tiny', name);
  const own = name === 'bert' || !name.startsWith('bert-') ? [...shared, ...configs] : configs;
  const graphs = tokenizerOnly.includes(name) || sameGraphAsBert.includes(name) ? [] : readdirSync(path.join(source, 'onnx')).map((file) => `onnx/${file}`);
  return [...own, ...graphs].filter((file) => existsSync(path.join(source, file)));
}

const copies = [
  ...['sentences.json', 'make_sentences.py', 'make_reference.py', 'reference.py'].map((file) => `golden/encoder/${file}`),
  ...['make_tiny.py', 'tiny_models.py', 'tiny_tokenizers.py', 'hub_folder.py'].map((file) => `models/${file}`),
];
for (const [name, kept] of Object.entries(arrays)) {
  for (const file of ['ids.json', 'index.json', ...kept.map((array) => `${array}.npy`)]) {
    copies.push(`golden/encoder/${name}/${file}`);
  }
  if (existsSync(path.join(reference, 'models/tiny', name))) {
    for (const file of filesOfModel(name)) copies.push(`models/tiny/${name}/${file}`);
  }
}

const sha256 = (file: string) => (existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : 'missing');
let differing = 0;
let bytes = 0;
for (const file of copies) {
  const source = path.join(reference, file);
  const target = path.join(copiesFolder, file);
  if (flag === '--write') {
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(source, target);
  }
  if (sha256(source) !== sha256(target)) {
    differing++;
    console.log(`differs: ${file}`);
  }
  bytes += readFileSync(source).length;
}
console.log(`${copies.length} files, ${(bytes / 1e6).toFixed(2)} MB, ${differing} differ`);
process.exit(differing > 0 ? 1 : 0);
