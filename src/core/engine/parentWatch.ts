import { Worker } from 'node:worker_threads';

const CHECK_INTERVAL_MS = 500;

/**
 * Ends this process when its parent goes, also when the parent was killed with SIGKILL.
 *
 * The channel's `disconnect` event does it at once, but it cannot be delivered while the thread is inside native code
 * (`session.run` blocks the event loop, for seconds on large products). So a second thread looks twice a second whether the
 * parent still lives, and kills this process from there.
 */
export function exitWithParent(): void {
  process.once('disconnect', () => process.exit(0));
  if (!process.connected) process.exit(0);
  try {
    const watchdog = new Worker(WATCHDOG, {
      eval: true,
      workerData: { parentId: process.ppid, intervalMs: CHECK_INTERVAL_MS },
      resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
    });
    watchdog.unref();
    watchdog.on('error', (error) => console.error(`no watchdog over the parent process: ${error.message}`));
  } catch (error) {
    console.error(`no watchdog over the parent process: ${String(error)}`);
  }
}

// An orphan gets another parent (Linux, macOS); on Windows the number stays and only the process behind it is gone.
const WATCHDOG = `
const { workerData: { parentId, intervalMs } } = require('node:worker_threads');
function isGone() {
  if (process.ppid !== parentId) return true;
  try { process.kill(parentId, 0); return false; } catch (error) { return error.code === 'ESRCH'; }
}
setInterval(() => { if (isGone()) process.kill(process.pid, 'SIGKILL'); }, intervalMs);
`;
