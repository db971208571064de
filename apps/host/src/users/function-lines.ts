import type { DeployedFunction } from '@neo-service-layer/tee-interface';
import { table } from '../cli/table.ts';

/** A deployed function, for people. */
export function functionLines({
  functionId,
  functionHash,
  version,
  secrets,
  storage,
  invokers,
}: DeployedFunction): string[] {
  const others = invokers === 'everyone' ? 'everyone' : invokers.join(', ') || 'its owner only';
  return table([
    ['function', functionId],
    ['its hash', functionHash],
    ['version', String(version)],
    ['secrets', secrets.join(', ') || 'none'],
    ['storage', storage ? 'its own' : 'none'],
    ['run by', others],
  ]);
}
