import type { SupervisorMetrics } from '@neo-service-layer/occlum-manager';

/** What the supervisor of an enclave says that serves, was started three times, and lost twice. */
export const counts: SupervisorMetrics = {
  state: 'ready',
  starts: 3,
  lost: 2,
  startFailures: 1,
  probeFailures: 0,
  eventErrors: 0,
  calls: 0,
  lostCalls: 0,
  lastReason: null,
};
