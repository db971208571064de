import type { CommandEntry } from '../commands/command.ts';

/**
 * Every command with its help. The code of one is loaded when it is called: loading all of them takes longer than most
 * of them run.
 */
export const catalogue: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'Run a JavaScript or TypeScript function inside the enclave; with --sandbox-only without one.',
    usage:
      'run FILE [--input JSON|@file] [--secrets JSON|@file] [--function-id ID] [--user-id ID [--user-key PEM]] [--timeout-ms N] [--memory-mb N] [--gas N] [--allow crypto,timers,eval,http:HOST]... [--repeat N] [--receipt FILE] [--sandbox-only [--engine quickjs-wasm|v8-isolate]] [--json]',
    example: `run examples/functions/hello.js --input '{"name":"World"}' --function-id hello --user-id alice`,
    load: () => import('../commands/run.ts'),
  },
  {
    name: 'attest',
    summary: 'Start the enclave and show what it proves; with --out write it down for others.',
    usage: 'attest [--out FILE [--data HEX|@FILE]] [--checks] [--json]',
    example: 'attest',
    load: () => import('../commands/attest.ts'),
  },
  {
    name: 'quote verify',
    summary: 'Verify a quote, by collateral from a folder or from Intel, and say what it proves.',
    usage:
      'quote verify --quote FILE [--collateral DIR] [--policy FILE] [--at UNIX_SECONDS] [--early DIR|service] [--root FILE] [--allow-debug] [--allow-simulation] [--no-revocation] [--checks] [--json]',
    example: 'quote verify --quote quote.bin --collateral ./collateral --policy policy.json',
    load: () => import('../commands/quote-verify.ts'),
  },
  {
    name: 'quote inspect',
    summary: 'Show every field of a quote by name, verifying nothing.',
    usage: 'quote inspect FILE [--json]',
    example: 'quote inspect quote.bin',
    load: () => import('../commands/quote-inspect.ts'),
  },
  {
    name: 'evidence check',
    summary: 'Judge a document of attest --out, offline.',
    usage:
      'evidence check FILE [--policy FILE] [--data HEX|@FILE] [--at UNIX_SECONDS] [--root FILE] [--allow-simulation] [--checks] [--json]',
    example: 'evidence check evidence.cbor --policy policy.json',
    load: () => import('../commands/evidence-check.ts'),
  },
  {
    name: 'receipt verify',
    summary: 'Did an enclave that the policy accepts run this? Checks a receipt of run --receipt, offline.',
    usage:
      'receipt verify FILE --policy FILE [--evidence FILE] [--function FILE [--allow …]...] [--input JSON|@file] [--output JSON|@file] [--salts FILE] [--at UNIX_SECONDS] [--root FILE] [--allow-simulation] [--checks] [--json]',
    example: `receipt verify price.receipt --policy policy.json --function price.ts --output '{"price":12.5}'`,
    load: () => import('../commands/receipt/verify.ts'),
  },
  {
    name: 'receipt inspect',
    summary: 'Show what a receipt says, verifying nothing.',
    usage: 'receipt inspect FILE [--json]',
    example: 'receipt inspect price.receipt',
    load: () => import('../commands/receipt/inspect.ts'),
  },
  {
    name: 'policy check',
    summary: 'Is a file a valid policy? With --strict: and has it nothing weak in it?',
    usage: 'policy check FILE [--strict] [--json]',
    example: 'policy check policy.json --strict',
    load: () => import('../commands/policy-check.ts'),
  },
  {
    name: 'policy explain',
    summary: 'Say in sentences what a policy demands, and what is weak about it.',
    usage: 'policy explain FILE [--json]',
    example: 'policy explain policy.json',
    load: () => import('../commands/policy-explain.ts'),
  },
  {
    name: 'policy diff',
    summary: 'Do two policies demand the same? Lists what changes from the first to the second.',
    usage: 'policy diff BEFORE AFTER [--json]',
    example: 'policy diff policy.json policy.next.json',
    load: () => import('../commands/policy-diff.ts'),
  },
  {
    name: 'policy schema',
    summary: 'Print the JSON Schema of a policy, for editors.',
    usage: 'policy schema',
    example: 'policy schema > policy.schema.json',
    load: () => import('../commands/policy-schema.ts'),
  },
  {
    name: 'image build',
    summary: 'Build the enclave image; print MRENCLAVE, MRSIGNER and what is bundled.',
    usage:
      'image build [--keyring enclave|signer|grant [--approver PEM]... [--threshold N] [--grant-status STATUS]... [--grant-root FILE]...] [--holder PEM]... [--holders-needed N] [--security-version N] [--product-id N] [--users FILE] [--audience NAME] [--post-quantum] [--json]',
    example: 'image build --keyring grant --approver alice.pem.pub --approver bob.pem.pub --threshold 2',
    load: () => import('../commands/image-build.ts'),
  },
  {
    name: 'image inspect',
    summary: 'List every file of the enclave image, with sizes and hashes.',
    usage: 'image inspect [--json]',
    example: 'image inspect',
    load: () => import('../commands/image-inspect.ts'),
  },
  {
    name: 'seal inspect',
    summary: 'Say what a sealed blob, a keyring file, an approval or a grant says about itself; no key is used.',
    usage: 'seal inspect FILE [--json]',
    example: 'seal inspect state.sealed',
    load: () => import('../commands/seal-inspect.ts'),
  },
  {
    name: 'keyring status',
    summary: 'Which keyring the enclave seals with. Exit code 2 when it has one that cannot be opened.',
    usage: 'keyring status [--json]',
    example: 'keyring status',
    load: () => import('../commands/keyring/status.ts'),
  },
  {
    name: 'keyring new-key',
    summary: 'Make a key for someone who approves hand-overs; with --holder for someone who can recover.',
    usage: 'keyring new-key FILE [--holder] [--json]',
    example: 'keyring new-key alice.pem',
    load: () => import('../commands/keyring/new-key.ts'),
  },
  {
    name: 'keyring approve',
    summary: 'Sign, offline, that a keyring may go from one measurement to another; signatures collect in one file.',
    usage:
      'keyring approve --file APPROVAL --key PEM [--keyring ID --from MRENCLAVE --to MRENCLAVE [--min-isv-svn N] --days N|--not-after UNIX_SECONDS] [--json]',
    example: 'keyring approve --file approval.cbor --key alice.pem',
    load: () => import('../commands/keyring/approve.ts'),
  },
  {
    name: 'keyring grant',
    summary: 'Hand the keyring of this enclave over to another one that enough approvers have signed for.',
    usage: 'keyring grant --approval FILE (--to INSTANCE | --request FILE --out FILE) [--json]',
    example: 'keyring grant --approval approval.cbor --to v2',
    load: () => import('../commands/keyring/grant.ts'),
  },
  {
    name: 'keyring receive',
    summary: 'Ask for the keyring of an enclave on another machine, wait for its grant, and take it.',
    usage: 'keyring receive --request FILE --in FILE [--wait-seconds N] [--json]',
    example: 'keyring receive --request request.cbor --in grant.cbor',
    load: () => import('../commands/keyring/receive.ts'),
  },
  {
    name: 'keyring rotate',
    summary: 'Seal under a new key from now on; what was sealed before still opens.',
    usage: 'keyring rotate [--json]',
    example: 'keyring rotate',
    load: () => import('../commands/keyring/rotate.ts'),
  },
  {
    name: 'keyring backup',
    summary: 'Encrypt the keyring to the holders that the image names, for keyring recover.',
    usage: 'keyring backup --out FILE [--json]',
    example: 'keyring backup --out backup.cbor',
    load: () => import('../commands/keyring/backup.ts'),
  },
  {
    name: 'keyring recover',
    summary: 'Ask the holders for their shares of a backup, wait for them, and recover the keyring.',
    usage: 'keyring recover --backup FILE --request FILE --share FILE... [--wait-seconds N] [--json]',
    example: 'keyring recover --backup backup.cbor --request ask.cbor --share one.share --share two.share',
    load: () => import('../commands/keyring/recover.ts'),
  },
  {
    name: 'keyring share',
    summary: 'As a holder, offline: seal the share of a backup to the enclave that asks, if a policy of yours holds.',
    usage:
      'keyring share --backup FILE --sha256 HEX --request FILE --policy FILE --key PEM --out FILE [--root FILE] [--json]',
    example:
      'keyring share --backup backup.cbor --sha256 5f3c… --request ask.cbor --policy policy.json --key carol.pem --out one.share',
    load: () => import('../commands/keyring/share.ts'),
  },
  {
    name: 'keyring renew',
    summary: 'Make a new keyring for an enclave that cannot open its own; what the old one sealed stays closed.',
    usage: 'keyring renew [--json]',
    example: 'keyring renew',
    load: () => import('../commands/keyring/renew.ts'),
  },
  {
    name: 'serve',
    summary: 'Keep an enclave running and relay sealed messages to it over HTTP (loopback).',
    usage: 'serve [--port N] [--exit-with-stdin] [--record FILE]',
    example: 'serve --port 8080',
    load: () => import('../commands/serve.ts'),
  },
  {
    name: 'doctor',
    summary: 'Check whether enclaves can run on this machine; say for each thing that is missing what to type next.',
    usage: 'doctor [--node FILE] [--json]',
    example: 'doctor',
    load: () => import('../commands/doctor.ts'),
  },
  {
    name: 'instance new',
    summary: 'Make an Occlum instance for any kind of program.',
    usage:
      'instance new DIR [--preset native|node|python|java] [--entry PATH]... [--untrusted-env NAME]... [--allow-debug] [--json]',
    example: 'instance new ./tool.inst --preset native',
    load: () => import('../commands/instance/new.ts'),
  },
  {
    name: 'instance build',
    summary: 'Fill the image and build it; print what it measures to.',
    usage:
      'instance build DIR [--bom FILE | --program FILE...] [--sign-key FILE] [--image-key FILE [--allow-built-in-key]] [--json]',
    example: 'instance build ./tool.inst --program /usr/bin/sha256sum',
    load: () => import('../commands/instance/build.ts'),
  },
  {
    name: 'instance run',
    summary: 'Run a program in an enclave of its own.',
    usage: 'instance run [--env NAME=VALUE]... [--json] DIR PROGRAM [--] [ARGUMENT]...',
    example: 'instance run ./tool.inst /bin/sha256sum /etc/hosts',
    load: () => import('../commands/instance/run.ts'),
  },
  {
    name: 'instance start',
    summary: 'Start an enclave that programs can be run in one after the other.',
    usage: 'instance start DIR [--json]',
    example: 'instance start ./tool.inst',
    load: () => import('../commands/instance/start.ts'),
  },
  {
    name: 'instance exec',
    summary: 'Run a program in the started enclave.',
    usage: 'instance exec [--env NAME=VALUE]... [--json] DIR PROGRAM [--] [ARGUMENT]...',
    example: 'instance exec ./tool.inst /bin/sha256sum /etc/hosts',
    load: () => import('../commands/instance/exec.ts'),
  },
  {
    name: 'instance stop',
    summary: 'End the started enclave.',
    usage: 'instance stop DIR [--json]',
    example: 'instance stop ./tool.inst',
    load: () => import('../commands/instance/stop.ts'),
  },
  {
    name: 'instance status',
    summary: 'Is it built, and does its enclave run? Exit code 2 when it is not built.',
    usage: 'instance status DIR [--json]',
    example: 'instance status ./tool.inst',
    load: () => import('../commands/instance/status.ts'),
  },
  {
    name: 'instance inspect',
    summary: 'List what is in the image, with sizes and hashes.',
    usage: 'instance inspect DIR [--json]',
    example: 'instance inspect ./tool.inst',
    load: () => import('../commands/instance/inspect.ts'),
  },
  {
    name: 'instance package',
    summary: 'Pack the build for another machine.',
    usage: 'instance package DIR [--name NAME] [--allow-debug] [--allow-simulation] [--json]',
    example: 'instance package ./tool.inst',
    load: () => import('../commands/instance/package.ts'),
  },
];
