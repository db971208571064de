import type { SupervisorMetrics } from '@neo-service-layer/occlum-manager';

const counts = ['starts', 'lost', 'startFailures', 'probeFailures', 'eventErrors', 'calls', 'lostCalls'] as const;

/**
 * Counts of all members of a pool together; `state` and `lastReason` are those of the keeper, as it is what most calls need.
 *
 * @param keeper null for a pool without members
 */
export function pooledMetrics(all: readonly SupervisorMetrics[], keeper: SupervisorMetrics | null): SupervisorMetrics {
  const sums = { starts: 0, lost: 0, startFailures: 0, probeFailures: 0, eventErrors: 0, calls: 0, lostCalls: 0 };
  for (const one of all) for (const name of counts) sums[name] += one[name];
  return { ...sums, state: keeper?.state ?? 'idle', lastReason: keeper?.lastReason ?? null };
}
