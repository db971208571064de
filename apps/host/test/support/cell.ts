/** The cell of the matrix that this run tests; turbo runs all four. */
export const cell: { rootfs: 'image' | 'none'; seal: 'enclave' | 'signer' } = {
  rootfs: process.env['E2E_ROOTFS'] === 'none' ? 'none' : 'image',
  seal: process.env['E2E_SEAL'] === 'signer' ? 'signer' : 'enclave',
};
