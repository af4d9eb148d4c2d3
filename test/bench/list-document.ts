/** A list as the legacy service sends it, for benchmarks. */
import { createGeneratedList } from '../emulator/generated-list.ts';

const head = '<response>\n<result>success</result>\n<result_description></result_description>\n<data>\n';
const tail = '</data>\n</response>\n';

/** With this many recordings of about 180 bytes. */
export function createListDocument(count: number): Buffer<ArrayBuffer> {
  const records = createGeneratedList(count, 0).chunks(new Set());
  return Buffer.concat([Buffer.from(head), ...records, Buffer.from(tail)]);
}
