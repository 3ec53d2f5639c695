import { IsoscopeError } from '../protocol/errors';

/** Commands of the contract that a later version has. */
export const LATER_COMMANDS: readonly string[] = ['evaluate', 'train', 'run'];

const OVERVIEW = `isoscope: the geometry of your sentence embeddings. Offline.

  isoscope analyze [INPUT] [--vectors X.npy] [options]   geometry of one corpus, raw | transformed
  isoscope encode INPUT --out X.npy [options]            one float32 row per sentence
  isoscope fit [INPUT] [--vectors X.npy] --transform SPEC --out T.json
                                                         a transform, fitted to be used again
  isoscope apply T.json --vectors X.npy --out Y.npy      the vectors after it
  isoscope export T.json --to FORMAT --out PATH          the transform for NumPy, ONNX, sentence-transformers …
  isoscope compare A.json B.json                         two snapshots of the same lines
  isoscope compare A.npy B.npy                           two spaces of the same rows
  isoscope COMMAND --help                                its options
  isoscope --version

INPUT is a text file, every line with a non-white character a sentence; - is standard input.

Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 encoder or engine failed, 130 interrupted.
`;

const ENCODER_HELP = `  --encoder X        embedded (default), a model folder (ONNX, Model2Vec), a file of GloVe or word2vec,
                     or the address of an endpoint, https://…: then sentences leave this machine, to that server only
  --endpoint X       openai, ollama or tei: how it is spoken to (default: told from its path, else by asking)
  --model NAME       of the endpoint (not needed for tei); its key is read from ISOSCOPE_API_KEY
  --dimensions N     asks the endpoint for shorter vectors
  --variant FILE     which ONNX file of the folder
  --layer X          last (default), a block number (0 = embedding output), or all (encode, analyze)
  --pooling X        cls, pooler, mean, max, last-token, weighted-mean, mean-sqrt-len, first-last, last-2
                     (default: what the folder says, else mean); of word vectors: mean, sif, sif-weights, max
  --prefix TEXT      before every sentence, or name:PROMPT for one of the folder's
  --cache FOLDER     where vectors are kept: what is encoded once is not encoded again. Up to 1 GB
  --normalize X      auto (default: what the folder says), yes, no: to unit length
`;

const SHARED_HELP = `  --text-column X    INPUT is a table (.csv, .tsv, .jsonl, .parquet): the column's name, or its number from 1.
                     With a name the first row of a CSV or TSV is its header; with a number every row counts
  --threads N        default: physical cores
  --quiet            no progress on standard error
  --debug            a stack with an error
`;

const ANALYZE = `isoscope analyze [INPUT] [--vectors X.npy] [options]

Measures the geometry of a corpus, before and after a transform. INPUT is a text file (- is standard input), every line with a
non-white character a sentence. With --vectors nothing is encoded; together with INPUT its rows belong to the sentences in order.

${ENCODER_HELP}  --vectors FILE     ready vectors: .npy, .npz, .safetensors, .parquet, .jsonl, .csv, .tsv (one row per sentence)
  --array NAME       which array, tensor, column or key, where several could serve
  --transform SPEC   none (default), center, zscore, l2, abtt:d=3, pca:k=128,eps=1e-5,shrinkage=lw,beta=1,gamma=1, zca:…,
                     cholesky, pca-cor, zca-cor, truncate:k=64, random:k=64; a+b composes; or a T.json of isoscope fit
  --fit-on X         self (default), or a file (text, .npy, .npz, .safetensors) that the transform is fitted on
  --seed N           0 (default): of the sampled pairs
  --json FILE        the snapshot; with --layer all one per layer
  --html FILE        a page of its own with the charts and the sentences
  --markdown FILE    the report as Markdown
                     (- = standard output; without any of the three: a report for the terminal)
  --vectors-out FILE the vectors after the transform: .npy, .parquet (row, line, text, embedding), .atlas.parquet
                     (with a plane and neighbours, for Embedding Atlas), .tsv (with .metadata.tsv, for the Embedding Projector)
  --plane-out FILE   the planes before and after, .csv
  --projection X     pca (default) or umap (15 neighbours by cosine, minimum distance 0.1): the planes of --html and --plane-out
${SHARED_HELP}`;

