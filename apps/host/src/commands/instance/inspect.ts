import { inspectImage, type OcclumInstance } from '@neo-service-layer/occlum-manager';
import { parseOptions, usage } from '../../cli/arguments.ts';
import { type ExitCode, type Output, printable } from '../../cli/output.ts';
import { table } from '../../cli/table.ts';
import { openInstance } from '../../enclave/instance.ts';
import type { CommandContext } from '../command.ts';

/** `neo-tee instance inspect`: what is in the image, with sizes and hashes. */
export async function run({ args, output, settings }: CommandContext): Promise<ExitCode> {
  const { positionals } = parseOptions(args, {});
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw usage('instance inspect wants exactly one folder.');
  return showImage(await openInstance(settings, dir), output);
}

/** Lists an instance's image. */
export async function showImage(instance: OcclumInstance, output: Output): Promise<ExitCode> {
  const { entries, files, bytes } = await inspectImage(instance.imageDir);
  output.document({ ok: true, dir: instance.dir, files, bytes, entries });
  const rows = entries.map(({ path, type, mode, size, sha256, elf }) => [
    (mode & 0o7777).toString(8).padStart(4, '0'),
    type === 'file' ? String(size).padStart(10) : type.padStart(10),
    sha256?.slice(0, 16) ?? '',
    `${path}${elf === null ? '' : ` (${elf === 'broken' ? 'a broken ELF file' : `ELF, ${elf.type}`})`}`,
  ]);
  for (const line of table(rows)) output.line(printable(line));
  output.line(`${files} files, ${bytes} bytes`);
  return 0;
}
