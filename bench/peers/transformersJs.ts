import { fork } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../src/core/resources';

/** Not among our dependencies: it brings a second ONNX Runtime and an image library, half a gigabyte. */
const peersFolder = path.join(packageRoot(), '.cache', 'peers');
const install = `npm install --prefix ${path.relative(process.cwd(), peersFolder)} --ignore-scripts @huggingface/transformers`;

export interface Effort {
  readonly seconds: number;
  /** of all threads together */
  readonly processorSeconds: number;
}

export interface TransformersJs {
  /** one pass over the sentences, text in, pooled and normalised vectors out, batches of 32 in the order of the text */
  readonly pass: () => Promise<Effort>;
  readonly close: () => void;
}

/** Runs in a process of its own: it has an ONNX Runtime of its own. */
const script = `
import { env, pipeline } from '@huggingface/transformers';
const [folder, graph, threads] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = folder.replace(/[^/\\\\]+[/\\\\]?$/, '');
const extract = await pipeline('feature-extraction', folder.replace(/^.*[/\\\\](?=.)/, ''), {
  dtype: 'fp32',
  model_file_name: graph,
  session_options: { intraOpNumThreads: Number(threads) },
});
process.on('message', async (sentences) => {
  const start = performance.now();
  const before = process.cpuUsage();
  for (let i = 0; i < sentences.length; i += 32) await extract(sentences.slice(i, i + 32), { pooling: 'mean', normalize: true });
  const { user, system } = process.cpuUsage(before);
  process.send({ seconds: (performance.now() - start) / 1000, processorSeconds: (user + system) / 1e6 });
});
process.send('ready');
`;

/**
 * @param folder of the model
 * @param graph name of its ONNX file, without ending
 */
export async function openTransformersJs(
  folder: string,
  graph: string,
  sentences: readonly string[],
  threads: number,
): Promise<TransformersJs | { readonly reason: string }> {
  if (!existsSync(path.join(peersFolder, 'node_modules', '@huggingface', 'transformers'))) {
    return { reason: `transformers.js is not there: no comparison with it. To have one: ${install}` };
  }
  const file = path.join(peersFolder, 'encode.mjs');
  writeFileSync(file, script);
  const child = fork(file, [folder, graph, String(threads)], {
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const next = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      child.once('message', (message) => {
        resolve(message as T);
      });
      child.once('exit', (code) => {
        reject(new Error(`transformers.js ended with exit code ${String(code)}`));
      });
    });
  await next<string>();
  return {
    pass: () => {
      const answer = next<Effort>();
      child.send([...sentences]);
      return answer;
    },
    close: () => {
      child.removeAllListeners('exit');
      child.kill();
    },
  };
}
