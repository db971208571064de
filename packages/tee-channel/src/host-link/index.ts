export { encodeLinkFrame, type LinkFrame, LinkFrameReader, maxFrameBytes } from './frame.ts';
export {
  answerHostBlobs,
  type HostBlobs,
  hostBlobsOver,
  isHostBlobKey,
  maxHostBlobBytes,
} from './host-blobs.ts';
export { answerHostStore, firstThatKnows, type HostStore, hostStoreOver } from './host-store.ts';
export { type ByteStream, HostLink, type LinkHandler } from './link.ts';
export { hostCalls, linkCalls, linkNotices } from './vocabulary.ts';
