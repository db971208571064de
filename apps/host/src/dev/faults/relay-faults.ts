import { join } from 'node:path';
import { always, divert, duplicate, type Misbehaviour, requests, truncate } from '@neo-service-layer/evil-host';
import { HttpTransport } from '@neo-service-layer/tee-client';
import { DevHost } from '../dev-host.ts';
import { startEvilRelay } from '../evil-relay.ts';
import type { Fault, FaultContext } from './fault.ts';

/** What a host does to what it carries. */
export const relayFaults: readonly Fault[] = [
  {
    name: 'replay',
    what: 'The host delivers every sealed request twice.',
    expected: 'nothing is done twice: the copy is refused, and the caller does not notice',
    isExpected: (before, after) => before.ok && after.ok && after.count === before.count + 1,
    strike: (context) => behind(context, [duplicate(requests())]),
  },
  {
    name: 'truncate',
    what: 'The host cuts the last byte off every answer.',
    expected: 'a typed error; nothing that was cut is taken for an answer',
    isExpected: (before, after) => before.ok && !after.ok && after.code.startsWith('ERR_CHANNEL_'),
    strike: (context) => behind(context, [truncate('back', always, 1)]),
  },
  {
    name: 'diverted-host',
    what: 'The host leads its clients to an enclave on another machine, which nobody vouches for.',
    expected: 'the root of the other machine is not trusted',
    isExpected: (before, after) => before.ok && !after.ok && after.code === 'ERR_EVIDENCE_REJECTED',
    strike: async (context) => {
      const home = join(context.settings.home, 'other-machine');
      const other = new DevHost({ home, port: 0, onLog: context.onLog });
      await other.start();
      const relay = await behind(context, [divert(new HttpTransport(other.url))]);
      return {
        url: relay.url,
        close: async () => {
          await relay.close();
          await other.stop();
        },
      };
    },
  },
];

/** The host goes on at another port; a relay that misbehaves takes the project's. */
async function behind({ host, port }: FaultContext, misbehaviours: readonly Misbehaviour[]) {
  await host.moveTo(0);
  return startEvilRelay(host.url, port, misbehaviours);
}
