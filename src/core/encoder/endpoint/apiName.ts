import type { EndpointApi } from '../../protocol/engineProtocol';
import { assertNever } from '../../protocol/errors';

/** What users call the API. */
export function apiName(api: EndpointApi): string {
  switch (api) {
    case 'openai':
      return "OpenAI's API";
    case 'ollama':
      return 'Ollama';
    case 'tei':
      return 'text-embeddings-inference';
    default:
      return assertNever(api);
  }
}
