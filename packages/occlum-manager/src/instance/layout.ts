import { join } from 'node:path';

/** The paths of one instance (occlum-contract §1.4) and, below `.manager`, what this package keeps beside them. */
export function instanceLayout(dir: string) {
  const own = join(dir, '.manager');
  return {
    status: join(dir, '.__occlum_status'),
    config: join(dir, 'Occlum.json'),
    image: join(dir, 'image'),
    initRaConfig: join(dir, 'init_ra_conf.json'),
    build: join(dir, 'build'),
    run: join(dir, 'run'),
    execSocket: join(dir, 'run', 'occlum_exec.sock'),
    sgxMode: join(dir, '.sgx_mode'),
    imageConfig: join(dir, 'build', 'image_config.json'),
    /** Written last: without it a build is not whole. Lies in `build`, so it goes where the build goes. */
    marker: join(dir, 'build', 'manager.json'),
    /** What must be there, and not empty, in a whole build (§9.4). */
    artefacts: [
      join(dir, 'build', 'Enclave.xml'),
      join(dir, 'build', '.Occlum_sys.json.protected'),
      join(dir, 'build', 'lib', 'libocclum-libos.signed.so'),
    ],
    writableRoot: join(dir, 'run', 'mount', '__ROOT'),
    own,
    lock: join(own, 'lock'),
    previousBuild: join(own, 'previous-build'),
    previousConfig: join(own, 'previous-Occlum.json'),
    previousImage: join(own, 'previous-image'),
    nextImage: join(own, 'next-image'),
    pendingRun: join(own, 'pending-run'),
    keptRuns: join(own, 'kept-run'),
    serverLog: join(own, 'server.log'),
  };
}

/** See {@link instanceLayout}. */
export type InstanceLayout = ReturnType<typeof instanceLayout>;
