import type { EndpointApi } from '../../protocol/engineProtocol';
import { IsoscopeError } from '../../protocol/errors';

/** Whether an encoder is named by an address, and so is an endpoint. */
export function isEndpointAddress(encoder: string): boolean {
  return /^https?:\/\//i.test(encoder);
}

/**
 * An address as a user gives it.
 * @throws IsoscopeError `usage` for one that is none, or that holds a name and password
 */
export function parseAddress(address: string): URL {
  if (!isEndpointAddress(address) || !URL.canParse(address)) {
    throw new IsoscopeError(
      'usage',
      `"${shorten(address)}" is no address of an endpoint: it begins with https:// or http://.`,
    );
  }
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') {
    throw new IsoscopeError(
      'usage',
      `The address of ${url.host} holds a name or password: take it out and give the key as a key.`,
    );
  }
  url.hash = '';
  return url;
}

/**
 * Where the vectors are asked for: the address itself when it is a full one, else with the path that the API has. The first that answers counts.
 * @param url the address of the server, with or without /v1 or /api, or the full address
 */
export function embeddingUrls(url: URL, api: EndpointApi): readonly URL[] {
  const path = url.pathname.replace(/\/+$/, '');
  const at = (pathname: string) => {
    const target = new URL(url);
    target.pathname = pathname;
    return target;
  };
  switch (api) {
    case 'openai':
      if (path.endsWith('/embeddings')) return [at(path)];
      if (/\/v\d+\w*$/.test(path)) return [at(`${path}/embeddings`)];
      return path === ''
        ? [at('/v1/embeddings'), at('/embeddings')]
        : [at(`${path}/embeddings`), at(`${path}/v1/embeddings`)];
    case 'ollama':
      if (path.endsWith('/api/embed')) return [at(path)];
      return [at(`${path.replace(/\/(api\/embeddings|api|v1)$/, '')}/api/embed`)];
    case 'tei':
      return [at(path.endsWith('/embed') ? path : `${path}/embed`)];
  }
}

/** Another path of the server whose vectors are at `embeddings`: `siblingUrl(…/v1/embeddings, 'models')` is …/v1/models. */
export function siblingUrl(embeddings: URL, name: string): URL {
  const url = new URL(embeddings);
  url.pathname = url.pathname.replace(/[^/]*$/, name);
  return url;
}

/** As messages name it: without the query, which may hold what is nobody's business. */
export function displayAddress(url: URL): string {
  return `${url.origin}${url.pathname}`.replace(/\/$/, '');
}

/** Whether what is sent stays on this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
