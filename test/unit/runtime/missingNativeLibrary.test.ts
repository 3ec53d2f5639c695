import { expect, it } from 'vitest';
import { openNodeRuntime } from '../../../src/core/runtime/nodeRuntime';

// A file of its own: ONNX Runtime looks for its library once per process.
it('names the platform for which ONNX Runtime has no native library', async () => {
  const arch = Object.getOwnPropertyDescriptor(process, 'arch')!;
  Object.defineProperty(process, 'arch', { ...arch, value: 'riscv64' });
  try {
    await expect(openNodeRuntime({ threads: 1 })).rejects.toMatchObject({
      reason: 'engine',
      message: expect.stringContaining(`${process.platform}-riscv64`) as string,
    });
  } finally {
    Object.defineProperty(process, 'arch', arch);
  }
});
