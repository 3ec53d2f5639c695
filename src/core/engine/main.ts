import { parseArgs } from 'node:util';
import { openServices } from '../analysis/services';
import { ipcPort } from './ipcPort';
import { exitWithParent } from './parentWatch';
import { serveEngine } from './service';

exitWithParent();
const { values } = parseArgs({
  options: { threads: { type: 'string' }, 'cache-folder': { type: 'string' }, 'cache-limit': { type: 'string' } },
});
const asNumber = (text: string | undefined) => (text === undefined ? undefined : Number(text));
// Standard error goes to the host's log.
const onProblem = (error: unknown): void => console.error(error);
const servicesOptions = {
  threads: asNumber(values.threads),
  cacheFolder: values['cache-folder'],
  cacheLimitBytes: asNumber(values['cache-limit']),
  log: (line: string) => console.error(line),
};
serveEngine(ipcPort(process, onProblem), { openServices: () => openServices(servicesOptions), onProblem });
