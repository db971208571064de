import type { CommandEntry } from '../../commands/command.ts';

/** Images of enclaves, and Occlum instances of any program. */
export const imagesCommands: readonly CommandEntry[] = [
  {
    name: 'image build',
    summary: 'Build the enclave image; print MRENCLAVE, MRSIGNER and what is bundled.',
    usage:
      'image build [--keyring enclave|signer|grant [--approver PEM]... [--threshold N] [--grant-status STATUS]... [--grant-root FILE]...] [--holder PEM]... [--holders-needed N] [--security-version N] [--product-id N] [--users FILE] [--audience NAME] [--post-quantum] [--json]',
    example: 'image build --keyring grant --approver alice.pem.pub --approver bob.pem.pub --threshold 2',
    load: () => import('../../commands/image-build.ts'),
  },
  {
    name: 'image inspect',
    summary: 'List every file of the enclave image, with sizes and hashes.',
    usage: 'image inspect [--json]',
    example: 'image inspect',
    load: () => import('../../commands/image-inspect.ts'),
  },
  {
    name: 'image measure',
    summary: 'Measure an installed image, and compare it with a provenance file, or write one.',
    usage: 'image measure [INSTANCE] [--provenance FILE] [--out FILE] [--json]',
    example: 'image measure --provenance provenance.json',
    load: () => import('../../commands/image-measure.ts'),
  },
  {
    name: 'sigstruct view',
    summary: 'Read MRENCLAVE, MRSIGNER, versions and attributes out of a signed enclave, and verify its signature.',
    usage: 'sigstruct view FILE [--json]',
    example: 'sigstruct view .tee/instances/runtime.inst/build/lib/libocclum-libos.signed.so',
    load: () => import('../../commands/sigstruct/view.ts'),
  },
  {
    name: 'instance new',
    summary: 'Make an Occlum instance for any kind of program.',
    usage:
      'instance new DIR [--preset native|node|python|java] [--entry PATH]... [--untrusted-env NAME]... [--allow-debug] [--json]',
    example: 'instance new ./tool.inst --preset native',
    load: () => import('../../commands/instance/new.ts'),
  },
  {
    name: 'instance build',
    summary: 'Fill the image and build it; print what it measures to.',
    usage:
      'instance build DIR [--bom FILE | --program FILE...] [--sign-key FILE] [--image-key FILE [--allow-built-in-key]] [--json]',
    example: 'instance build ./tool.inst --program /usr/bin/sha256sum',
    load: () => import('../../commands/instance/build.ts'),
  },
  {
    name: 'instance run',
    summary: 'Run a program in an enclave of its own.',
    usage: 'instance run [--env NAME=VALUE]... [--json] DIR PROGRAM [--] [ARGUMENT]...',
    example: 'instance run ./tool.inst /bin/sha256sum /etc/hosts',
    load: () => import('../../commands/instance/run.ts'),
  },
  {
    name: 'instance start',
    summary: 'Start an enclave that programs can be run in one after the other.',
    usage: 'instance start DIR [--json]',
    example: 'instance start ./tool.inst',
    load: () => import('../../commands/instance/start.ts'),
  },
  {
    name: 'instance exec',
    summary: 'Run a program in the started enclave.',
    usage: 'instance exec [--env NAME=VALUE]... [--json] DIR PROGRAM [--] [ARGUMENT]...',
    example: 'instance exec ./tool.inst /bin/sha256sum /etc/hosts',
    load: () => import('../../commands/instance/exec.ts'),
  },
  {
    name: 'instance stop',
    summary: 'End the started enclave.',
    usage: 'instance stop DIR [--json]',
    example: 'instance stop ./tool.inst',
    load: () => import('../../commands/instance/stop.ts'),
  },
  {
    name: 'instance status',
    summary: 'Is it built, and does its enclave run? Exit code 2 when it is not built.',
    usage: 'instance status DIR [--json]',
    example: 'instance status ./tool.inst',
    load: () => import('../../commands/instance/status.ts'),
  },
  {
    name: 'instance inspect',
    summary: 'List what is in the image, with sizes and hashes.',
    usage: 'instance inspect DIR [--json]',
    example: 'instance inspect ./tool.inst',
    load: () => import('../../commands/instance/inspect.ts'),
  },
  {
    name: 'instance package',
    summary: 'Pack the build for another machine.',
    usage: 'instance package DIR [--name NAME] [--allow-debug] [--allow-simulation] [--json]',
    example: 'instance package ./tool.inst',
    load: () => import('../../commands/instance/package.ts'),
  },
];
