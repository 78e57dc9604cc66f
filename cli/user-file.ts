import { gunzipSync } from 'node:zlib';
import { openFile } from '../scenarios/read-text-file.ts';
import { ScenarioError } from '../sim/assert.ts';

/** The bytes of a file that the user named, unpacked where they are gzip; a {@link ScenarioError} names what is wrong with it. */
export function readUserFile(file: string): Buffer {
  const opened = openFile(file, '', Infinity);
  if (!opened.ok) throw refused(file, opened.message, opened.allowed);
  const { bytes } = opened;
  if (bytes.byteLength === 0) throw refused(file, 'is empty', '');
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unpacked(file, bytes) : bytes;
}

/** What a JSON file holds that the user named; `allowed` is what it should be. */
export function readUserJson(file: string, allowed: string): unknown {
  const text = readUserFile(file).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw refused(file, 'is not JSON', allowed);
  }
}

/** What is read of results that nseh wrote; a {@link ScenarioError} where JSON among them is damaged. */
export function undamaged<T>(directory: string, remedy: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw refused(directory, 'holds a file that is damaged', remedy);
  }
}

function unpacked(file: string, bytes: Buffer): Buffer {
  try {
    return gunzipSync(bytes);
  } catch {
    throw refused(file, 'is gzip that is damaged or cut off', 'the whole file');
  }
}

function refused(place: string, message: string, allowed: string): ScenarioError {
  return new ScenarioError([{ place, message, allowed }]);
}
