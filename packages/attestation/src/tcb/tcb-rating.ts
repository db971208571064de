import type { TcbStatus } from '@neo-service-layer/tee-interface';

/** How Intel rates one component of a platform: the level that was met. */
export interface TcbRating {
  status: TcbStatus;
  tcbDate: string;
  advisoryIds: readonly string[];
}

/**
 * Intel's rule for joining the rating of a component (quoting enclave, TDX module) to that of the platform. It is not
 * "the worse one wins": an outdated component turns a platform that only needs configuration into one that needs
 * both, and any component rating other than OutOfDate and Revoked changes nothing (QVL, converge of TCB statuses).
 */
export function convergeStatus(platform: TcbStatus, component: TcbStatus): TcbStatus {
  if (platform === 'Revoked' || component === 'Revoked') return 'Revoked';
  if (component !== 'OutOfDate') return platform;
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
