import type { ChildProcess, Serializable } from 'node:child_process';
import type { RpcPort } from '../protocol/rpc';

/** Either end of a fork's channel with `serialization: 'advanced'`: the child in the parent, `process` in the child. */
export interface IpcEnd extends Pick<ChildProcess, 'connected'> {
  send?(message: Serializable, callback: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
}

/**
 * Messages over fork IPC.
 * @param onSendError a message that was accepted but could not be written: the other process is going or gone
 */
export function ipcPort(end: IpcEnd, onSendError: (error: Error) => void): RpcPort {
  return {
    post: (message) => {
      if (!end.connected || end.send === undefined) throw new Error('the engine is not connected');
      end.send(message as Serializable, (error) => {
        if (error !== null) onSendError(error);
      });
    },
    onMessage: (listener) => {
      const receive = (message: unknown): void => listener(ownBuffers(message));
      end.on('message', receive);
      return () => end.off('message', receive);
    },
  };
}

/**
 * Gives each typed array of a received message memory of its own. Node hands out views into the whole message's buffer,
 * and whoever posts such a view on (to a page) ships that whole buffer with each of them.
 */
export function ownBuffers(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    return value.byteLength < value.buffer.byteLength && isTypedArray(value) ? value.slice() : value;
  }
  // A list of numbers or strings, which can be long (a corpus), holds no arrays further on.
  if (Array.isArray(value) && (typeof value[0] === 'string' || typeof value[0] === 'number')) return value;
  const holder = value as Record<string, unknown>;
  for (const key in holder) {
    const owned = ownBuffers(holder[key]);
    if (owned !== holder[key]) holder[key] = owned;
  }
  return value;
}

function isTypedArray(view: ArrayBufferView): view is ArrayBufferView & { slice(): ArrayBufferView } {
  return !(view instanceof DataView);
}
