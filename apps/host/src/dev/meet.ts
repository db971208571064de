import { type ITeeInterface, isTeeError, TeeError } from '@neo-service-layer/tee-interface';
import type { Meeting } from './faults/fault.ts';

const name = 'neo-tee dev/meetings';

/** Counts an entry of the user up, as any program would, and says what was met. */
export async function countUp(connect: () => Promise<ITeeInterface>): Promise<Meeting> {
  try {
    const tee = await connect();
    try {
      const found = await tee.getData({ name }).catch((error: unknown) => {
        if (isTeeError(error) && error.code === 'ERR_NOT_FOUND') return null;
        throw error;
      });
      const count = (found === null ? 0 : Number(Buffer.from(found.value).toString())) + 1;
      const value = new Uint8Array(Buffer.from(String(count)));
      const { version } = await tee.putData({ name, value, ifVersion: found?.version ?? null });
      return { ok: true, count, version, freshness: found?.freshness ?? 'process' };
    } finally {
      await tee.dispose();
    }
  } catch (error) {
    const { code, message, actual } = isTeeError(error) ? error : new TeeError('ERR_INTERNAL', String(error));
    return { ok: false, code, message, actual };
  }
}
