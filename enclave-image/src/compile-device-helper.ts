import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TeeError } from '@neo-service-layer/tee-interface';
import { packageFolder, runtimePackage } from './recipe-files.ts';

/** Name in `/app` of the image; the runtime looks for it there. */
export const deviceHelperName = 'sgx-ioctl.node';

/**
 * Compiles the native helper with which Node reaches a real `/dev/sgx`, of the attestation package that the runtime
 * was built with. It needs libc alone. The same compiler gives the same bytes in any folder; another compiler gives
 * others, and with them another measurement. Never run on hardware.
 *
 * @param compiler name or path of a C compiler
 * @throws {TeeError} ERR_OCCLUM_IMAGE when the compiler is missing or refuses
 */
export async function compileDeviceHelper(compiler = 'gcc'): Promise<Uint8Array> {
  const runtime = join(packageFolder(runtimePackage), 'package.json');
  const source = join(packageFolder('@neo-service-layer/attestation', runtime), 'native', 'sgx-ioctl.c');
  const folder = await mkdtemp(join(tmpdir(), 'sgx-ioctl-'));
  const output = join(folder, deviceHelperName);
  // Symbols and build ids would bring names and hashes of the machine into what is measured.
  const flags = ['-std=gnu11', '-O2', '-shared', '-fPIC', '-s', '-Wl,--build-id=none,-z,relro,-z,now'];
  try {
    await promisify(execFile)(compiler, [...flags, '-o', output, source]);
    return await readFile(output);
  } catch (cause) {
    throw new TeeError('ERR_OCCLUM_IMAGE', 'The helper for /dev/sgx cannot be compiled.', {
      expected: `a C compiler named ${compiler}, and the C library's headers`,
      hint: 'apt-get install gcc libc6-dev; images for the simulation do without.',
      cause,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
