import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { imageConfigurationText } from '@neo-service-layer/enclave-runtime';
import { type PlatformChanges, SimulatedPlatform } from '@neo-service-layer/sgx-simulator';
import { writeRecipe } from '../../enclave/image-recipe.ts';
import { type HostSettings, settingsOf } from '../../enclave/settings.ts';
import type { Fault } from './fault.ts';

const rebuilt = 'rebuilt';

/** Takes back what an earlier run did to the machine's standing; an update of its microcode stays. */
export async function healMachine({ platformDir }: Pick<HostSettings, 'platformDir'>): Promise<void> {
  const platform = await SimulatedPlatform.open(platformDir);
  await platform.change({ tcbStatus: 'UpToDate', advisoryIds: [] });
}

/** What happens to the machine, its updates, and what lies on its disk. */
export const machineFaults: readonly Fault[] = [
  {
    name: 'microcode-bump',
    what: 'The machine gets a microcode update (a higher CPUSVN), and the enclave starts anew.',
    expected: 'the data is there: keys of the older security version are derived as before',
    isExpected: (before, after) => before.ok && after.ok && after.count === before.count + 1,
    strike: changeMachine(({ cpuSvn }) => ({ cpuSvn: cpuSvn.map((svn, index) => (index === 0 ? svn + 1 : svn)) })),
  },
  {
    name: 'stale-tcb',
    what: 'Intel publishes a weakness of the machine, which lacks the update (TCB status OutOfDate).',
    expected: 'the policy refuses the machine',
    isExpected: (before, after) => before.ok && !after.ok && after.code === 'ERR_EVIDENCE_REJECTED',
    strike: changeMachine(() => ({ tcbStatus: 'OutOfDate', advisoryIds: ['INTEL-SA-00615'] })),
  },
  {
    name: 'rebuild',
    what: 'The host runs another image than the one that the policy names.',
    expected: 'the policy refuses the other measurement',
    isExpected: (before, after) => before.ok && !after.ok && after.code === 'ERR_EVIDENCE_REJECTED',
    strike: async ({ host, settings }) => {
      // Another measured configuration is another measurement.
      const configuration = imageConfigurationText({ audience: rebuilt });
      await host.restart(() => writeRecipe(settingsOf(settings, rebuilt).recipeFile, { configuration }), rebuilt);
      return null;
    },
  },
  {
    name: 'rollback',
    what: 'The host ends the enclave, puts an older copy of its sealed data in place, and starts it again.',
    expected:
      'the older data, under a version that the user has seen before: an enclave that starts cannot know of newer ones, so whoever depends on it compares versions',
    // It was counted up once more before the older copy was put in place.
    isExpected: (before, after) => before.ok && after.ok && after.count === before.count + 1,
    strike: async ({ host, settings, meet }) => {
      const older = join(settings.home, 'older-store');
      await host.restart(async () => {
        await rm(older, { recursive: true, force: true });
        await cp(settings.storeDir, older, { recursive: true });
      });
      await meet();
      await host.restart(async () => {
        await rm(settings.storeDir, { recursive: true });
        await cp(older, settings.storeDir, { recursive: true });
      });
      return null;
    },
  },
];

/** Changes the machine while its enclave is down. */
function changeMachine(changes: (platform: SimulatedPlatform) => PlatformChanges): Fault['strike'] {
  return async ({ host, settings }) => {
    await host.restart(async () => {
      const platform = await SimulatedPlatform.openExisting(settings.platformDir);
      await platform.change(changes(platform));
    });
    return null;
  };
}
