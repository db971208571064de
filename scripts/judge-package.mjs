// What publint and arethetypeswrong say of a packed package. Both are programs as well, but started once for each
// package they spend most of their time on starting.
import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** ESM only: what Node's CommonJS resolution and that of Node 10 make of it does not matter. */
const ignoredResolutions = new Set(['node10', 'node16-cjs']);

/** Problems in words; none is well. Warnings count. */
export async function judgePackage(tarball, folder) {
  const bytes = Uint8Array.from(readFileSync(tarball));
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const { messages } = await publint({ strict: true, pack: { tarball: bytes.buffer } });
  const { types, problems = [] } = await checkPackage(createPackageFromTarballData(bytes));
  const counted = problems.filter(({ resolutionKind }) => !ignoredResolutions.has(resolutionKind));
  return [
    ...messages
      .filter(({ type }) => type !== 'suggestion')
      .map((message) => `publint: ${formatMessage(message, manifest)}`),
    ...(types === false ? ['arethetypeswrong: it has no types'] : []),
    ...counted.map(
      ({ kind, entrypoint, resolutionKind }) => `arethetypeswrong: ${kind} ${entrypoint} ${resolutionKind}`,
    ),
  ];
}
