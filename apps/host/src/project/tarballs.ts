import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';

/** The packages of a folder that `npm run pack` filled: the name of each with its tarball. @throws {TeeError} ERR_INVALID_ARGUMENT when there are none */
export function packedPackages(folder: string): Record<string, string> {
  const found = Object.fromEntries(
    names(folder).flatMap((file) => {
      const name = /^neo-service-layer-(.+)-\d+\.\d+\.\d+[^-]*\.tgz$/.exec(file)?.[1];
      return name === undefined ? [] : [[`@neo-service-layer/${name}`, join(folder, file)]];
    }),
  );
  if (Object.keys(found).length > 0) return found;
  throw new TeeError('ERR_INVALID_ARGUMENT', `${folder} holds no packages.`, {
    expected: 'neo-service-layer-….tgz',
    hint: 'npm run pack, in a checkout, fills the folder packed.',
  });
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
