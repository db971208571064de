export { Witness, type WitnessOptions } from '../witness/witness.ts';
export { witnessServer } from '../witness/witness-server.ts';
export { LogBlobStore, type LogBlobStoreOptions } from './log-blob-store.ts';
export { type LogFiles, nodeLogFiles } from './log-files.ts';
