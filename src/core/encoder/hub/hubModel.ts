import { IsoscopeError } from '../../protocol/errors';

/** A model on a hub: `org/name` and a branch, tag or commit. */
export interface HubModel {
  readonly id: string;
  readonly revision: string;
}

const idPattern = /^[\w][\w.-]{0,95}(\/[\w][\w.-]{0,95})?$/;
const revisionPattern = /^[\w][\w./-]{0,199}$/;

/**
 * Reads "org/name", "org/name@revision", or the address of a model's page ("https://HUB/org/name/tree/revision").
 * @throws IsoscopeError `usage`
 */
export function parseHubModel(text: string): HubModel {
  const [id = '', revision = 'main', ...rest] = withoutAddress(text.trim()).split('@');
  // The hub itself refuses "--" and ".." in names; in a path ".." would mean something else.
  const isId = idPattern.test(id) && !/\.\.|--/.test(id);
  if (rest.length === 0 && isId && revisionPattern.test(revision) && !/\.\.|\/\/|\/$/.test(revision)) {
    return { id, revision };
  }
  throw new IsoscopeError(
    'usage',
    `"${text.trim().slice(0, 120)}" is no model of a hub: write org/name or org/name@revision, as on the model's page.`,
  );
}

function withoutAddress(text: string): string {
  if (!/^https?:\/\//i.test(text)) return text;
  const found: readonly (string | undefined)[] =
    /^https?:\/\/[^/]+\/([^/?#]+)\/([^/?#]+)(?:\/(?:tree|blob|resolve)\/([^/?#]+))?/i.exec(text) ?? [];
  const [, org = '', name = '', revision] = found;
  return revision === undefined ? `${org}/${name}` : `${org}/${name}@${revision.replaceAll(/%2F/gi, '/')}`;
}

/**
 * The address of a hub as setting: http(s), without a slash at the end.
 * @throws IsoscopeError `usage`
 */
export function parseHubEndpoint(text: string): string {
  let url: URL | undefined;
  try {
    url = new URL(text.trim());
  } catch {
    // Told below.
  }
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new IsoscopeError(
      'usage',
      'The setting isoscope.hub.endpoint must be the http or https address of a hub, without a user name.',
    );
  }
  return (url.origin + url.pathname).replace(/\/+$/, '');
}
