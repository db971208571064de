export { type FoundSigStruct, findSigStruct } from './find-sigstruct.ts';
export { parseSigStruct, type SigStruct, sigStructSize } from './parse-sigstruct.ts';
export { type SigStructVerdict, verifySigStruct } from './verify-sigstruct.ts';
