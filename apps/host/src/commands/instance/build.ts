import { basename, posix } from 'node:path';
import { copyBom, generateSigningKey, ImageWriter, programFiles } from '@neo-service-layer/occlum-manager';
import { parseOptions, usage } from '../../cli/arguments.ts';
import type { ExitCode } from '../../cli/output.ts';
import { table } from '../../cli/table.ts';
import { locateManager } from '../../enclave/instance.ts';
import type { CommandContext } from '../command.ts';

/**
 * `neo-tee instance build`: fills the image from a bom or with programs of this machine (each with its libraries), and
 * builds. Without either the image is built as it is.
 */
export async function run({ args, output, settings, signal }: CommandContext): Promise<ExitCode> {
  const { values, positionals } = parseOptions(args, {
    bom: 'value',
    program: 'list',
    'sign-key': 'value',
    'image-key': 'value',
    'allow-built-in-key': 'flag',
  });
  const [dir, ...more] = positionals;
  if (dir === undefined || more.length > 0) throw usage('instance build wants exactly one folder.');
  const { bom, program: programs = [] } = values;
  if (bom !== undefined && programs.length > 0) throw usage('instance build takes --bom or --program, not both.');
  const manager = await locateManager(settings);
  const instance = await manager.openInstance(dir);
  if (values['sign-key'] === undefined) await generateSigningKey(settings.signKeyFile);
  const loader = manager.programLoader;
  const fillImage =
    bom !== undefined
      ? (root: string) => copyBom(bom, { root, loader })
      : programs.length > 0
        ? (root: string) => copyPrograms(programs, root, loader)
        : undefined;
  const imageKey = values['image-key'];
  const { mrEnclave, mrSigner, userData } = await instance.build({
    signKey: values['sign-key'] ?? settings.signKeyFile,
    signal,
    onOutput: (chunk) => output.progress(Buffer.from(chunk).toString().trimEnd()),
    ...(fillImage === undefined ? {} : { fillImage }),
    ...(imageKey === undefined
      ? {}
      : { imageKey: { file: imageKey, delivery: values['allow-built-in-key'] ? 'allow-built-in' : 'init-ra' } }),
  });
  output.document({ ok: true, dir: instance.dir, mrEnclave, mrSigner, userData });
  const rows = [
    ['MRENCLAVE', mrEnclave],
    ['MRSIGNER', mrSigner],
  ];
  for (const line of table(rows)) output.line(line);
  return 0;
}

async function copyPrograms(programs: readonly string[], root: string, loader: string | undefined): Promise<void> {
  const writer = await ImageWriter.open(root);
  for (const program of programs) {
    const files = programFiles(program, posix.join('/bin', basename(program)), { loader });
    for (const { source, destination } of files) await writer.file(source, destination);
  }
}
