import { ImageWriter, programFiles } from '../../src/index.ts';
import { tempFolder } from './temp-folder.ts';

/** An image with one program of the host as /bin/program, and all it needs. */
export async function imageWith(program: string): Promise<string> {
  const root = tempFolder();
  const writer = await ImageWriter.open(root);
  for (const { source, destination } of programFiles(program, '/bin/program')) await writer.file(source, destination);
  return root;
}
