import type { TcbStatus } from '@neo-service-layer/tee-interface';

/** How Intel rates one component of a platform: the level that was met. */
export interface TcbRating {
  status: TcbStatus;
  tcbDate: string;
  advisoryIds: readonly string[];
}

/**
 * Intel's rule for joining the ratings of components (quoting enclave, TDX module) to that of the platform. It is not
 * "the worse one wins": an outdated component turns a platform that only needs configuration into one that needs
 * both (QVL 4.1.2.5.1 and 4.1.2.5.2, "converge"). One thing is stricter here: Intel lets a component that is
 * OutOfDateConfigurationNeeded pass unnoticed; here it counts as outdated. Intel has never issued one.
 */
export function convergeStatus(platform: TcbStatus, components: readonly TcbStatus[]): TcbStatus {
  if (platform === 'Revoked' || components.includes('Revoked')) return 'Revoked';
  if (!components.includes('OutOfDate') && !components.includes('OutOfDateConfigurationNeeded')) return platform;
  switch (platform) {
    case 'UpToDate':
    case 'SWHardeningNeeded':
      return 'OutOfDate';
    case 'ConfigurationNeeded':
    case 'ConfigurationAndSWHardeningNeeded':
      return 'OutOfDateConfigurationNeeded';
    default:
      return platform;
  }
}

const outdated: readonly TcbStatus[] = ['OutOfDate', 'OutOfDateConfigurationNeeded'];
const current: readonly TcbStatus[] = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
];
const needsConfiguration: readonly TcbStatus[] = [
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDateConfigurationNeeded',
];

/**
 * The status of a TD that says what it was launched on and what runs now: when it was launched on something outdated
 * that has been updated under it, launching it again is all that is left to do (QVL, TD relaunch check). In every
 * other case the launch decides.
 */
export function relaunchStatus(launch: TcbStatus, now: TcbStatus): TcbStatus {
  if (!outdated.includes(launch) || !current.includes(now)) return launch;
  const isConfigured = !needsConfiguration.includes(launch) && !needsConfiguration.includes(now);
  return isConfigured ? 'TDRelaunchAdvised' : 'TDRelaunchAdvisedConfigurationNeeded';
}
