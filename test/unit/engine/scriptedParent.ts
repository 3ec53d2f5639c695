/** A host that can be killed: starts an engine, gives it a job, prints the engine's process id. */
import { createEngineClient } from '../../../src/core/engine/client';

const [, , enginePath, job] = process.argv as [string, string, string, string];
const client = createEngineClient({ enginePath, log: () => undefined });
void client.request('status', null).then(({ processId }) => {
  client
    .request('analyze', {
      analysisId: 'a',
      source: job,
      sentences: [],
      encoder: { encoder: 'embedded' },
      transform: 'none',
      seed: 0,
    })
    .catch(() => undefined);
  process.stdout.write(String(processId));
});
setInterval(() => undefined, 1000);
