import type { EndpointApi } from '../../protocol/engineProtocol';
import type { EncoderSummary, Note } from '../../protocol/snapshot';
import { apiName } from './apiName';
import { displayAddress, isLoopback } from './endpointAddress';
import type { Effort, EndpointClient } from './endpointClient';

/** What a reader needs to know about vectors from elsewhere. */
export function endpointNotes(
  summary: EncoderSummary,
  client: EndpointClient,
  api: EndpointApi,
  hasKey: boolean,
): Note[] {
  const unknown = [
    'encoder.layer',
    ...(summary.pooling === null ? ['encoder.pooling'] : []),
    ...(summary.maxTokens === null ? ['encoder.maxTokens'] : []),
  ];
  const cuts = api === 'openai' ? 'refuses' : 'cuts';
  const notes: Note[] = [
    {
      code: 'endpoint',
      message: `The vectors come from ${displayAddress(client.url)} (${apiName(api)}): its layer and settings are the server's; it ${cuts} sentences that are too long for it${cuts === 'cuts' ? ' without saying which' : ''}.`,
      keys: [...unknown, 'corpus.truncated'],
    },
  ];
  if (hasKey && client.url.protocol === 'http:' && !isLoopback(client.url)) {
    notes.push({
      code: 'endpoint-unencrypted',
      message: `The key and the sentences go to ${client.url.host} unencrypted: use https if it has it.`,
    });
  }
  return notes;
}

/** How fast it was: nothing else shows where the time went. */
export function rateNote(count: number, seconds: number, { requests, retries }: Effort): Note {
  const rate = count / Math.max(seconds, 1e-3);
  const repeated = retries === 0 ? '' : `, ${retries} of them repeated`;
  return {
    code: 'endpoint-rate',
    message:
      `The endpoint gave ${count} vector${count === 1 ? '' : 's'} in ${seconds.toFixed(1)} s ` +
      `(${rate < 10 ? rate.toFixed(1) : Math.round(rate)} sentences/s): ${requests} request${requests === 1 ? '' : 's'}${repeated}.`,
  };
}
