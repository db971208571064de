import { userNamespaces } from './namespaces.ts';

/** The cell of the matrix that this run tests; turbo runs all four. */
export const cell: { rootfs: 'image' | 'none'; seal: 'enclave' | 'signer' } = {
  rootfs: process.env['E2E_ROOTFS'] === 'none' ? 'none' : 'image',
  seal: process.env['E2E_SEAL'] === 'signer' ? 'signer' : 'enclave',
};

/** What the cell's tests are called where they cannot run, or null where they can. */
export const cellSkipped: string | null =
  cell.rootfs === 'image' && !userNamespaces ? 'skipped: no user namespaces for the rooted cell' : null;
