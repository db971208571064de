import type { CommandEntry } from '../../commands/command.ts';

/** What enclaves prove, and by what they are judged. */
export const trustCommands: readonly CommandEntry[] = [
  {
    name: 'attest',
    summary: 'Start the enclave and show what it proves; with --out write it down for others.',
    usage: 'attest [--out FILE [--data HEX|@FILE]] [--checks] [--json]',
    example: 'attest',
    load: () => import('../../commands/attest.ts'),
  },
  {
    name: 'quote verify',
    summary: 'Verify a quote, by collateral from a folder or from Intel, and say what it proves.',
    usage:
      'quote verify --quote FILE [--collateral DIR] [--policy FILE] [--at UNIX_SECONDS] [--early DIR|service] [--root FILE] [--allow-debug] [--allow-simulation] [--no-revocation] [--checks] [--json]',
    example: 'quote verify --quote quote.bin --collateral ./collateral --policy policy.json',
    load: () => import('../../commands/quote-verify.ts'),
  },
  {
    name: 'quote inspect',
    summary: 'Show every field of a quote by name, verifying nothing.',
    usage: 'quote inspect FILE [--json]',
    example: 'quote inspect quote.bin',
    load: () => import('../../commands/quote-inspect.ts'),
  },
  {
    name: 'evidence check',
    summary: 'Judge a document of attest --out, offline.',
    usage:
      'evidence check FILE [--policy FILE] [--data HEX|@FILE] [--at UNIX_SECONDS] [--root FILE] [--allow-simulation] [--checks] [--json]',
    example: 'evidence check evidence.cbor --policy policy.json',
    load: () => import('../../commands/evidence-check.ts'),
  },
  {
    name: 'receipt verify',
    summary: 'Did an enclave that the policy accepts run this? Checks a receipt of run --receipt, offline.',
    usage:
      'receipt verify FILE --policy FILE [--evidence FILE] [--function FILE [--allow …]...] [--input JSON|@file] [--output JSON|@file] [--salts FILE] [--at UNIX_SECONDS] [--root FILE] [--allow-simulation] [--checks] [--json]',
    example: `receipt verify price.receipt --policy policy.json --function price.ts --output '{"price":12.5}'`,
    load: () => import('../../commands/receipt/verify.ts'),
  },
  {
    name: 'receipt inspect',
    summary: 'Show what a receipt says, verifying nothing.',
    usage: 'receipt inspect FILE [--json]',
    example: 'receipt inspect price.receipt',
    load: () => import('../../commands/receipt/inspect.ts'),
  },
  {
    name: 'policy new',
    summary: 'Build the image, and write the policy that accepts exactly it.',
    usage: 'policy new [--out FILE] [--json]',
    example: 'policy new --out policy.json',
    load: () => import('../../commands/policy-new.ts'),
  },
  {
    name: 'policy check',
    summary: 'Is a file a valid policy? With --strict: and has it nothing weak in it?',
    usage: 'policy check FILE [--strict] [--json]',
    example: 'policy check policy.json --strict',
    load: () => import('../../commands/policy-check.ts'),
  },
  {
    name: 'policy explain',
    summary: 'Say in sentences what a policy demands, and what is weak about it.',
    usage: 'policy explain FILE [--json]',
    example: 'policy explain policy.json',
    load: () => import('../../commands/policy-explain.ts'),
  },
  {
    name: 'policy diff',
    summary: 'Do two policies demand the same? Lists what changes from the first to the second.',
    usage: 'policy diff BEFORE AFTER [--json]',
    example: 'policy diff policy.json policy.next.json',
    load: () => import('../../commands/policy-diff.ts'),
  },
  {
    name: 'policy schema',
    summary: 'Print the JSON Schema of a policy, for editors.',
    usage: 'policy schema',
    example: 'policy schema > policy.schema.json',
    load: () => import('../../commands/policy-schema.ts'),
  },
];
