import { type Diagnosis, firstRule, type Rule } from './diagnosis.ts';

/**
 * What a build prints about a fault, often far from where it fails (occlum-contract §2.3): the checks of Occlum.json
 * only print a line and succeed, and signing dies of it. Nothing here comes from a program, so any line counts.
 */
const rules: readonly Rule[] = [
  [/The (\w+) "[^"]*" is not correct/, 'a size in Occlum.json is not one', 'Write it like "300MB", without fraction.'],
  [/wrong configuration/, 'a maximum in Occlum.json is below what it bounds', 'Raise it, or leave it out.'],
  [/Invalid cache_size/, 'a cache_size does not fit', 'At least 192KB, a multiple of 4KB, below the kernel heap.'],
  [/The disk_size /, 'an ext2 mount has no proper disk_size', 'Give at least 5GB.'],
  [/Mount configuration invalid/, 'the root mount is not as Occlum wants it', 'Make it with occlumConfig().'],
  [/not a valid Occlum configuration file/, 'Occlum.json lacks a field or has one of another type', 'See the line.'],
  [/64 bit hex string ID required/, 'a KSS identity is not hex', 'Write it like "0x1234567812345678".'],
  [/Ext2 enabled but mke2fs/, 'ext2 needs mke2fs on the host', 'Install e2fsprogs.'],
  [/invalid signing (key|tool) path/, 'a file to sign with is not there', 'Check the paths given to build().'],
  [/invalid secure image key path/, 'the image key is not there', 'Make one with generateImageKey().'],
  [/No space left on device|ENOSPC/, 'the disk is full', 'Free two to three times the size of the image.'],
  [
    /Error 137\b|^Killed\b|out of memory/i,
    'a tool was killed, most likely for want of memory',
    'Make the image smaller.',
  ],
  [
    /Illegal instruction|SIGILL/i,
    'this processor lacks what the tools use',
    'Build on a newer processor (issue 1285).',
  ],
  [/No rule to make target.*__ROOT/, 'the image folder is missing', 'Fill imageDir, or give fillImage.'],
  [/command not found|No such file or directory.*(jq|make|objcopy)/, 'a tool of the host is missing', 'See the line.'],
];

/** Recognises why a build failed; null when its output says nothing known. */
export function recogniseBuildFailure(stdout: string, stderr: string): Diagnosis | null {
  return firstRule(rules, `${stdout}\n${stderr}`);
}
