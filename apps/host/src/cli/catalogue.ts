import type { CommandEntry } from '../commands/command.ts';

/**
 * Every command with its help. The code of one is loaded when it is called: loading all of them takes longer than most
 * of them run.
 */
export const catalogue: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'Run a JavaScript function inside the enclave.',
    usage:
      'run FILE [--input JSON|@file] [--secrets JSON|@file] [--function-id ID] [--user-id ID] [--timeout-ms N] [--memory-mb N] [--gas N] [--json]',
    example: `run examples/functions/hello.js --input '{"name":"World"}' --function-id hello --user-id alice`,
    load: () => import('../commands/run.ts'),
  },
  {
    name: 'attest',
    summary: 'Start the enclave and show what it proves.',
    usage: 'attest [--json]',
    example: 'attest',
    load: () => import('../commands/attest.ts'),
  },
  {
    name: 'quote verify',
    summary: 'Verify a quote against collateral from a folder, now or at a given time, and say what it proves.',
    usage:
      'quote verify --quote FILE --collateral DIR [--policy FILE] [--at UNIX_SECONDS] [--early DIR] [--root FILE] [--allow-debug] [--allow-simulation] [--no-revocation] [--checks] [--json]',
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
    name: 'image build',
    summary: 'Build the enclave image; print MRENCLAVE, MRSIGNER and what is bundled.',
    usage: 'image build [--json]',
    example: 'image build',
    load: () => import('../commands/image-build.ts'),
  },
  {
    name: 'serve',
    summary: 'Keep an enclave running and relay sealed messages to it over HTTP (loopback).',
    usage: 'serve [--port N] [--exit-with-stdin] [--record FILE]',
    example: 'serve --port 8080',
    load: () => import('../commands/serve.ts'),
  },
];
