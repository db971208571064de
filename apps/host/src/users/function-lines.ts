import type { DeployedFunction, FunctionStorage } from '@neo-service-layer/tee-interface';
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
    ['storage', storageLine(storage)],
    ['run by', others],
  ]);
}

function storageLine(storage: FunctionStorage): string {
  if (storage === 'pinned') return 'its own, out of reach of any other version';
  return storage ? 'its own' : 'none';
}
