import type * as vscode from 'vscode';
import type { EncoderChoice } from '../../core/protocol/engineProtocol';
import { guessApi } from './encoderSetting';
import { isAddress } from './storedChoice';

/**
 * The keys of endpoints, in the system's own key store, one per address: a key goes to the address that it was entered for and to no other, whatever settings say.
 */
export class EndpointKeys {
  readonly #secrets: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>;

  constructor(secrets: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>) {
    this.#secrets = secrets;
  }

  async has(address: string): Promise<boolean> {
    return (await this.#secrets.get(nameOf(address))) !== undefined;
  }

  /** @param key empty: forgets it */
  async set(address: string, key: string): Promise<void> {
    if (key === '') await this.#secrets.delete(nameOf(address));
    else await this.#secrets.store(nameOf(address), key);
  }

  /** The choice with its endpoint's key, for the engine only: the result must not be kept, shown or logged. */
  async unlock(choice: EncoderChoice): Promise<EncoderChoice> {
    const { encoder, endpoint = { api: guessApi(encoder) } } = choice;
    if (!isAddress(encoder)) return choice;
    const key = await this.#secrets.get(nameOf(encoder));
    return key === undefined ? choice : { ...choice, endpoint: { ...endpoint, key } };
  }
}

/** Addresses that are spelled differently and mean the same have one key. */
function nameOf(address: string): string {
  const spelled = URL.canParse(address) ? new URL(address) : undefined;
  const same = spelled === undefined ? address : spelled.origin + spelled.pathname.replace(/\/+$/, '') + spelled.search;
  return `isoscope.endpoint.key:${same}`;
}
