import { homedir } from 'node:os';
import path from 'node:path';

/** Where tables of word vectors are kept when nobody says otherwise: the user's own cache, not a folder that others can write to. */
export function defaultTableFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return path.join(cacheHome(environment), 'isoscope', 'word-vectors');
}

function cacheHome({ XDG_CACHE_HOME: xdg, LOCALAPPDATA: local }: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return local ?? path.join(homedir(), 'AppData', 'Local');
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Caches');
  return xdg !== undefined && path.isAbsolute(xdg) ? xdg : path.join(homedir(), '.cache');
}