const ENCODE = `isoscope encode INPUT --out X.npy [options]

Writes one float32 row per sentence of INPUT, in order.

  --out FILE         .npy; with --layer all .npz with layer_0, layer_1 …; - = standard output
${ENCODER_HELP}${SHARED_HELP}`;

const FIT = `isoscope fit [INPUT] [--vectors X.npy] --transform SPEC --out T.json [options]

Fits a transform on a corpus and keeps it: for isoscope apply, and as --transform T.json.

  --transform SPEC   as for isoscope analyze
  --out FILE         .json; - = standard output
  --vectors FILE     ready vectors instead of text: .npy, .npz, .safetensors, .parquet, .jsonl, .csv, .tsv
  --array NAME       which array, tensor, column or key, where several could serve
  --fit-on X         self (default: INPUT or --vectors), or a file (text, .npy, .npz, .safetensors) in their place
  --seed N           0 (default): of random projections
${ENCODER_HELP}${SHARED_HELP}`;

const APPLY = `isoscope apply T.json --vectors X.npy --out Y.npy [options]

Puts a fitted transform on vectors, which keep their precision (float16 becomes float32).

  --vectors FILE     .npy, .npz, .safetensors, .parquet, .jsonl, .csv, .tsv (one row per sentence)
  --array NAME       which array, tensor, column or key, where several could serve
  --out FILE         .npy; - = standard output
  --threads N        default: physical cores
  --quiet            no progress on standard error
  --debug            a stack with an error
`;

const COMPARE = `isoscope compare A.json B.json [options]
isoscope compare A.npy B.npy [options]

Two snapshots of the same lines (isoscope analyze --json): every number of A and B and their difference; what is rounding shows as 0.
Two files of vectors, row i of both for the same line: neighbours shared, linear CKA, Procrustes residual, RSA.

  --force            also snapshots of different lines
  --array NAME       which array of a .npz that holds several (of both)
  --seed N           0 (default): of the sampled pairs
  --json FILE        the comparison; with vectors also how many neighbours each row keeps
  --markdown FILE    the tables as Markdown
                     (- = standard output; without either: tables for the terminal)
  --threads N        default: physical cores
  --quiet            no progress on standard error
  --debug            a stack with an error
`;

const EXPORT = `isoscope export T.json --to FORMAT --out PATH [options]

Takes a fitted transform to where it is used. What was written is run again, on 16 sentences or rows, and the largest difference told.

  --to FORMAT        npz (mean, matrix, meta), numpy (a .py that applies an .npz beside it), onnx (embedding in, transformed out),
                     sentence-transformers (the encoder's folder with a Dense module), typescript, json
  --out PATH         a file (.npz, .py, .onnx, .ts, .json); a new folder for sentence-transformers
  --merge            onnx: the encoder and its transform in one graph, tokens in, sentence_embedding out
  --modules-only     sentence-transformers: the new modules only, without the model's files
  --vectors FILE     rows to try a transform alone on: .npy or .npz (default: seeded ones)
  --array NAME       which array of a .npz that holds several
${ENCODER_HELP.replace(/^.*--cache.*\n/m, '')}  --threads N        default: physical cores
  --quiet            nothing on standard error
  --debug            a stack with an error
`;

/** @throws IsoscopeError `usage` for a command that does not exist */
export function helpText(command: string | undefined): string {
  switch (command) {
    case undefined:
      return OVERVIEW;
    case 'analyze':
      return ANALYZE;
    case 'encode':
      return ENCODE;
    case 'fit':
      return FIT;
    case 'apply':
      return APPLY;
    case 'export':
      return EXPORT;
    case 'compare':
      return COMPARE;
    default:
      throw new IsoscopeError('usage', `There is no help on "${command}"; see isoscope --help.`);
  }
}
