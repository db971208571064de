import type { CommandEntry } from '../../commands/command.ts';

/** Sealed data and the keys it is sealed with. */
export const keyringsCommands: readonly CommandEntry[] = [
  {
    name: 'seal inspect',
    summary: 'Say what a sealed blob, a keyring file, an approval or a grant says about itself; no key is used.',
    usage: 'seal inspect FILE [--json]',
    example: 'seal inspect state.sealed',
    load: () => import('../../commands/seal-inspect.ts'),
  },
  {
    name: 'keyring status',
    summary: 'Which keyring the enclave seals with. Exit code 2 when it has one that cannot be opened.',
    usage: 'keyring status [--json]',
    example: 'keyring status',
    load: () => import('../../commands/keyring/status.ts'),
  },
  {
    name: 'keyring new-key',
    summary: 'Make a key for someone who approves hand-overs; with --holder for someone who can recover.',
    usage: 'keyring new-key FILE [--holder] [--json]',
    example: 'keyring new-key alice.pem',
    load: () => import('../../commands/keyring/new-key.ts'),
  },
  {
    name: 'keyring approve',
    summary: 'Sign, offline, that a keyring may go from one measurement to another; signatures collect in one file.',
    usage:
      'keyring approve --file APPROVAL --key PEM [--keyring ID --from MRENCLAVE --to MRENCLAVE [--min-isv-svn N] --days N|--not-after UNIX_SECONDS] [--json]',
    example: 'keyring approve --file approval.cbor --key alice.pem',
    load: () => import('../../commands/keyring/approve.ts'),
  },
  {
    name: 'keyring grant',
    summary: 'Hand the keyring of this enclave over to another one that enough approvers have signed for.',
    usage: 'keyring grant --approval FILE (--to INSTANCE | --request FILE --out FILE) [--json]',
    example: 'keyring grant --approval approval.cbor --to v2',
    load: () => import('../../commands/keyring/grant.ts'),
  },
  {
    name: 'keyring receive',
    summary: 'Ask for the keyring of an enclave on another machine, wait for its grant, and take it.',
    usage: 'keyring receive --request FILE --in FILE [--wait-seconds N] [--json]',
    example: 'keyring receive --request request.cbor --in grant.cbor',
    load: () => import('../../commands/keyring/receive.ts'),
  },
  {
    name: 'keyring rotate',
    summary: 'Seal under a new key from now on; what was sealed before still opens.',
    usage: 'keyring rotate [--json]',
    example: 'keyring rotate',
    load: () => import('../../commands/keyring/rotate.ts'),
  },
  {
    name: 'keyring backup',
    summary: 'Encrypt the keyring to the holders that the image names, for keyring recover.',
    usage: 'keyring backup --out FILE [--json]',
    example: 'keyring backup --out backup.cbor',
    load: () => import('../../commands/keyring/backup.ts'),
  },
  {
    name: 'keyring recover',
    summary: 'Ask the holders for their shares of a backup, wait for them, and recover the keyring.',
    usage: 'keyring recover --backup FILE --request FILE --share FILE... [--wait-seconds N] [--json]',
    example: 'keyring recover --backup backup.cbor --request ask.cbor --share one.share --share two.share',
    load: () => import('../../commands/keyring/recover.ts'),
  },
  {
    name: 'keyring share',
    summary: 'As a holder, offline: seal the share of a backup to the enclave that asks, if a policy of yours holds.',
    usage:
      'keyring share --backup FILE --sha256 HEX --request FILE --policy FILE --key PEM --out FILE [--root FILE] [--json]',
    example:
      'keyring share --backup backup.cbor --sha256 5f3c… --request ask.cbor --policy policy.json --key carol.pem --out one.share',
    load: () => import('../../commands/keyring/share.ts'),
  },
  {
    name: 'keyring renew',
    summary: 'Make a new keyring for an enclave that cannot open its own; what the old one sealed stays closed.',
    usage: 'keyring renew [--json]',
    example: 'keyring renew',
    load: () => import('../../commands/keyring/renew.ts'),
  },
];
