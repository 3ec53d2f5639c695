import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the server got it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
  /** number of the request, from 0 */
  readonly count: number;
}

export type Answer = (asked: Asked, response: ServerResponse) => void | Promise<void>;

export interface LoopbackServer {
  /** http://127.0.0.1:PORT */
  readonly address: string;
  readonly asked: readonly Asked[];
  /** the largest number of requests that were open at once */
  readonly mostOpen: () => number;
  close(): Promise<void>;
}

/** A server on the loopback that answers as a test wants. */
export async function startServer(answer: Answer): Promise<LoopbackServer> {
  const asked: Asked[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    open++;
    most = Math.max(most, open);
    response.on('close', () => open--);
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      const { method = '', url = '', headers } = request;
      const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
      const seen = { method, path: url, headers, body, count: asked.length };
      asked.push(seen);
      void answer(seen, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    asked,
    mostOpen: () => most,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export function sendJson(
  response: ServerResponse,
  value: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}

export const DIMENSION = 6;

/** The vector that every server of the tests gives for a text: float32 numbers, so that nothing is rounded on the way. */
export function vectorOf(text: string): number[] {
  const bytes = createHash('sha256').update(text).digest();
  return Array.from({ length: DIMENSION }, (_, i) => (bytes[i] - 127.5) / 64);
}

/** As OpenAI does. */
export const answerOpenai: Answer = ({ body, path, method }, response) => {
  if (method === 'GET' && path.endsWith('/models')) {
    sendJson(response, { object: 'list', data: [{ id: 'small' }, { id: 'large' }] });
    return;
  }
  const input = body['input'] as string[];
  const data = input.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) }));
  sendJson(response, { object: 'list', data, model: body['model'], usage: { prompt_tokens: 1, total_tokens: 1 } });
};

/** As Ollama does. */
export const answerOllama: Answer = ({ body, path }, response) => {
  if (path === '/api/version') sendJson(response, { version: '0.12.0' });
  else if (path === '/api/tags') sendJson(response, { models: [{ name: 'nomic-embed-text:latest' }] });
  else if (path !== '/api/embed') response.writeHead(404).end('404 page not found');
  else if (body['model'] !== 'nomic')
    sendJson(response, { error: `model "${String(body['model'])}" not found, try pulling it first` }, 404);
  else sendJson(response, { model: 'nomic', embeddings: (body['input'] as string[]).map(vectorOf), total_duration: 1 });
};

/** As text-embeddings-inference does, with its limit on a request. */
export const answerTei: Answer = ({ body, path }, response) => {
  if (path === '/info') {
    sendJson(response, {
      model_id: 'BAAI/bge-small-en-v1.5',
      model_sha: '5c38',
      model_type: { embedding: { pooling: 'cls' } },
      max_input_length: 512,
      max_client_batch_size: 8,
    });
    return;
  }
  if (path !== '/embed') {
    response.writeHead(404).end();
    return;
  }
  const inputs = body['inputs'] as string[];
  if (inputs.length > 8) {
    sendJson(response, { error: 'batch size 9 > maximum allowed batch size 8', error_type: 'Validation' }, 413);
    return;
  }
  const vectors = inputs.map(vectorOf).map((vector) => (body['normalize'] === false ? vector : unit(vector)));
  sendJson(response, vectors);
};

export function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
