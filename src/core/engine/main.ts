import { parseArgs } from 'node:util';
import { openServices } from '../analysis/services';
import { ipcPort } from './ipcPort';
import { exitWithParent } from './parentWatch';
import { serveEngine } from './service';

exitWithParent();
const { values } = parseArgs({ options: { threads: { type: 'string' } } });
const threads = values.threads === undefined ? undefined : Number(values.threads);
// Standard error goes to the host's log.
const onProblem = (error: unknown): void => console.error(error);
serveEngine(ipcPort(process, onProblem), { openServices: () => openServices({ threads }), onProblem });
